"""parse_mnist: idx files written here byte by byte, small enough to check by eye."""

import gzip
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from two_layer import parse_mnist

from grader.expect import call
from grader.expect.drawing import reproducible


def big_endian(*numbers):
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def parsed(pixels, rows, columns, labels):
    """Write images, pixel by pixel, and labels to two files, and call parse_mnist on these."""
    with tempfile.TemporaryDirectory() as folder:
        images_file, labels_file = Path(folder, "images.gz"), Path(folder, "labels.gz")
        header = big_endian(0x803, len(labels), rows, columns)
        images_file.write_bytes(gzip.compress(header + bytes(pixels)))
        labels_file.write_bytes(gzip.compress(big_endian(0x801, len(labels)) + bytes(labels)))
        return call(parse_mnist, str(images_file), str(labels_file))


def test_two_images_of_two_by_three_pixels_become_two_rows_of_six():
    made = parsed([0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 51], 2, 3, [7, 1])
    because = "one image a row, its pixels in the file's order, each divided by 255."
    made[0].returns([[0, 0.2, 0.4, 0.6, 0.8, 1.0], [1.0, 0, 0, 0, 0, 0.2]], because=because)
    made[1].returns([7, 1])


def test_both_are_numpy_arrays_of_float32_and_uint8():
    made = parsed([0, 255], 1, 1, [3, 9])
    made[0].has_type(np.ndarray, because="Tensors are made batch by batch, in nn_epoch.").has_dtype(
        np.float32
    )
    made[1].has_type(np.ndarray).has_dtype(np.uint8)


def test_all_images_are_divided_by_255_whatever_their_own_brightest_pixel():
    because = "the scale is one for the whole file. No image's own minimum or maximum enters."
    parsed([0, 51, 51, 102], 1, 2, [0, 1])[0].returns([[0, 0.2], [0.2, 0.4]], because=because)


@reproducible
@given(st.integers(1, 3), st.integers(1, 4), st.binary(min_size=1, max_size=3), st.data())
def test_every_byte_finds_its_place_in_images_of_any_size(rows, columns, labels, data):
    size = rows * columns
    pixels = data.draw(st.binary(min_size=size * len(labels), max_size=size * len(labels)))
    made = parsed(pixels, rows, columns, labels)
    expected = [[byte / 255 for byte in pixels[at : at + size]] for at in range(0, len(pixels), size)]
    because = f"the bytes after the header are {[*pixels]}, in images of {rows} x {columns}."
    made[0].returns(expected, because=because)
    made[1].returns([*labels], because="the labels follow a header of 8 bytes, one byte each.")
