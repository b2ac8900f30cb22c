"""A font that has the letters of a test and no other: read and embedded in no time."""

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def write_font(path: Path, letters: str) -> None:
    """Write a font in which each of these letters is a square."""
    square = TTGlyphPen(None)
    square.moveTo((0, 0))
    for corner in ((0, 700), (700, 700), (700, 0)):
        square.lineTo(corner)
    square.closePath()
    named = {ord(letter): f"letter{ord(letter)}" for letter in letters}
    names = [".notdef", *named.values()]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap(named)
    font.setupGlyf(dict.fromkeys(names, square.glyph()))
    font.setupHorizontalMetrics(dict.fromkeys(names, (800, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Tiny", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(path)
