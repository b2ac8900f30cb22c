"""cifar10_reading: batch files written here, of a few pictures that are black but for some bytes."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import raises, seen
from grader.expect.drawing import reproducible

NAMES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def content(pictures, labels):
    """Return a batch file. A picture is a dict: which of its 3,072 bytes are what; the others are 0."""
    data = np.zeros((len(pictures), 3072), dtype=np.uint8)
    for row, picture in zip(data, pictures, strict=True):
        for at, byte in picture.items():
            row[at] = byte
    return pickle.dumps({b"data": data, b"labels": labels}, protocol=3)


@pytest.fixture
def folder(tmp_path):
    """Write all six files; each batch's pictures have a byte and labels of their own."""
    batches = [([{0: 10}], [1]), ([{0: 20}, {0: 21}], [2, 3]), ([{0: 30}], [4]), ([{0: 40}], [5])]
    batches += [([{0: 50}, {0: 51}, {0: 52}], [6, 7, 8]), ([{0: 60}, {0: 61}], [9, 0])]
    for name, batch in zip(NAMES, batches, strict=True):
        (tmp_path / name).write_bytes(content(*batch))
    return tmp_path


def made(folder, train=False, **more):
    """Return the dataset of a folder, and a function that says what is looked at in it."""
    dataset = ndl.data.CIFAR10Dataset(folder, train=train, **more)
    text = f"dataset = ndl.data.CIFAR10Dataset(folder, train={train})"
    return dataset, lambda what, value: seen(f"{text}; {what}", value)


def test_a_picture_is_red_then_green_then_blue_each_row_by_row(folder):
    marks = {0: 51, 1: 102, 32: 153, 1024: 204, 2048: 255}
    (folder / "test_batch").write_bytes(content([marks], [3]))
    dataset, shown = made(folder)
    why = "byte {} of the row is {}: 1,024 bytes of red, 32 for each row, then green, then blue; by 255."
    for place, expected in {(0, 0): 0.2, (0, 1): 0.4, (1, 0): 0.6}.items():
        because = why.format(32 * place[0] + place[1], round(expected * 255))
        shown(f"dataset.X[0, 0, {place[0]}, {place[1]}]", dataset.X[0, 0, place[0], place[1]]).returns(
            expected, because=because
        )
    shown("dataset.X[0, 1, 0, 0]", dataset.X[0, 1, 0, 0]).returns(0.8, because=why.format(1024, 204))
    shown("dataset.X[0, 2, 0, 0]", dataset.X[0, 2, 0, 0]).returns(1, because=why.format(2048, 255))


def test_pictures_are_float32_with_channels_first(folder):
    dataset, shown = made(folder)
    because = "2 pictures of 3 channels of 32 rows of 32 pixels: the layout that nn.Conv takes."
    shown("dataset.X", dataset.X).has_shape((2, 3, 32, 32), because=because)
    shown("dataset.X", dataset.X).has_dtype(np.float32, because="float64 takes twice the memory.")


def test_the_test_data_are_those_of_test_batch(folder):
    dataset, shown = made(folder, train=False)
    because = "test_batch has pictures whose first bytes are 60 and 61, with the labels 9 and 0."
    shown("dataset.X[:, 0, 0, 0]", dataset.X[:, 0, 0, 0]).returns([60 / 255, 61 / 255], because=because)
    shown("dataset.y", dataset.y).returns([9, 0], because=because)


def test_the_training_data_are_those_of_the_five_batches_in_their_order(folder):
    dataset, shown = made(folder, train=True)
    firsts = [10, 20, 21, 30, 40, 50, 51, 52]
    because = (
        f"the first bytes of the pictures in data_batch_1 to data_batch_5 are {firsts}, to be divided by 255."
    )
    shown("dataset.X[:, 0, 0, 0]", dataset.X[:, 0, 0, 0]).returns(
        [first / 255 for first in firsts], because=because
    )
    because = "their labels are [1], [2, 3], [4], [5] and [6, 7, 8]."
    shown("dataset.y", dataset.y).returns([1, 2, 3, 4, 5, 6, 7, 8], because=because)


