"""The stand-ins for MNIST and Fashion-MNIST: their format, that they repeat, and how hard they are."""

import gzip
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import synthetic_mnist

WRITERS = [synthetic_mnist.write_digits, synthetic_mnist.write_garments]


@pytest.fixture
def few_hands(monkeypatch):
    """Draw each class a few times only: drawing is most of a small set's time."""
    monkeypatch.setattr(synthetic_mnist, "HANDS", 6)


def read_idx(path):
    """Read an idx file by its published description."""
    content = gzip.decompress(path.read_bytes())
    zeros, kind, rank = struct.unpack(">HBB", content[:4])
    assert (zeros, kind) == (0, 8)
    shape = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


@pytest.mark.usefixtures("few_hands")
@pytest.mark.parametrize("write", WRITERS)
def test_files_have_the_published_format(write, tmp_path):
    write(tmp_path, train=120, test=50)
    assert len(list(tmp_path.iterdir())) == 4
    for part, count in (("train", 120), ("t10k", 50)):
        images = read_idx(tmp_path / f"{part}-images-idx3-ubyte.gz")
        labels = read_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz")
        assert (images.shape, labels.shape) == ((count, 28, 28), (count,))
        assert set(labels) == set(range(10))
        assert images.reshape(count, -1).max(axis=1).min() > 60  # no empty picture
        assert (images == 0).mean() > 0.5  # ink on paper


@pytest.mark.usefixtures("few_hands")
@pytest.mark.parametrize("write", WRITERS)
def test_every_run_writes_the_same_bytes(write, tmp_path):
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        write(tmp_path / run, train=30, test=20)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


@pytest.mark.usefixtures("few_hands")
def test_training_and_test_pictures_differ(tmp_path):
    synthetic_mnist.write_digits(tmp_path, train=200, test=200)
    train, test = (read_idx(tmp_path / f"{part}-images-idx3-ubyte.gz") for part in ("train", "t10k"))
    assert len({image.tobytes() for image in np.concatenate([train, test])}) == 400


def test_warp_by_the_identity_keeps_the_pixels():
    canvases = np.random.default_rng(0).random((2, 48, 48), dtype=np.float32)
    identity, none = np.tile(np.eye(2), (2, 1, 1)), np.zeros((2, 2))
    warped = synthetic_mnist.warp(canvases, identity, none).reshape(2, 28, 28)
    np.testing.assert_allclose(warped, canvases[:, :28, :28], rtol=1e-5)


def test_warp_moves_pixels_along_x_and_blends_neighbours():
    canvases = np.random.default_rng(0).random((1, 48, 48), dtype=np.float32)
    warped = synthetic_mnist.warp(canvases, np.eye(2)[None], np.array([[3.5, 0]])).reshape(28, 28)
    np.testing.assert_allclose(warped, (canvases[0, :28, 3:31] + canvases[0, :28, 4:32]) / 2, atol=1e-5)


def test_full_size_is_the_published_one():
    assert (synthetic_mnist.TRAIN, synthetic_mnist.TEST) == (60_000, 10_000)


def test_a_third_of_the_digits_is_as_hard_as_it_should_be(tmp_path):
    synthetic_mnist.write_digits(tmp_path, train=20_000, test=5_000)
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    trained = subprocess.run(
        [sys.executable, Path(__file__).with_name("difficulty.py"), tmp_path],
        env=os.environ | one_thread,
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    error = json.loads(trained.stdout)
    assert 0.08 < error["softmax"] < 0.15
    assert error["two_layer"] < error["softmax"] - 0.04
