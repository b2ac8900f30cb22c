"""A verdict says what kind of thing is wrong, whatever a student sends, and never a number of the value."""

import re
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.grading.values import DTYPES, take_apart
from grader.grading.verdicts import Kind, Leaf, Value, Verdict, judge, judge_figure, value_of

Array = npt.NDArray[Any]
steady = settings(derandomize=True, deadline=None, database=None, max_examples=150)
RULES = {"rtol": 1e-4, "atol": 1e-6, "figure": "", "at_most": None, "at_least": None}


def value(content: object) -> Value:
    return value_of(*take_apart(content))


def verdict(expected: object, found: object, **rules: Any) -> Verdict:
    return judge(value(expected), value(found), {**RULES, **rules})


def never() -> Array:
    pytest.fail("an array was read before its claim was checked")


def claim(dtype: str, shape: tuple[int, ...]) -> Value:
    return Value({"array": 0}, [Leaf(dtype, shape, never)])


# Numbers of few bits: what judges them in float64 rounds nothing, so that the boundary itself can be tried.
small = st.integers(-(2**12), 2**12).map(lambda number: number / 2**6)
steps = st.integers(-3, 3)


@steady
@given(
    expected=st.lists(small, min_size=1, max_size=5),
    atol=st.integers(0, 6),
    rtol=st.integers(3, 9),
    at=st.integers(0, 4),
    around=st.sampled_from([1, 100]),
    sign=st.sampled_from([-1, 1]),
    step=steps,
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_the_boundaries_are_where_an_exact_computation_finds_them(
    expected: list[float], atol: int, rtol: int, at: int, around: int, sign: int, step: int, dtype: str
) -> None:
    rules = {"atol": atol / 2**8, "rtol": 2.0**-rtol}
    tolerance = Fraction(rules["atol"]) + Fraction(rules["rtol"]) * max(abs(Fraction(e)) for e in expected)
    found = list(expected)
    at %= len(found)
    moved = Fraction(found[at]) + sign * (around * tolerance + Fraction(step, 2**15))
    found[at] = float(np.dtype(dtype).type(float(moved)))
    distance = max(abs(Fraction(a) - Fraction(e)) for a, e in zip(found, expected, strict=True))
    if distance <= tolerance:
        kind = Kind.EQUAL
    else:
        kind = Kind.A_LITTLE if distance <= 100 * tolerance else Kind.A_LOT
    assert verdict(np.array(expected, dtype), np.array(found, dtype), **rules).kind is kind


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        (1.0, Kind.EQUAL),
        (1.0 + 2**-20, Kind.A_LITTLE),
        (100.0, Kind.A_LITTLE),
        (100.0 + 2**-20, Kind.A_LOT),
    ],
)
@pytest.mark.parametrize("wrap", [float, lambda number: np.array([0.0, number])])
def test_a_little_ends_at_100_tolerances_on_both_sides(
    sign: int, steps: float, kind: Kind, wrap: Any
) -> None:
    found = wrap(8.0 + sign * steps * 2**-4)
    assert verdict(wrap(8.0), found, atol=0.0, rtol=2**-7).kind is kind


@pytest.mark.parametrize("rules", [{"rtol": 0.0}, {"atol": 0.0, "rtol": 0.0}])
def test_without_a_tolerance_only_the_same_numbers_are_equal(rules: dict[str, float]) -> None:
    assert verdict(np.zeros(3), np.zeros(3), **rules).passed
    assert not verdict(np.zeros(3), np.array([0.0, 0.1, 0.0]), **rules).passed


def test_the_tolerance_follows_the_largest_expected_and_not_the_found_number() -> None:
    assert verdict(np.array([1e6, 0.0]), np.array([1e6, 99.0])).passed
    assert verdict(np.array([0.0, 0.0]), np.array([1e6, 0.0])).kind is Kind.A_LOT


