"""CIFAR-10: files of the published format, as Python 2 and Python 3 write it, and pickles that are none."""

import os
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import needle as ndl
from needle.cifar10_batches import read_batch
from needle.data import CIFAR10Dataset, DataLoader, RandomCrop, RandomFlipHorizontal
from needle.errors import FileFormatError

sys.path.append(str(Path(__file__).resolve().parents[2] / "datasets"))

import batch_pickle

NAMES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
PICTURES = np.random.default_rng(0).integers(0, 256, size=(6, 4, 3072), dtype=np.uint8)
LABELS = np.random.default_rng(1).integers(0, 10, size=(6, 4))


def batch(number: int) -> dict[bytes, Any]:
    return {
        b"data": PICTURES[number],
        b"labels": LABELS[number].tolist(),
        b"batch_label": b"batch %d" % number,
    }


def as_python_3_writes_it(content: Mapping[bytes, Any]) -> bytes:
    return pickle.dumps(content, protocol=3)


@pytest.fixture(params=[batch_pickle.dumps, as_python_3_writes_it], ids=["python 2", "python 3"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write all six batches, of four pictures each."""
    for number, name in enumerate(NAMES):
        (tmp_path / name).write_bytes(request.param(batch(number)))
    return tmp_path


def test_the_training_pictures_are_those_of_five_batches_in_order(folder: Path) -> None:
    dataset = CIFAR10Dataset(folder, train=True)
    assert (dataset.X.shape, dataset.X.dtype, dataset.y.shape) == ((20, 3, 32, 32), np.float32, (20,))
    np.testing.assert_array_equal(np.rint(dataset.X * 255).reshape(5, 4, 3072), PICTURES[:5])
    np.testing.assert_array_equal(dataset.y.reshape(5, 4), LABELS[:5])


def test_the_test_pictures_are_those_of_their_batch(folder: Path) -> None:
    dataset = CIFAR10Dataset(str(folder), False)
    assert len(dataset) == 4
    picture, label = dataset[2]
    np.testing.assert_array_equal(np.rint(picture * 255).ravel(), PICTURES[5, 2])
    assert label == LABELS[5, 2]


def test_red_comes_first_and_each_plane_row_by_row(folder: Path) -> None:
    picture, _ = CIFAR10Dataset(folder, train=True)[0]
    for channel, row, column in ((0, 0, 1), (1, 2, 3), (2, 31, 30)):
        byte = PICTURES[0, 0, 1024 * channel + 32 * row + column]
        assert picture[channel, row, column] == np.float32(byte) / np.float32(255)


def test_items_of_slices_and_arrays_are_those_of_their_numbers(folder: Path) -> None:
    dataset = CIFAR10Dataset(folder, train=True)
    for transforms in (None, [lambda picture: picture[::-1] * np.float32([1, 2, 3])]):
        dataset.transforms = transforms
        for asked in (slice(3, 6), np.array([3, 4, 5])):
            pictures, labels = dataset[asked]
            assert pictures.dtype == np.float32
            for at, number in enumerate((3, 4, 5)):
                np.testing.assert_array_equal(pictures[at], dataset[number][0])
                assert labels[at] == dataset[number][1]


def test_hw2s_transforms_flip_columns_and_crop_rows_and_columns(folder: Path) -> None:
    plain = CIFAR10Dataset(folder, train=True)
    flipped = CIFAR10Dataset(folder, train=True, transforms=[RandomFlipHorizontal(1.0)])
    np.testing.assert_array_equal(flipped[3][0], plain[3][0][:, :, ::-1])
    cropped = CIFAR10Dataset(folder, train=True, transforms=[RandomCrop(3)])
    np.random.seed(0)  # whose first shifts are (1, 2)
    expected = np.pad(plain[3][0], ((0, 0), (0, 1), (0, 2)))[:, 1:, 2:]
    np.testing.assert_array_equal(cropped[3][0], expected)


def test_a_loader_makes_batches_of_it(folder: Path) -> None:
    loader = DataLoader(CIFAR10Dataset(folder, train=True), batch_size=8, shuffle=True)
    shapes = [(images.shape, labels.shape) for images, labels in loader]
    assert shapes == [((8, 3, 32, 32), (8,)), ((8, 3, 32, 32), (8,)), ((4, 3, 32, 32), (4,))]


class Booby:
    """A pickled object that runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.mark}'",)


def test_a_pickle_that_would_run_code_is_refused_before_it_does(tmp_path: Path) -> None:
    path, mark = tmp_path / "test_batch", tmp_path / "ran"
    path.write_bytes(pickle.dumps({b"data": Booby(mark), b"labels": []}))
    with pytest.raises(FileFormatError, match=rf"{path}: asks for \w+\.system\. .*a batch runs no code"):
        read_batch(path)
    assert not mark.exists()


OTHER_NAMES = ["builtins eval", "numpy load", "numpy.core.multiarray scalar", "pickle loads", "os getpid"]


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_no_name_is_looked_up_but_those_of_a_matrix(name: str, tmp_path: Path) -> None:
    module, _, attribute = name.partition(" ")
    path = tmp_path / "test_batch"
    path.write_bytes(f"c{module}\n{attribute}\n.".encode())
    with pytest.raises(FileFormatError, match=rf"asks for {module}\.{attribute}\."):
        read_batch(path)


def test_what_stands_for_numpys_names_can_not_be_changed_by_a_file(tmp_path: Path) -> None:
    path = tmp_path / "test_batch"
    for name in (b"numpy\ndtype\n", b"numpy.core.multiarray\n_reconstruct\n", b"numpy\nndarray\n"):
        path.write_bytes(b"\x80\x02c" + name + b"}(U\x08is_bytesU\x01xub.")  # BUILD with a dict on the name
        with pytest.raises(FileFormatError):
            read_batch(path)
    path.write_bytes(batch_pickle.dumps(batch(0)))
    np.testing.assert_array_equal(read_batch(path)[b"data"], PICTURES[0])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "can't be read: EOFError.*Expected a whole pickle"),
        (batch_pickle.dumps(batch(0))[:-500], "can't be read"),
        (pickle.dumps([1, 2], protocol=3), "found a pickled list. Expected a dict"),
        (batch_pickle.dumps({b"labels": [1]}), 'found b"data" to be NoneType. Expected a uint8 matrix'),
        (batch_pickle.dumps({b"data": PICTURES[0, :, :99]}), r'found b"data" to be \(4, 99\)'),
        (pickle.dumps({b"data": PICTURES[0].astype("i4")}, protocol=3), "no matrix of bytes. Expected uint8"),
        (pickle.dumps({b"data": np.array([{}])}, protocol=3), "no matrix of bytes"),
        (batch_pickle.dumps({b"data": PICTURES[0], b"labels": [1, 2]}), "found 2 labels for 4 images"),
        (batch_pickle.dumps({b"data": PICTURES[0], b"labels": 7}), "found int as labels for 4 images"),
        (batch_pickle.dumps({b"data": PICTURES[0], b"labels": [1, 2, 10, 3]}), "found the label 10"),
        (batch_pickle.dumps({b"data": PICTURES[0], b"labels": [1, 2, b"x", 3]}), "found the label b'x'"),
        (batch_pickle.dumps({b"label_names": [b"cat"]}), "Name a batch of CIFAR-10"),
    ],
)
def test_a_file_that_is_no_batch_is_refused_by_its_name(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "test_batch"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=f"{path}: .*{said}"):
        read_batch(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="data_batch_1"):
        ndl.data.CIFAR10Dataset(tmp_path, train=True)
