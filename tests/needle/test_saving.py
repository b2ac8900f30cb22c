"""Tensors in a file and back: all dtypes and shapes, whole files or none, and errors in words."""

import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors import numpy as safetensors

from needle import Tensor, load, save
from needle.errors import DTypeError, FileFormatError

STATE = {"layer.weight": Tensor(np.arange(6, dtype="float32").reshape(2, 3)), "step": Tensor(3)}

dtypes = st.sampled_from([FLOAT, "float32", "float16", "int64", "int8", "uint8", "bool"])
some_arrays = arrays.arrays(dtypes, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
names = st.text(st.characters(codec="utf-8"), max_size=8)


@quickly
@given(st.dictionaries(names, some_arrays))
def test_what_was_saved_is_loaded_with_its_names_dtypes_and_shapes(
    tmp_path_factory: pytest.TempPathFactory, state: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.mktemp("saved") / "state.safetensors"
    save({name: Tensor(array) for name, array in state.items()}, path)
    found = load(path)
    assert found.keys() == state.keys()
    for name, array in state.items():
        expected = array if FLOAT == "float64" else array.astype(FLOAT)
        np.testing.assert_array_equal(found[name].numpy(), expected, strict=True)
        assert not found[name].requires_grad
        assert found[name].is_leaf()


def test_tensors_that_do_not_lie_in_order_in_memory_are_saved_as_they_read(tmp_path: Path) -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3))
    views = {"turned": x.transpose(), "repeated": x.broadcast_to((2, 2, 3)), "backwards": x[::-1]}
    save(views, tmp_path / "views")
    for name, found in load(tmp_path / "views").items():
        np.testing.assert_array_equal(found.numpy(), views[name].numpy(), strict=True)


def test_the_file_is_of_the_safetensors_format(tmp_path: Path) -> None:
    save(STATE, str(tmp_path / "state"))
    found = safetensors.load_file(tmp_path / "state")
    np.testing.assert_array_equal(found["layer.weight"], STATE["layer.weight"].numpy(), strict=True)


def test_loaded_tensors_can_be_changed_and_the_file_stays(tmp_path: Path) -> None:
    save(STATE, tmp_path / "state")
    load(tmp_path / "state")["layer.weight"].numpy()[:] = 9
    np.testing.assert_array_equal(load(tmp_path / "state")["layer.weight"].numpy().ravel(), range(6))


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (
            {"w": np.ones(2)},
            "save: 'w' is ndarray. Expected a Tensor. Save model.state_dict()",
        ),
        ({"w": 1.0}, "save: 'w' is float. Expected a Tensor."),
        (
            {3: Tensor([1.0])},
            "save: a name is 3, a int. Expected a str other than '__metadata__'.",
        ),
        ({"__metadata__": Tensor([1.0])}, "save: a name is '__metadata__', a str. Expected a str other than"),
    ],
)
def test_what_is_no_named_tensor_is_refused_and_the_old_file_stays(
    tmp_path: Path, state: Any, text: str
) -> None:
    save(STATE, tmp_path / "state")
    before = (tmp_path / "state").read_bytes()
    with pytest.raises(DTypeError, match=re.escape(text)):
        save(state, tmp_path / "state")
    assert (tmp_path / "state").read_bytes() == before


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(STATE, tmp_path / "state")
    before = (tmp_path / "state").read_bytes()

    def full(file: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save({"w": Tensor([1.0])}, tmp_path / "state")
    assert [one.name for one in tmp_path.iterdir()] == ["state"]
    assert (tmp_path / "state").read_bytes() == before


def test_who_reads_a_file_while_it_is_saved_again_reads_the_old_one_whole(tmp_path: Path) -> None:
    save(STATE, tmp_path / "state")
    before = (tmp_path / "state").read_bytes()
    with (tmp_path / "state").open("rb") as reader:
        save({"w": Tensor([1.0])}, tmp_path / "state")
        assert reader.read() == before
    assert list(load(tmp_path / "state")) == ["w"]


@pytest.mark.parametrize("kept", [0, 4, 20, -1])
def test_a_file_that_is_cut_off_is_refused_in_words(tmp_path: Path, kept: int) -> None:
    save(STATE, tmp_path / "state")
    whole = (tmp_path / "state").read_bytes()
    (tmp_path / "state").write_bytes(whole[:kept])
    expected = (
        r"^load: .*state can't be read: .*\. Expected a whole file in the safetensors format\. Save it again"
    )
    with pytest.raises(FileFormatError, match=expected) as caught:
        load(tmp_path / "state")
    assert isinstance(caught.value, ValueError)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, tuple[Path]]:
            return Path.touch, (tmp_path / "ran",)

    (tmp_path / "state").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FileFormatError):
        load(tmp_path / "state")
    assert not (tmp_path / "ran").exists()


def test_a_dtype_that_numpy_has_not_is_refused(tmp_path: Path) -> None:
    header = b'{"w":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    (tmp_path / "state").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    with pytest.raises(FileFormatError, match="BF16"):
        load(tmp_path / "state")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        load(tmp_path / "nothing")
