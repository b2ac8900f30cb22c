"""Datasets, transforms and loaders."""

import gzip
import multiprocessing
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needle.data import (
    DataLoader,
    Dataset,
    MNISTDataset,
    NDArrayDataset,
    RandomCrop,
    RandomFlipHorizontal,
    WorkerLoader,
)
from needle.errors import FileFormatError

quickly = settings(derandomize=True, deadline=None, database=None, max_examples=40)
seeds = st.integers(0, 1_000)
image_shapes = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 3))


def idx(magic: int, *lengths: int, data: bytes) -> bytes:
    return struct.pack(f">{1 + len(lengths)}I", magic, *lengths) + data


@pytest.fixture
def write_mnist(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Return a function that writes two files, of 4 images of 2 x 3 unless told otherwise."""

    def write(images: bytes | None = None, labels: bytes | None = None) -> tuple[Path, Path]:
        if images is None:
            images = idx(2051, 4, 2, 3, data=bytes(range(0, 240, 10)))
        if labels is None:
            labels = idx(2049, 4, data=bytes([3, 1, 4, 1]))
        paths = tmp_path / "images.gz", tmp_path / "labels.gz"
        for path, content in zip(paths, (images, labels), strict=True):
            path.write_bytes(gzip.compress(content))
        return paths

    return write


def test_mnist_gives_images_from_0_to_1_with_a_channel(write_mnist: Callable) -> None:
    dataset = MNISTDataset(*write_mnist())
    image, label = dataset[1]
    expected = np.arange(60, 120, 10, dtype=np.float32).reshape(2, 3, 1) / np.float32(255)
    np.testing.assert_array_equal(image, expected)
    assert (len(dataset), image.dtype, label, label.dtype) == (4, "float32", 1, "uint8")


@pytest.mark.parametrize("index", [slice(1, 3), np.array([3, 0]), [2, 2]], ids=["slice", "array", "list"])
def test_mnist_gives_several_examples_at_once_also_transformed(write_mnist: Callable, index: Any) -> None:
    plain = MNISTDataset(*write_mnist())
    seen: list[tuple[int, ...]] = []

    def upside_down(image: np.ndarray) -> np.ndarray:
        seen.append(image.shape)
        return image[::-1]

    turned = MNISTDataset(*write_mnist(), transforms=[upside_down])
    images, labels = turned[index]
    np.testing.assert_array_equal(images, plain.images[index][:, ::-1])
    np.testing.assert_array_equal(labels, plain.labels[index])
    np.testing.assert_array_equal(turned[2][0], plain[2][0][::-1])
    assert seen == [(2, 3, 1)] * 3


@pytest.mark.parametrize(
    ("images", "labels", "text"),
    [
        (idx(2049, 4, 2, 3, data=bytes(24)), None, r"images.gz: .* 2049. Expected 2051"),
        (None, idx(2051, 4, data=bytes(4)), r"labels.gz: .* 2051. Expected 2049"),
        (idx(2051, 4, 2, 3, data=bytes(20)), None, r"images.gz: holds 36 bytes. Expected 40, as its header"),
        (None, idx(2049, 4, data=bytes(9)), r"labels.gz: holds 17 bytes. Expected 12, as its header"),
        (None, idx(2049, 3, data=bytes(3)), r"found 3 labels for the 4 images of .*images.gz. Expected one"),
        (b"", None, r"images.gz: .* 0. Expected 2051"),
        (idx(2051, data=b"\0"), None, r"images.gz: holds 5 bytes. Expected 16, as its header"),
    ],
    ids=[
        "labels as images",
        "images as labels",
        "cut off",
        "too long",
        "counts differ",
        "empty",
        "half a header",
    ],
)
def test_mnist_says_what_is_wrong_with_a_file(
    write_mnist: Callable, images: bytes | None, labels: bytes | None, text: str
) -> None:
    with pytest.raises(FileFormatError, match=text):
        MNISTDataset(*write_mnist(images, labels))


@pytest.mark.parametrize(
    "damage", [lambda all: all[:-9], lambda all: b"no gzip", lambda all: all[:12] + all[20:]]
)
def test_mnist_refuses_what_can_not_be_unpacked(write_mnist: Callable, damage: Callable) -> None:
    paths = write_mnist()
    paths[0].write_bytes(damage(paths[0].read_bytes()))
    with pytest.raises(FileFormatError, match=r"images.gz: can't be unpacked: .*Fetch it again"):
        MNISTDataset(*paths)


@quickly
@given(shape=image_shapes, p=st.sampled_from([0.0, 0.3, 1.0]), seed=seeds)
def test_a_flip_swaps_left_and_right_when_its_one_draw_is_below_p(
    shape: tuple[int, int, int], p: float, seed: int
) -> None:
    image = np.random.default_rng(seed).random(shape)
    kept = image.copy()
    np.random.seed(seed)
    flips, follower = np.random.rand() < p, np.random.rand()
    np.random.seed(seed)
    found = RandomFlipHorizontal(p)(image)
    assert np.random.rand() == follower
    for row in range(shape[0]):
        for column in range(shape[1]):
            source = shape[1] - 1 - column if flips else column
            np.testing.assert_array_equal(found[row, column], kept[row, source])
    np.testing.assert_array_equal(image, kept)


@quickly
@given(shape=image_shapes, padding=st.integers(0, 4), seed=seeds)
def test_a_crop_moves_the_image_and_lets_zeros_in(
    shape: tuple[int, int, int], padding: int, seed: int
) -> None:
    image = np.random.default_rng(seed).random(shape)
    np.random.seed(seed)
    down, right = np.random.randint(-padding, padding + 1, size=2)
    np.random.seed(seed)
    found = RandomCrop(padding)(image)
    assert found.shape == shape
    for row in range(shape[0]):
        for column in range(shape[1]):
            inside = 0 <= row + down < shape[0] and 0 <= column + right < shape[1]
            expected = image[row + down, column + right] if inside else 0
            np.testing.assert_array_equal(found[row, column], expected)


def arrays(examples: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(examples * 6).reshape(examples, 2, 3), np.arange(examples) % 7


@quickly
@given(examples=st.integers(0, 12), batch_size=st.integers(1, 13))
def test_a_loader_gives_every_example_in_order_and_the_short_last_batch(
    examples: int, batch_size: int
) -> None:
    X, y = arrays(examples)
    loader = DataLoader(NDArrayDataset(X, y), batch_size)
    for _ in range(2):
        batches = list(loader)
        assert len(batches) == len(loader)
        assert [len(one.numpy()) for one, _ in batches[:-1]] == [batch_size] * (len(batches) - 1)
        if batches:
            np.testing.assert_array_equal(np.concatenate([one.numpy() for one, _ in batches]), X)
            np.testing.assert_array_equal(np.concatenate([one.numpy() for _, one in batches]), y)


@quickly
@given(examples=st.integers(1, 12), batch_size=st.integers(1, 5), seed=seeds)
def test_each_pass_is_shuffled_by_one_shuffle_of_an_arange(examples: int, batch_size: int, seed: int) -> None:
    X, y = arrays(examples)
    loader = DataLoader(NDArrayDataset(X, y), batch_size, shuffle=True)
    np.random.seed(seed)
    orders = [np.arange(examples), np.arange(examples)]
    for order in orders:
        np.random.shuffle(order)
    np.random.seed(seed)
    for order in orders:
        batches = list(loader)
        np.testing.assert_array_equal(np.concatenate([one.numpy() for one, _ in batches]), X[order])
        np.testing.assert_array_equal(np.concatenate([one.numpy() for _, one in batches]), y[order])


def test_batches_are_float32_tensors_that_need_no_gradient() -> None:
    for tensor in next(iter(DataLoader(NDArrayDataset(*arrays(3)), 2))):
        assert tensor.dtype == "float32"
        assert not tensor.requires_grad


def test_two_passes_at_once_do_not_disturb_each_other() -> None:
    loader = DataLoader(NDArrayDataset(np.arange(3)))
    pairs = [(one.numpy().item(), other.numpy().item()) for (one,) in loader for (other,) in loader]
    assert pairs == [(one, other) for one in range(3) for other in range(3)]


class Squares(Dataset):
    """A dataset that knows whole numbers alone."""

    def __getitem__(self, index: int) -> tuple[np.ndarray, int]:
        assert type(index) is int
        return np.array([index, index**2]), -index

    def __len__(self) -> int:
        return 5


def test_a_loader_stacks_the_examples_of_a_dataset_that_knows_whole_numbers_alone() -> None:
    batches = list(DataLoader(Squares(), 3))
    np.testing.assert_array_equal(batches[1][0].numpy(), [[3, 9], [4, 16]])
    np.testing.assert_array_equal(batches[1][1].numpy(), [-3, -4])


def passes(loader: DataLoader, seed: int) -> list[np.ndarray]:
    np.random.seed(seed)
    return [tensor.numpy() for _ in range(2) for batch in loader for tensor in batch]


def test_workers_give_a_loaders_batches_in_its_order_and_end() -> None:
    dataset = NDArrayDataset(*arrays(23))
    with WorkerLoader(dataset, 4, shuffle=True, workers=2) as loader:
        found = passes(loader, seed=3)
        assert multiprocessing.active_children()
    assert not multiprocessing.active_children()
    expected = passes(DataLoader(dataset, 4, shuffle=True), seed=3)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_workers_draw_by_the_seed_and_anew_in_each_pass(write_mnist: Callable) -> None:
    dataset = MNISTDataset(*write_mnist(), transforms=[RandomCrop(2)])
    runs = []
    for _ in range(2):
        with WorkerLoader(dataset, 2, workers=1) as loader:
            runs.append(passes(loader, seed=3))
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)
    assert any((runs[0][at] != runs[0][at + 4]).any() for at in (0, 2))


def test_an_error_in_a_worker_arrives_with_its_text_and_the_processes_end() -> None:
    uneven = NDArrayDataset(np.arange(6), np.arange(4))
    with WorkerLoader(uneven, 2, workers=1) as loader, pytest.raises(IndexError, match="index 4 is out of"):
        list(loader)
    assert not multiprocessing.active_children()