def test_labels_are_whole_numbers_in_an_array(folder):
    for train in (True, False):
        dataset, shown = made(folder, train)
        found = shown("dataset.y", dataset.y)
        if not isinstance(dataset.y, np.ndarray) or dataset.y.dtype.kind not in "iu":
            kind = getattr(dataset.y, "dtype", type(dataset.y).__name__)
            found.fail("the type is wrong", str(kind), "a NumPy array of whole numbers, of any such dtype")


def test_all_pictures_are_divided_by_255_whatever_their_own_brightest_pixel(folder):
    (folder / "test_batch").write_bytes(content([{1: 51}, {1: 102}], [0, 0]))
    dataset, shown = made(folder)
    because = "the scale is one for all: byte / 255. What is brightest in a picture or a file plays no part."
    shown("dataset.X[:, 0, 0, 1]", dataset.X[:, 0, 0, 1]).returns([0.2, 0.4], because=because)


def test_the_folder_may_be_text_or_a_path(folder):
    for named in (str(folder), Path(folder)):
        dataset = ndl.data.CIFAR10Dataset(named, True)
        seen(f"len(ndl.data.CIFAR10Dataset({named!r}, True).y)", len(dataset.y)).returns(8)


def test_transforms_are_kept_for_later_and_change_no_picture_yet(folder):
    dataset, shown = made(folder, transforms=[lambda picture: picture + np.float32(3)])
    because = "the picture is drawn anew each time that it is asked for: X holds what the file does."
    shown("dataset.X[:, 0, 0, 0]", dataset.X[:, 0, 0, 0]).returns([60 / 255, 61 / 255], because=because)
    because = "the transform adds 3, and Dataset.__init__ keeps it."
    changed = dataset.apply_transforms(np.float32([1, 2]))
    shown("dataset.apply_transforms(np.float32([1, 2]))", changed).returns([4, 5], because=because)


class Opening:
    """What a pickle may hold as well: a call, made when the pickle is read, here of one that makes a file."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def test_a_file_that_is_no_batch_is_refused_by_its_name_and_runs_no_code(folder):
    def refused(name, held, *naming, because):
        (folder / name).write_bytes(held)
        train = name != "test_batch"
        raises(ValueError, ndl.data.CIFAR10Dataset, folder, train, naming=[name, *naming], because=because)

    whole = content([{}], [1])
    refused("test_batch", whole[:-100], because="the file is cut off.")
    refused("data_batch_4", content([{}, {}], [1]), because="2 pictures can't have 1 label.")
    (folder / "data_batch_4").write_bytes(whole)
    harm = pickle.dumps({b"data": Opening(folder / "opened"), b"labels": []})
    because = "pickle.load calls whatever a file asks for; needle.cifar10_batches.read_batch does not."
    refused("data_batch_5", harm, "Path", because=because)
    exists = (folder / "opened").exists()
    seen("the file's code was run", exists).returns(False, because=because)


@reproducible
@given(st.integers(0, 2), st.integers(0, 31), st.integers(0, 31), st.integers(1, 255), st.integers(0, 2))
def test_every_byte_finds_its_place(folder, channel, row, column, byte, number):
    at = 1024 * channel + 32 * row + column
    pictures = [{at: byte} if each == number else {} for each in range(3)]
    (folder / "test_batch").write_bytes(content(pictures, [0, 1, 2]))
    dataset, shown = made(folder)
    bright = [[int(place) for place in places] for places in zip(*np.nonzero(dataset.X), strict=True)]
    because = f"of picture {number} byte {at} alone is not 0: channel {channel}, row {row}, column {column}."
    shown("the places where X is not 0", np.array(bright)).returns(
        [[number, channel, row, column]], because=because
    )
    value = dataset.X[number, channel, row, column]
    shown(f"dataset.X[{number}, {channel}, {row}, {column}]", value).returns(
        byte / 255, because=f"the byte is {byte}."
    )
