"""mnist_dataset: idx files written here byte by byte, small enough to check by eye."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, raises, seen, shown_as
from grader.expect.drawing import reproducible


def big_endian(*numbers):
    return b"".join(number.to_bytes(4, "big") for number in numbers)


@pytest.fixture(name="write")
def writer(tmp_path):
    """Write an image file and a label file; pixels are listed image by image, row by row."""

    def write(pixels, rows, columns, labels, said=None, magic=0x803):
        images_file, labels_file = tmp_path / "images.gz", tmp_path / "labels.gz"
        header = big_endian(magic, said or len(labels), rows, columns)
        images_file.write_bytes(gzip.compress(header + bytes(pixels)))
        labels_file.write_bytes(gzip.compress(big_endian(0x801, len(labels)) + bytes(labels)))
        return str(images_file), str(labels_file)

    return write


@pytest.fixture(name="item")
def reader(write):
    """Make a dataset of files with these contents, and return its call `dataset[...]`, to be checked."""

    def item(index, *contents, transforms=None):
        files = write(*contents)
        dataset = ndl.data.MNISTDataset(*files, transforms=transforms)
        held = f"{contents[1]} x {contents[2]} images of the bytes {[*contents[0]]} with labels {contents[3]}"
        setup = f"dataset = ndl.data.MNISTDataset(*files)  # {held}"
        return call(shown_as("dataset.__getitem__", dataset.__getitem__, setup=setup), index)

    return item


class Noting:
    """A transform that notes what it was called with, and adds a number."""

    def __init__(self, notes, addend):
        self.notes, self.addend = notes, addend

    def __call__(self, image):
        self.notes.append((self.addend, np.array(image)))
        return image + np.float32(self.addend)


def test_a_number_gives_an_image_of_rows_columns_and_one_channel_and_its_label(item):
    made = item(1, [0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 51], 2, 3, [7, 4])
    because = "image 1 is the second six bytes, by 255, in 2 rows of 3 columns of 1 channel."
    made[0].returns([[[1], [0], [0]], [[0], [0], [0.2]]], because=because)
    made[1].returns(4, because="labels[1] is 4.")


def test_pixels_are_float32_and_labels_are_uint8(item):
    made = item(0, [0, 255], 1, 1, [3, 9])
    made[0].has_dtype(np.float32, because="float64 takes twice the memory.")
    made[1].has_dtype(np.uint8)


def test_all_images_are_divided_by_255_whatever_their_own_brightest_pixel(item):
    because = "the scale is one for all images: byte / 255. An image's own maximum plays no part."
    for at, expected in enumerate([0.2, 0.4, 0.8]):
        made = item(at, [0, 51, 0, 102, 204, 0], 1, 2, [0, 1, 2])
        made.then("max(image)", np.max(made[0].value)).returns(expected, because=because)


def test_a_slice_gives_images_and_labels_in_a_row(item):
    made = item(slice(1, 3), [0, 51, 102, 153], 1, 1, [5, 6, 7, 8])
    made[0].returns([[[[0.2]]], [[[0.4]]]], because="images 1 and 2, along a new first axis.")
    made[1].returns([6, 7], because="labels 1 and 2.").has_dtype(np.uint8)


def test_an_array_of_numbers_gives_images_and_labels_in_its_order(item):
    made = item(np.array([3, 0, 3]), [0, 51, 102, 153], 1, 1, [5, 6, 7, 8])
    made[0].returns([[[[0.6]]], [[[0]]], [[[0.6]]]], because="images 3, 0 and 3 again.")
    made[1].returns([8, 5, 8], because="the labels of the images 3, 0 and 3.")


def test_the_length_is_the_number_of_images(write):
    dataset = ndl.data.MNISTDataset(*write([0] * 30, 2, 3, [1, 2, 3, 4, 5]))
    seen("len(dataset)", len(dataset)).returns(5, because="the files hold 5 images of 2 by 3 pixels.")


def test_each_image_goes_through_the_transforms_in_their_order(item):
    pixels, notes = [0, 51, 102, 153, 204, 255], []
    made = item(2, pixels, 1, 2, [5, 6, 7], transforms=[Noting(notes, 10), Noting(notes, 200)])
    made[0].returns([[[210.8], [211]]], because="the image is [0.8, 1]; one transform adds 10, one adds 200.")
    made.then("what the transforms add, in order of their calls", [addend for addend, _ in notes]).returns(
        [10, 200]
    )
    because = "the second transform gets what the first returned, a whole image each time."
    made.then("what the second transform got", notes[1][1]).returns([[[10.8], [11]]], because=because)


def test_several_images_go_through_the_transforms_one_by_one(item):
    pixels = [0, 51, 102, 153, 204, 255]
    for index in (slice(0, 2), np.array([0, 1])):
        notes = []
        made = item(index, pixels, 1, 2, [5, 6, 7], transforms=[Noting(notes, 10)])
        because = "each of the images [0, 0.2] and [0.4, 0.6] is changed."
        made[0].returns([[[[10], [10.2]]], [[[10.4], [10.6]]]], because=because).has_dtype(np.float32)
        because = "a transform knows images of (rows, columns, 1): it is called with each image alone."
        made.then("how often the transform was called", len(notes)).returns(2, because=because)
        made.then("what the transform got first", notes[0][1]).returns([[[0], [0.2]]], because=because)


def test_transforms_see_the_image_of_the_file_anew_whenever_it_is_asked_for(write):
    notes = []
    dataset = ndl.data.MNISTDataset(*write([51, 102], 1, 1, [5, 6]), transforms=[Noting(notes, 10)])
    dataset[0], dataset[np.array([0])]
    image, _ = dataset[0]
    because = "each epoch draws other changes of the same image, which is 0.2: none is kept in the dataset."
    seen("dataset[0], dataset[np.array([0])]; dataset[0][0]", image).returns([[[10.2]]], because=because)
    seen("how often the transform was called", len(notes)).returns(3, because=because)


def test_a_file_that_is_cut_short_or_holds_something_else_is_refused_by_its_name(write):
    short = write([0] * 11, 2, 3, [1, 2])
    raises(ValueError, ndl.data.MNISTDataset, *short, naming=["images.gz"], because="a pixel is missing.")
    other = write([0] * 12, 2, 3, [1, 2], magic=0x801)
    because = "2049 is the magic number of labels."
    raises(ValueError, ndl.data.MNISTDataset, *other, naming=["images.gz", "2049"], because=because)
    uneven = write([0] * 18, 2, 3, [1, 2], said=3)
    because = "3 images can't have 2 labels."
    raises(ValueError, ndl.data.MNISTDataset, *uneven, naming=["labels.gz"], because=because)


@reproducible
@given(st.integers(1, 3), st.integers(1, 4), st.binary(min_size=1, max_size=3), st.data())
def test_every_byte_finds_its_place_in_images_of_any_size(item, rows, columns, labels, data):
    size = rows * columns
    pixels = data.draw(st.binary(min_size=size * len(labels), max_size=size * len(labels)))
    for at, label in enumerate(labels):
        made = item(at, pixels, rows, columns, [*labels])
        rest = iter(pixels[at * size :])
        expected = [[[next(rest) / 255] for _ in range(columns)] for _ in range(rows)]
        because = f"image {at} begins at byte {at * size} after the header, row by row."
        made[0].returns(expected, because=because)
        made[1].returns(label, because=f"the labels are {[*labels]}.")
