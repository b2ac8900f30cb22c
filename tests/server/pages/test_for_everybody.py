"""Pages for those without a mouse or without eyes: headings, captions, labels, contrast."""

import re
from html.parser import HTMLParser

import pytest
from browsing import INSTRUCTORS, STUDENTS, Browser

from grader.server.web.rendering import STYLE


class _Outline(HTMLParser):
    """What somebody without a mouse or without eyes needs of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.tables = self.captions = self.headings = self.unscoped = 0
        self.charts: list[str | None] = []
        self.identifiers: list[str] = []
        self._labels = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.headings += tag == "h1"
        self.unscoped += tag == "th" and "scope" not in given
        self._labels += tag == "label"
        if given.get("id"):
            self.identifiers.append(given["id"] or "")
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden" and "hidden" not in given:
            assert self._labels, f"{tag} {given.get('name')} has no label"
        if tag == "svg" and "aria-hidden" not in given:
            self.charts.append(given.get("aria-label"))
        assert "style" not in given, "no style may stand in a page"
        assert not any(name.startswith("on") for name in given), "no script may stand in a page"

    def handle_endtag(self, tag: str) -> None:
        self._labels -= tag == "label"


@pytest.mark.parametrize("path", [*STUDENTS, *INSTRUCTORS, "/", "/docs", "/project/2", "/nothing"])
def test_a_page_has_one_heading_captioned_tables_labelled_fields_and_described_charts(
    instructor: Browser, path: str
) -> None:
    found = _Outline(instructor.get(path).text)
    assert found.headings == 1
    assert found.tables == found.captions
    assert found.unscoped == 0
    assert all(found.charts)
    assert len(found.identifiers) == len(set(found.identifiers))


def _contrast(one: str, other: str) -> float:
    """Return the ratio of two colours' luminances. Source: WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_that_aa_asks_for(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE.decode(), re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", blocks[scheme == "dark"]))
    on_grounds = [(text, ground) for text in ("ink", "quiet", "accent", "good", "warn", "bad")
                  for ground in ("paper", "sheet", "soft")]  # fmt: skip
    on_own = [("on-accent", "accent"), ("accent", "tint"), ("ink", "tint"), ("quiet", "tint")]
    on_own += [(name, f"{name}-soft") for name in ("good", "warn", "bad")] + [("sheet", "bad")]
    for text, ground in [*on_grounds, *on_own]:
        ratio = _contrast(colours[text], colours[ground])
        assert ratio >= 4.5, f"{text} on {ground}: {ratio:.2f}"