@pytest.mark.parametrize("dtype", sorted(DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3)])
def test_the_same_array_is_equal_whatever_its_dtype_and_shape(dtype: str, shape: tuple[int, ...]) -> None:
    assert verdict(np.ones(shape, dtype), np.ones(shape, dtype)).passed


@pytest.mark.parametrize("dtype", sorted(name for name in DTYPES if "int" in name))
def test_whole_numbers_and_truth_values_have_no_tolerance(dtype: str) -> None:
    assert verdict(np.array([100], dtype), np.array([101], dtype), rtol=1.0).kind is Kind.A_LOT
    assert verdict(np.array([True]), np.array([False]), rtol=1.0).kind is Kind.A_LOT


def test_large_whole_numbers_are_compared_to_the_last_digit() -> None:
    assert verdict(np.array([2**63], np.uint64), np.array([2**63 + 1], np.uint64)).kind is Kind.A_LOT
    assert verdict(2**53 - 1, 2**53 - 2).kind is Kind.A_LOT
    assert verdict(2**80, 2**80).passed
    assert verdict(2**80, 2**80 + 1).kind is Kind.A_LOT


def test_of_an_array_the_dtype_is_told_before_the_shape_and_neither_reads_it() -> None:
    expected = claim("float32", (2, 3))
    assert (
        str(judge(expected, claim("float64", (3, 2)), RULES))
        == "wrong dtype: found float64, expected float32"
    )
    assert (
        str(judge(expected, claim("float32", (3, 2)), RULES)) == "wrong shape: found (3, 2), expected (2, 3)"
    )


@pytest.mark.parametrize("shape", [(2**20, 2**20), (6,), (2, 3, 1), (), (0,)])
def test_an_array_that_claims_another_shape_is_never_read(shape: tuple[int, ...]) -> None:
    assert judge(value(np.zeros((2, 3))), claim("float64", shape), RULES).kind is Kind.SHAPE


def test_the_expected_array_is_not_read_either_when_the_claim_is_wrong() -> None:
    assert judge(claim("int64", (2**40,)), claim("int64", (2,)), RULES).kind is Kind.SHAPE


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_an_element_that_is_not_finite_is_told_as_such_and_never_as_a_distance(
    bad: float, dtype: str
) -> None:
    assert verdict(np.zeros(3, dtype), np.array([0, bad, 0], dtype)).kind is Kind.NOT_FINITE
    assert verdict(1.5, bad).kind is Kind.NOT_FINITE


def test_the_largest_floats_are_judged_without_a_warning() -> None:
    most = np.finfo(np.float64).max
    assert verdict(np.array([most]), np.array([-most])).kind is Kind.A_LOT
    assert verdict(np.array([most]), np.array([most])).passed


