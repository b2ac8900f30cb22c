"""parse_mnist: idx files written here byte by byte, small enough to check by eye."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_ml import parse_mnist

from grader.expect import call
from grader.expect.drawing import reproducible


def big_endian(*numbers):
    return b"".join(number.to_bytes(4, "big") for number in numbers)


@pytest.fixture
def write(tmp_path):
    """Write an image file and a label file; pixels are listed image by image, row by row."""

    def write(pixels, rows, columns, labels):
        images_file, labels_file = tmp_path / "images.gz", tmp_path / "labels.gz"
        header = big_endian(0x803, len(labels), rows, columns)
        images_file.write_bytes(gzip.compress(header + bytes(pixels)))
        labels_file.write_bytes(gzip.compress(big_endian(0x801, len(labels)) + bytes(labels)))
        return str(images_file), str(labels_file)

    return write


def test_two_images_of_two_by_three_pixels_become_two_rows_of_six(write):
    files = write([0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 51], 2, 3, [7, 1])
    X, y = call(parse_mnist, *files)[0], call(parse_mnist, *files)[1]
    X.returns([[0, 0.2, 0.4, 0.6, 0.8, 1.0], [1.0, 0, 0, 0, 0, 0.2]])
    y.returns([7, 1])


def test_pixels_are_float32_and_labels_are_uint8(write):
    result = call(parse_mnist, *write([0, 255], 1, 1, [3, 9]))
    result[0].has_dtype(
        np.float32, because="float64 takes twice the memory and makes all that follows slower."
    )
    result[1].has_dtype(np.uint8)


def test_all_images_are_divided_by_255_whatever_their_own_brightest_pixel(write):
    files = write([0, 51, 0, 102], 1, 2, [0, 1])
    because = "the scale is one for the whole file: byte / 255. No image's own minimum or maximum enters."
    call(parse_mnist, *files)[0].returns([[0, 0.2], [0, 0.4]], because=because)


def test_a_constant_image_stays_constant(write):
    files = write([51] * 6, 3, 2, [4])
    call(parse_mnist, *files)[0].returns([[0.2] * 6], because="dividing by 255 does not centre an image.")


def test_images_of_28_by_28_become_784_columns(write):
    pixels = [0] * (2 * 784)
    pixels[28], pixels[784 + 27] = 255, 255  # row 1, column 0 of the first; row 0, column 27 of the second
    expected = [[0.0] * 784, [0.0] * 784]
    expected[0][28] = expected[1][27] = 1.0
    because = "an image is stored row by row: row r, column c of 28 x 28 is column 28 r + c of X."
    call(parse_mnist, *write(pixels, 28, 28, [5, 0]))[0].returns(expected, because=because)


@reproducible
@given(st.integers(1, 3), st.integers(1, 4), st.binary(min_size=1, max_size=3), st.data())
def test_every_byte_finds_its_place_in_images_of_any_size(write, rows, columns, labels, data):
    size = rows * columns
    pixels = data.draw(st.binary(min_size=size * len(labels), max_size=size * len(labels)))
    result = call(parse_mnist, *write(pixels, rows, columns, labels))
    expected = [[byte / 255 for byte in pixels[at : at + size]] for at in range(0, len(pixels), size)]
    because = f"the bytes after the header are {[*pixels]}, in images of {rows} x {columns}."
    result[0].returns(expected, because=because)
    result[1].returns([*labels], because="the labels follow a header of 8 bytes, one byte each.")
