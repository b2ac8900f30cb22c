"""cifar10_items: a few pictures that are black but for some bytes, and transforms that note what they get."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import reproducible

HELD = [({5: 51, 37: 102}, 4), ({0: 255}, 7), ({1024: 153, 3071: 204}, 1)]  # bytes that are not 0, and label


@pytest.fixture(name="dataset")
def maker(tmp_path):
    """Make a dataset of a test_batch with these pictures."""

    def dataset(held=HELD, transforms=None):
        data = np.zeros((len(held), 3072), dtype=np.uint8)
        for row, (picture, _) in zip(data, held, strict=True):
            for at, byte in picture.items():
                row[at] = byte
        batch = {b"data": data, b"labels": [label for _, label in held]}
        (tmp_path / "test_batch").write_bytes(pickle.dumps(batch, protocol=3))
        return ndl.data.CIFAR10Dataset(str(tmp_path), train=False, transforms=transforms)

    return dataset


def item(dataset, index):
    """Call `dataset[index]`, to be checked."""
    transforms = ", transforms=[...]" if dataset.transforms else ""
    setup = f"dataset = ndl.data.CIFAR10Dataset(folder, train=False{transforms})"
    return call(shown_as("dataset.__getitem__", dataset.__getitem__, setup=setup), index)


def bright(picture):
    """Return where a picture is not 0, and what it is there."""
    places = np.argwhere(picture)
    return [[*map(int, place), round(float(picture[tuple(place)]), 6)] for place in places]


class Noting:
    """A transform that notes the pictures that it gets, and adds a number to them."""

    def __init__(self, addend=0):
        self.addend, self.got = addend, []

    def __call__(self, picture):
        self.got.append(np.array(picture))
        return picture + np.float32(self.addend)


def test_a_number_gives_a_picture_of_three_channels_and_its_label(dataset):
    made = item(dataset(), 2)
    made[0].has_shape((3, 32, 32), because="channels first.").has_dtype(np.float32)
    because = "of picture 2 byte 1024 is 153, the first of green, and byte 3071 is 204, the last of blue."
    made.then("[channel, row, column, value] where the picture is not 0", bright(made[0].value)).returns(
        [[1, 0, 0, 0.6], [2, 31, 31, 0.8]], because=because
    )
    made[1].returns(1, because="the labels of the file are [4, 7, 1].")


def test_the_length_is_the_number_of_pictures(dataset):
    because = "the file holds 3 pictures of 3,072 bytes."
    seen("len(dataset)", len(dataset())).returns(3, because=because)
    seen("len(dataset)", len(dataset(HELD[:1]))).returns(1, because="the file holds one picture.")


def test_a_slice_gives_pictures_and_labels_in_a_row(dataset):
    made = item(dataset(), slice(0, 2))
    made[0].has_shape((2, 3, 32, 32), because="pictures 0 and 1, along a new first axis.")
    because = "byte 5 of picture 0 is 51, byte 37 is 102: row 1, column 5; byte 0 of picture 1 is 255."
    found = made.then("[picture, channel, row, column, value] where it is not 0", bright(made[0].value))
    found.returns([[0, 0, 0, 5, 0.2], [0, 0, 1, 5, 0.4], [1, 0, 0, 0, 1]], because=because)
    made[1].returns([4, 7], because="labels 0 and 1.")


def test_an_array_of_numbers_gives_pictures_and_labels_in_its_order(dataset):
    made = item(dataset(), np.array([1, 2, 1]))
    found = made.then("[picture, channel, row, column, value] where it is not 0", bright(made[0].value))
    expected = [[0, 0, 0, 0, 1], [1, 1, 0, 0, 0.6], [1, 2, 31, 31, 0.8], [2, 0, 0, 0, 1]]
    found.returns(expected, because="pictures 1, 2 and 1 again.")
    made[1].returns([7, 1, 7], because="the labels of the pictures 1, 2 and 1.")


def test_a_transform_gets_rows_columns_and_channels(dataset):
    note = Noting()
    made = item(dataset(transforms=[note]), 2)
    because = "transforms know pictures of (rows, columns, channels): their first axis is flipped or moved."
    made.then("the shape that the transform got", note.got[0].shape).returns((32, 32, 3), because=because)
    because = (
        "green begins in row 0, column 0; blue ends in row 31, column 31. Only the order of axes changes."
    )
    found = made.then("[row, column, channel, value] where what it got is not 0", bright(note.got[0]))
    found.returns([[0, 0, 1, 0.6], [31, 31, 2, 0.8]], because=because)


def test_what_a_transform_returns_comes_back_with_channels_first(dataset):
    def mirrored(picture):
        return picture[:, ::-1]

    made = item(dataset(transforms=[mirrored]), 0)
    made[0].has_shape((3, 32, 32), because="the item has channels first, whatever its transforms see.")
    because = (
        "left and right are swapped: column 5 becomes column 26, in row 0 and in row 1; red, channel 0, is "
    )
    because += "red still."
    found = made.then("[channel, row, column, value] where the picture is not 0", bright(made[0].value))
    found.returns([[0, 0, 26, 0.2], [0, 1, 26, 0.4]], because=because)
    made[0].has_dtype(np.float32)


def test_a_transform_that_moves_rows_moves_no_channel(dataset):
    def down_by_two(picture):
        return np.concatenate([picture[-2:], picture[:-2]])

    made = item(dataset(transforms=[down_by_two]), 2)
    because = "green's pixel moves from row 0 to row 2, blue's from row 31 around to row 1; colours stay."
    found = made.then("[channel, row, column, value] where the picture is not 0", bright(made[0].value))
    found.returns([[1, 2, 0, 0.6], [2, 1, 31, 0.8]], because=because)


def test_several_pictures_go_through_the_transforms_one_by_one(dataset):
    for index in (slice(1, 3), np.array([1, 2])):
        first, second = Noting(10), Noting(200)
        made = item(dataset(transforms=[first, second]), index)
        because = "a transform is called with each picture alone."
        shapes = [got.shape for got in first.got]
        found = made.then("the shapes that the first transform got", shapes)
        found.returns([(32, 32, 3), (32, 32, 3)], because=because)
        because = "10 was added to the 1 at red's first byte of picture 1, before the second transform."
        made.then("what the second got at [0, 0, 0] first", second.got[0][0, 0, 0]).returns(
            11, because=because
        )
        because = "then 200: picture 1 begins with 1, and picture 2 has 0.8 in blue's last byte."
        made[0].has_shape((2, 3, 32, 32))
        corners = [made[0].value[0, 0, 0, 0], made[0].value[1, 2, 31, 31]]
        made.then("pictures[0, 0, 0, 0] and pictures[1, 2, 31, 31]", np.array(corners)).returns(
            [211, 210.8], because=because
        )
        made[1].returns([7, 1])


def test_each_time_the_picture_of_the_file_is_transformed_anew(dataset):
    held = dataset(transforms=[Noting(10)])
    held[1], held[np.array([1])]
    picture, _ = held[1]
    because = "each epoch changes the same picture in another way; byte 0 is 255, so 1, and 10 is added once."
    seen("dataset[1], dataset[np.array([1])]; dataset[1][0][0, 0, 0]", picture[0, 0, 0]).returns(
        11, because=because
    )


@reproducible
@given(st.integers(0, 2), st.integers(0, 31), st.integers(0, 31), st.integers(1, 255))
def test_a_transform_finds_every_byte_in_its_row_column_and_channel(dataset, channel, row, column, byte):
    note = Noting()
    held = dataset([({}, 3), ({1024 * channel + 32 * row + column: byte}, 6)], [note])
    made = item(held, 1)
    because = (
        f"byte {1024 * channel + 32 * row + column} is {byte}: channel {channel}, row {row}, column {column}."
    )
    found = made.then(
        "[row, column, channel, value] where what the transform got is not 0", bright(note.got[0])
    )
    found.returns([[row, column, channel, round(byte / 255, 6)]], because=because)
    found = made.then("[channel, row, column, value] where the picture is not 0", bright(made[0].value))
    found.returns([[channel, row, column, round(byte / 255, 6)]], because=because)
    made[1].returns(6)