@pytest.mark.parametrize(
    ("expected", "found", "kind"),
    [
        (True, 1, Kind.DTYPE),
        (1, True, Kind.DTYPE),
        (1, 1.0, Kind.DTYPE),
        (1.0, 1, Kind.DTYPE),
        (1.0, np.float64(1.0), Kind.DTYPE),
        (np.float64(1.0), 1.0, Kind.DTYPE),
        (np.zeros(2), [0.0, 0.0], Kind.DTYPE),
        ([1.0], (1.0,), Kind.DTYPE),
        ("a", "b", Kind.A_LOT),
        ("1", 1, Kind.DTYPE),
        (np.float32, np.float64, Kind.A_LOT),
        (True, False, Kind.A_LOT),
        (1, 2, Kind.A_LOT),
        (None, 1, Kind.DTYPE),
        (1.0, None, Kind.MISSING),
        (np.zeros(2), None, Kind.MISSING),
        ([1.0, 2.0], [1.0], Kind.SHAPE),
        ([], [1.0], Kind.SHAPE),
        ({"a": 1}, {}, Kind.MISSING),
        ({"a": 1}, {"a": 1, "b": 2}, Kind.MISSING),
        ({"a": 1}, [1], Kind.DTYPE),
        ({"a": [1, (2.5, None)]}, {"a": [1, (2.5, None)]}, Kind.EQUAL),
        ({"a": 1, "b": 2.0}, {"b": 2.0, "a": 1}, Kind.EQUAL),
        ([np.zeros(2), np.ones(2)], [np.ones(2), np.zeros(2)], Kind.A_LOT),
    ],
)
def test_trees_are_compared_kind_by_kind(expected: object, found: object, kind: Kind) -> None:
    assert verdict(expected, found).kind is kind


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"dtype": "float64", "shape": [2]}, "missing: the value was too large to be sent"),
        ({"dtype": "float64", "shape": [2**40]}, f"wrong shape: found ({2**40},), expected (2,)"),
        ({"dtype": "int8", "shape": [2]}, "wrong dtype: found int8, expected float64"),
        ({"dtype": "<b>", "shape": [2]}, "missing"),
        ({"dtype": [], "shape": [2]}, "missing"),
        ({"dtype": "float64", "shape": ["2"]}, "missing"),
        ({"dtype": "float64", "shape": "2"}, "missing"),
        ({}, "missing"),
        (None, "missing"),
    ],
)
def test_an_array_too_large_to_be_sent_is_judged_by_what_it_claims(claims: object, said: str) -> None:
    assert str(judge(value(np.zeros(2)), Value({"omitted": claims}, []), RULES)) == said


