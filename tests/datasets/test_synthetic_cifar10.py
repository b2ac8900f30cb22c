"""The stand-in for CIFAR-10: its format down to the pickle's opcodes, and that it repeats."""

import pickle
import pickletools

import batch_pickle
import numpy as np
import pytest
import synthetic_cifar10
from hypothesis import given, settings
from hypothesis import strategies as st

FILES = {f"data_batch_{number}" for number in range(1, 6)} | {"test_batch", "batches.meta"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cifar")
    synthetic_cifar10.write(path, count=300)
    return path


def test_batches_have_the_published_keys_types_and_shapes(folder):
    assert {path.name for path in folder.iterdir()} == FILES
    for name in sorted(FILES - {"batches.meta"}):
        batch = pickle.loads((folder / name).read_bytes(), encoding="bytes")
        assert set(batch) == {b"data", b"labels", b"batch_label", b"filenames"}
        assert (batch[b"data"].shape, batch[b"data"].dtype) == ((300, 3072), np.uint8)
        assert set(batch[b"labels"]) == set(range(10))
        assert len(set(batch[b"filenames"])) == len(batch[b"labels"]) == 300
        of = (
            b"testing batch 1 of 1" if name == "test_batch" else b"training batch %c of 5" % name[-1].encode()
        )
        assert batch[b"batch_label"] == of


def test_meta_names_the_labels(folder):
    meta = pickle.loads((folder / "batches.meta").read_bytes(), encoding="latin1")
    assert meta["label_names"][:2] + meta["label_names"][-1:] == ["airplane", "automobile", "truck"]
    assert (len(meta["label_names"]), meta["num_cases_per_batch"], meta["num_vis"]) == (10, 300, 3072)


def test_pickles_are_those_of_python_2_and_need_no_new_numpy(folder):
    content = (folder / "test_batch").read_bytes()
    opcodes = [(opcode.name, argument) for opcode, argument, _ in pickletools.genops(content)]
    named = {argument for name, argument in opcodes if name == "GLOBAL"}
    assert named == {"numpy.core.multiarray _reconstruct", "numpy ndarray", "numpy dtype"}
    assert ("PROTO", 2) in opcodes
    assert ("SHORT_BINSTRING", "data") in opcodes


def test_every_run_writes_the_same_bytes(tmp_path):
    for run in ("first", "second"):
        (tmp_path / run).mkdir()
        synthetic_cifar10.write(tmp_path / run, count=20)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_shapes_of_different_classes_cover_different_pixels():
    masks = [
        synthetic_cifar10.masks(np.full(40, k), np.random.default_rng(0)).mean(axis=0) for k in range(10)
    ]
    for one in range(10):
        for other in range(one):  # the generator's start is the same, so only the shape differs
            assert np.abs(masks[one] - masks[other]).mean() > 0.02


def test_full_size_is_the_published_one():
    assert (synthetic_cifar10.BATCHES, synthetic_cifar10.PICTURES) == (5, 10_000)


VALUES = st.one_of(st.integers(-(2**31), 2**31 - 1), st.binary(max_size=600))


@settings(derandomize=True, deadline=None, database=None)
@given(st.dictionaries(st.binary(max_size=300), st.one_of(VALUES, st.lists(VALUES))))
def test_pickle_gives_back_numbers_strings_and_lists(batch):
    assert pickle.loads(batch_pickle.dumps(batch), encoding="bytes") == batch


@settings(derandomize=True, deadline=None, database=None)
@given(st.integers(0, 300), st.integers(0, 20))
def test_pickle_gives_back_matrices(rows, columns):
    matrix = np.random.default_rng(0).integers(256, size=(rows, columns), dtype=np.uint8)
    back = pickle.loads(batch_pickle.dumps({b"data": matrix}), encoding="bytes")[b"data"]
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, matrix)
