"""A value is taken apart and travels unharmed, or the leaf that can't travel is named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.errors import CaseError
from grader.grading.values import DTYPES, Node, leaves, replace_arrays, take_apart
from grader.grading.wire import Blob, pack

Array = npt.NDArray[Any]
steady = settings(derandomize=True, deadline=None, database=None, max_examples=80)


class Tensor:
    """What a library under test returns."""

    def __init__(self, content: object):
        self._content = content

    def numpy(self) -> object:
        return self._content


def put_together(node: Node, arrays: list[Array]) -> object:
    """Return the value of a tree: the way back, which the grader never needs."""
    kind, content = next(iter(node.items()))
    if kind == "dict":
        return {key: put_together(child, arrays) for key, child in content.items()}
    if kind in ("list", "tuple"):
        items = [put_together(child, arrays) for child in content]
        return items if kind == "list" else tuple(items)
    return {"array": lambda: arrays[content], "not_finite": lambda: float(content)}.get(
        kind, lambda: content
    )()


def same(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and type(one) is type(other):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        equal = np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        return one.dtype.name == other.dtype.name and one.shape == other.shape and equal
    if isinstance(one, float) and one != one:
        return isinstance(other, float) and other != other
    return type(one) is type(other) and one == other


shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
arrays = st.sampled_from(sorted(DTYPES)).flatmap(lambda dtype: hnp.arrays(dtype, shapes))
views = st.tuples(
    arrays, st.sampled_from([lambda a: a, lambda a: a.T, lambda a: a[..., ::-1] if a.ndim else a])
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.floats(), st.text(max_size=6)
)
whole = st.one_of(scalars, views.map(lambda pair: pair[1](pair[0])))
trees = st.recursive(
    whole,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=4), inner, max_size=3),
    ),
    max_leaves=8,
)


@steady
@given(trees)
def test_any_tree_comes_back_from_the_wire_as_it_was(value: object) -> None:
    tree, taken = take_apart(value)
    blob = Blob(pack({"tree": tree}, {str(at): array for at, array in enumerate(taken)}))
    assert same(put_together(blob.description["tree"], [blob[str(at)] for at in range(len(blob))]), value)


@steady
@given(trees)
def test_a_reader_meets_the_arrays_in_the_order_of_their_indices(value: object) -> None:
    tree, taken = take_apart(value)
    found = [
        node["array"]
        for _, node in leaves(Blob(pack({"tree": tree}, {})).description["tree"])
        if "array" in node
    ]
    assert found == list(range(len(taken)))


@pytest.mark.parametrize("value", [2**53, -(2**53), 2**64, 10**30, -(10**3000)])
def test_a_whole_number_that_json_readers_would_round_travels_as_text(value: int) -> None:
    assert take_apart(value) == ({"string": str(value)}, [])


@pytest.mark.parametrize(
    ("value", "tree"),
    [
        (None, {"none": None}),
        (True, {"bool": True}),
        (1, {"number": 1}),
        (1.0, {"number": 1.0}),
        (float("inf"), {"not_finite": "inf"}),
        (float("-inf"), {"not_finite": "-inf"}),
        (np.float32, {"dtype": "float32"}),
        (np.dtype(">i8"), {"dtype": "int64"}),
        ([], {"list": []}),
        ((), {"tuple": []}),
        ({}, {"dict": {}}),
    ],
)
def test_what_is_no_array_becomes_a_node_of_its_kind(value: object, tree: Node) -> None:
    found, taken = take_apart(value)
    assert (found, taken) == (tree, [])
    assert [type(content) for content in found.values()] == [type(content) for content in tree.values()]


@pytest.mark.parametrize("value", [np.float32(1.5), np.bool_(True), np.int64(3), Tensor(np.float64(2.5))])
def test_a_numpy_scalar_keeps_its_dtype_as_an_array_without_dimensions(value: Any) -> None:
    tree, [array] = take_apart(value)
    expected = value.numpy() if isinstance(value, Tensor) else value
    assert (tree, array.shape, array.dtype, array[()]) == ({"array": 0}, (), expected.dtype, expected)


def test_a_big_endian_array_arrives_with_its_numbers() -> None:
    _, [array] = take_apart(np.array([1.5, -2.0], dtype=">f4"))
    assert Blob(pack({"a": 1}, {"x": array}))["x"].tolist() == [1.5, -2.0]


@pytest.mark.parametrize(
    ("leaf", "kind"),
    [
        (np.array([object()]), "array of object"),
        (np.array([1j]), "array of complex128"),
        (np.complex64(1), "complex64"),
        (np.array(["a"]), "array of <U1"),
        (np.array(["2026-01-01"], dtype="datetime64[D]"), r"array of datetime64\[D\]"),
        (np.zeros(1, dtype=[("a", "i4")]), "array of "),
        ({1, 2}, "set"),
        (b"ab", "bytes"),
        (1j, "complex"),
        (range(3), "range"),
        (object(), "object"),
        (Tensor([1, 2]), "Tensor|list"),
        (len, "builtin_function_or_method"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda leaf: {"loss": [0, leaf]}, lambda leaf: {"loss": (None, leaf)}])
def test_what_cannot_be_sent_is_named_with_its_place_and_type(
    leaf: object, kind: str, wrap: Callable[[object], object]
) -> None:
    with pytest.raises(
        CaseError, match=rf"^case\['loss'\]\[1\]: found ({kind}).*, which can't be sent. Expected a"
    ):
        take_apart(wrap(leaf), "case")


@pytest.mark.parametrize("key", [1, None, ("a",), b"a"])
def test_a_key_that_is_no_text_is_refused_with_its_type(key: object) -> None:
    with pytest.raises(CaseError, match=rf"^value: found the key .* of type {type(key).__name__}"):
        take_apart({key: 1})


def test_a_whole_number_too_long_for_text_is_refused_and_not_a_crash() -> None:
    with pytest.raises(CaseError, match=r"^value\[0\]: found an int of over 13000 bits"):
        take_apart([10**5000])


def test_a_value_nested_too_deep_or_into_itself_is_refused() -> None:
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(CaseError, match="nested deeper than 16 levels"):
        take_apart(deep)


def test_the_deepest_value_that_is_taken_apart_can_be_sent_and_read() -> None:
    value: object = np.zeros(2)
    for _ in range(16):
        value = [value]
    tree, [array] = take_apart(value)
    described = {"values": {"q/case": {"tree": tree}}}
    assert Blob(pack(described, {"q/case/0": array})).description == described


def test_leaves_are_yielded_with_the_place_at_which_one_finds_them() -> None:
    tree, _ = take_apart({"loss": [1.5, (None, np.zeros(2))], "empty": [], "name": "x"})
    assert dict(leaves(tree)) == {
        "value['loss'][0]": {"number": 1.5},
        "value['loss'][1][0]": {"none": None},
        "value['loss'][1][1]": {"array": 0},
        "value['name']": {"string": "x"},
    }


@steady
@given(trees)
def test_replacing_keeps_the_tree_and_changes_arrays_numbers_and_truth_values(value: object) -> None:
    tree, taken = take_apart(value)
    changed, zeros = replace_arrays(tree, taken, np.zeros_like)
    assert [where for where, _ in leaves(changed)] == [where for where, _ in leaves(tree)]
    assert all(not array.any() for array in zeros)
    for (_, before), (_, after) in zip(leaves(tree), leaves(changed), strict=True):
        [(kind, content)], [(same_kind, new)] = before.items(), after.items()
        assert (kind, type(content)) == (same_kind, type(new))
        assert new == (0 if kind in ("number", "bool") else content)