EXPECTED = {
    "weights": np.array([[7654321.5, -8765432.25]]),
    "counts": np.array([9876543, 6543219]),
    "loss": 3456789.25,
    "epoch": 5432198,
    "name": "secret-4567891",
    "history": [(2345678.5, True, None), np.float32],
}
json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = [
    "none",
    "bool",
    "number",
    "not_finite",
    "string",
    "dtype",
    "array",
    "omitted",
    "dict",
    "list",
    "tuple",
]
KEYS = st.sampled_from([*KINDS, *EXPECTED, "dtype", "shape", "x"])
node_trees = st.recursive(
    json_trees,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def planted(tree: Any, path: list[int], node: object) -> Any:
    """Return the tree with one of its nodes replaced."""
    if not path or not isinstance(tree, (dict, list)) or not tree:
        return node
    if isinstance(tree, list):
        at = path[0] % len(tree)
        return [planted(child, path[1:], node) if index == at else child for index, child in enumerate(tree)]
    key = sorted(tree)[path[0] % len(tree)]
    return {**tree, key: planted(tree[key], path[1:], node)}


@settings(steady, max_examples=120)
@given(path=st.lists(st.integers(0, 5), max_size=6), node=node_trees)
def test_whatever_tree_a_student_sends_only_a_verdict_comes_out_and_no_secret(
    path: list[int], node: object
) -> None:
    tree, arrays = take_apart(EXPECTED)
    changed = [array + 1 for array in arrays]
    found = Value(planted(tree, path, node), value_of(tree, changed).arrays)
    result = judge(value_of(tree, arrays), found, RULES)
    assert isinstance(result, Verdict)
    assert not result.passed
    assert_tells_nothing(result)


@settings(steady, max_examples=60)
@given(tree=node_trees)
def test_whatever_predictions_a_student_sends_only_a_verdict_comes_out(tree: Any) -> None:
    rules = {**RULES, "figure": "error_rate", "at_most": 0.1}
    for leaves in ([], value(np.array([[1, 2]])).arrays, value([np.zeros(3), np.ones(1)]).arrays):
        result = judge_figure(value(np.array([0, 1, 2])), Value(tree, leaves), rules)
        assert isinstance(result, Verdict)
        assert not result.passed


def assert_tells_nothing(result: Verdict) -> None:
    """A verdict may name kinds, dtypes and shapes, of which none here has five digits."""
    assert result.kind in Kind
    digits = re.findall(r"\d{5,}", str(EXPECTED))
    assert not any(part in str(result) for part in digits)
    assert "secret" not in str(result)


@steady
@given(
    hnp.arrays(np.float32, (2, 3), elements=st.floats(1000, 9999, width=32)),
    hnp.arrays(np.float32, (2, 3), elements=st.floats(1000, 9999, width=32)),
)
def test_a_verdict_on_numbers_is_one_of_three_sentences(expected: Array, found: Array) -> None:
    result = verdict({"a": [expected]}, {"a": [found]})
    assert str(result) in ("equal", "values differ by a little", "values differ by a lot")


@pytest.mark.parametrize("found", [{"7654321.5": 1}, {"<script>": 1}, {"x" * 10_000: 1}, {}])
def test_a_kind_that_a_student_made_up_is_not_repeated(found: dict[str, Any]) -> None:
    assert str(judge(value(1.5), Value(found, []), RULES)) == "missing"


def test_one_array_may_not_be_named_by_an_index_that_is_none() -> None:
    expected = value([np.zeros(2), np.zeros(2)])
    for index in (-1, 2, True, False, 0.0, "0", None, [0], 10**30):
        found = Value({"list": [{"array": index}, {"array": 1}]}, expected.arrays)
        assert judge(expected, found, RULES).kind is Kind.MISSING


@pytest.mark.parametrize("found", [True, "1", None, [1], {}, 1.0])
def test_a_whole_number_is_met_by_a_whole_number_alone(found: object) -> None:
    assert judge(value(1), Value({"number": found}, []), RULES).kind is Kind.DTYPE


@pytest.mark.parametrize(
    ("predictions", "kind"),
    [
        ([0, 1, 2, 3], Kind.EQUAL),
        ([0, 1, 2, 0], Kind.EQUAL),
        ([0, 1, 0, 0], Kind.A_LOT),
        (np.array([0, 1, 2, 3], np.uint8), Kind.EQUAL),
        (np.array([0.0, 1.0, 2.0, 3.0]), Kind.DTYPE),
        (np.array([False, True, True, True]), Kind.DTYPE),
        ([0, 1, 2], Kind.SHAPE),
        (np.zeros((4, 10), np.int64), Kind.SHAPE),
    ],
)
def test_a_figure_is_held_against_its_bound(predictions: Any, kind: Kind) -> None:
    rules = {**RULES, "figure": "error_rate", "at_most": 0.25}
    labels = value(np.array([0, 1, 2, 3]))
    assert judge_figure(labels, value(np.asarray(predictions)), rules).kind is kind


@pytest.mark.parametrize(
    ("bounds", "passed"), [((0.25, None), True), ((0.3, None), False), ((0.25, 0.25), True)]
)
def test_a_figure_on_its_bound_passes(bounds: tuple[float | None, float | None], passed: bool) -> None:
    rules = {"figure": "error_rate", "at_least": bounds[0], "at_most": bounds[1]}
    labels, predictions = value(np.array([0, 1, 2, 3])), value(np.array([0, 1, 2, 0]))
    assert judge_figure(labels, predictions, rules).passed is passed


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_predictions_that_are_not_finite_meet_no_bound(bad: float) -> None:
    rules = {"figure": "mean_squared_error", "at_least": 0.0, "at_most": None}
    assert judge_figure(value(np.zeros(2)), value(np.array([0, bad])), rules).kind is Kind.NOT_FINITE


def test_predictions_of_another_shape_are_never_read() -> None:
    rules = {"figure": "error_rate", "at_least": None, "at_most": 1.0}
    assert judge_figure(claim("int64", (3,)), claim("int64", (2**40,)), rules).kind is Kind.SHAPE
    omitted = Value({"omitted": {"dtype": "int64", "shape": [3]}}, [])
    assert judge_figure(claim("int64", (3,)), omitted, rules).kind is Kind.MISSING


def test_only_equal_passes() -> None:
    assert [kind for kind in Kind if Verdict(kind).passed] == [Kind.EQUAL]
