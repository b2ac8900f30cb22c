"""The files in which MNIST comes: their bytes, checked. Reading these is left to the student.

An idx file is a header of whole numbers of four bytes, big end first, and then the data. The header holds a
magic number, 0x0800 + the number of axes for unsigned bytes, and the length of each axis.
Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

from needle.errors import FileFormatError


def mnist_contents(image_filename: str | Path, label_filename: str | Path) -> tuple[bytes, bytes]:
    """Return the unpacked bytes, header first, of a file of images and of the file of their labels.

    Raises: FileFormatError for a file that is damaged or none of idx, or when their counts differ.
    """
    images, labels = _unpacked(image_filename), _unpacked(label_filename)
    found = _lengths(image_filename, images, axes=3)[0]
    expected = _lengths(label_filename, labels, axes=1)[0]
    if found != expected:
        raise FileFormatError(
            f"{label_filename}: found {expected} labels for the {found} images of {image_filename}. "
            "Expected one an image. Name two files of one set."
        )
    return images, labels


def _unpacked(filename: str | Path) -> bytes:
    try:
        with gzip.open(filename, "rb") as file:
            return file.read()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileFormatError(
            f"{filename}: can't be unpacked: {error}. Expected a whole gzip file. Fetch it again."
        ) from error


def _lengths(filename: str | Path, content: bytes, axes: int) -> tuple[int, ...]:
    """Return the lengths of the axes. Raises: FileFormatError for content that does not fit its header."""
    start = 4 * (axes + 1)
    magic, *lengths = struct.unpack(f">{axes + 1}I", content[:start].ljust(start, b"\0"))
    if magic != 0x0800 + axes:
        raise FileFormatError(
            f"{filename}: begins with {magic}. Expected {0x0800 + axes}, the magic number of unsigned bytes "
            f"with {axes} axes. Name the right file, or fetch it again."
        )
    if len(content) != start + math.prod(lengths):
        raise FileFormatError(
            f"{filename}: holds {len(content)} bytes. Expected {start + math.prod(lengths)}, as its header "
            "says. Fetch it again."
        )
    return tuple(lengths)
