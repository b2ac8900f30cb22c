"""How a case's value is judged. Pure functions: they know no database and no HTTP.

A verdict says no more than it must: no count and no magnitude, which would hand out the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from grader.grading.figures import FIGURES
from grader.grading.values import DTYPES, Array, Node

A_LITTLE = 100.0  # tolerances
_KINDS = ("bool", "number", "string", "dtype", "array", "dict", "list", "tuple")  # that a verdict may name
Rules = dict[str, Any]  # a case's rtol, atol, figure, at_most and at_least, as they travel


class Kind(str, Enum):
    EQUAL = "equal"
    MISSING = "missing"
    RAISED = "raised"
    DTYPE = "wrong dtype"
    SHAPE = "wrong shape"
    NOT_FINITE = "not finite"
    A_LITTLE = "values differ by a little"
    A_LOT = "values differ by a lot"
    NOT_JUDGED = "could not be judged"


@dataclass(frozen=True)
class Verdict:
    kind: Kind
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.kind is Kind.EQUAL

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.detail}" if self.detail else self.kind.value


@dataclass(frozen=True)
class Leaf:
    """What a header claims about an array; `read` brings the numbers."""

    dtype: str
    shape: tuple[int, ...]
    read: Callable[[], Array]


@dataclass(frozen=True)
class Value:
    """A tree and its arrays, which are read only after their claims were checked."""

    tree: Node
    arrays: list[Leaf]


EQUAL, MISSING = Verdict(Kind.EQUAL), Verdict(Kind.MISSING)
NOT_SENT = Verdict(Kind.MISSING, "the value was too large to be sent")
A_LOT, NOT_FINITE = Verdict(Kind.A_LOT), Verdict(Kind.NOT_FINITE)


def value_of(tree: Node, arrays: list[Array]) -> Value:
    """Return a value whose arrays are at hand."""
    return Value(tree, [Leaf(array.dtype.name, array.shape, lambda array=array: array) for array in arrays])  # type: ignore[misc]


def judge(expected: Value, found: Value, rules: Rules) -> Verdict:
    """Compare a student's value with the reference's and return the first thing that is wrong, or EQUAL.

    Of an array a wrong dtype is told before a wrong shape, and both before any number is read.
    """
    verdict = _compare(expected.tree, found.tree, expected, found, rules)
    return verdict or EQUAL


def judge_figure(labels: Value, predictions: Value, rules: Rules) -> Verdict:
    """Compute a figure from predictions and kept labels, and hold it against its bound."""
    wrong = _array_claims(labels.arrays[0], predictions)
    if wrong:
        return wrong
    found = predictions.arrays[0].read()
    if not np.isfinite(found.astype(np.float64)).all():
        return NOT_FINITE
    figure = FIGURES[rules["figure"]](found, labels.arrays[0].read())
    low, high = rules.get("at_least"), rules.get("at_most")
    within = (low is None or figure >= low) and (high is None or figure <= high)
    return EQUAL if within else A_LOT


def _array_claims(label: Leaf, predictions: Value) -> Verdict | None:
    """A prediction is one array of the labels' shape and of their kind of number."""
    found = _leaf(predictions.tree, predictions)
    if found is None:
        return MISSING
    if _kind_of_number(found.dtype) != _kind_of_number(label.dtype):
        return Verdict(Kind.DTYPE)
    return _shapes(label.shape, found.shape) or (NOT_SENT if found.read is _never_sent else None)


def _kind_of_number(dtype: str) -> str:
    return np.dtype(dtype).kind.replace("u", "i")


def _compare(expected: Node, found: object, one: Value, other: Value, rules: Rules) -> Verdict | None:
    kind = next(iter(expected))
    if kind == "array" and (leaf := _leaf(found, other)):
        return _compare_arrays(one.arrays[expected["array"]], leaf, rules)
    if kind == "array" or not isinstance(found, dict) or kind not in found:
        return _other_kind(kind, found)
    if kind == "dict":
        return _compare_dicts(expected["dict"], found["dict"], one, other, rules)
    if kind in ("list", "tuple"):
        return _compare_lists(expected[kind], found[kind], one, other, rules)
    if kind == "number":
        return _compare_numbers(expected[kind], found[kind], rules)
    return None if expected[kind] == found[kind] else A_LOT


def _leaf(found: object, other: Value) -> Leaf | None:
    """Return the array that a node names, or what it claims of one that was too large to be sent."""
    if not isinstance(found, dict):
        return None
    index, claims = found.get("array"), found.get("omitted")
    if type(index) is int and 0 <= index < len(other.arrays):
        return other.arrays[index]
    dtype, shape = (claims.get("dtype"), claims.get("shape")) if isinstance(claims, dict) else (None, None)
    if not isinstance(dtype, str) or dtype not in DTYPES or not isinstance(shape, list):
        return None
    return Leaf(dtype, tuple(shape), _never_sent) if all(type(size) is int for size in shape) else None


def _never_sent() -> Array:
    raise AssertionError("read an array that was not sent")


def _other_kind(kind: str, found: object) -> Verdict:
    """A student may write anything as a kind, so only a known one is named."""
    if not isinstance(found, dict):
        return MISSING
    if "not_finite" in found:
        return NOT_FINITE
    theirs = next((name for name in _KINDS if name in found), kind)
    return MISSING if theirs == kind else Verdict(Kind.DTYPE, f"found a {theirs}, expected a {kind}")


def _compare_dicts(
    expected: dict[str, Node], found: object, one: Value, other: Value, rules: Rules
) -> Verdict | None:
    if not isinstance(found, dict) or expected.keys() != found.keys():
        return MISSING
    verdicts = (_compare(expected[key], found[key], one, other, rules) for key in expected)
    return next(filter(None, verdicts), None)


def _compare_lists(
    expected: list[Node], found: object, one: Value, other: Value, rules: Rules
) -> Verdict | None:
    if not isinstance(found, list):
        return MISSING
    if len(expected) != len(found):
        return Verdict(Kind.SHAPE, f"found {len(found)} items, expected {len(expected)}")
    pairs = zip(expected, found, strict=True)
    verdicts = (_compare(mine, theirs, one, other, rules) for mine, theirs in pairs)
    return next(filter(None, verdicts), None)


def _compare_numbers(expected: float, found: object, rules: Rules) -> Verdict | None:
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return Verdict(Kind.DTYPE)
    if isinstance(expected, int) != isinstance(found, int):
        detail = f"found {type(found).__name__}, expected {type(expected).__name__}"
        return Verdict(Kind.DTYPE, detail)
    if isinstance(expected, int):
        return None if expected == found else A_LOT
    return _distance(np.asarray(expected), np.asarray(found), rules)


def _compare_arrays(expected: Leaf, found: Leaf, rules: Rules) -> Verdict | None:
    if expected.dtype != found.dtype:
        return Verdict(Kind.DTYPE, f"found {found.dtype}, expected {expected.dtype}")
    if wrong := _shapes(expected.shape, found.shape):
        return wrong
    return NOT_SENT if found.read is _never_sent else _distance(expected.read(), found.read(), rules)


def _shapes(expected: tuple[int, ...], found: tuple[int, ...]) -> Verdict | None:
    if expected == found:
        return None
    return Verdict(Kind.SHAPE, f"found {found}, expected {expected}")


def _distance(expected: Array, found: Array, rules: Rules) -> Verdict | None:
    """Judge |a - e| <= atol + rtol * max|e|, in float64."""
    if expected.dtype.kind not in "f":
        return None if np.array_equal(expected, found) else A_LOT
    if not np.isfinite(found).all():
        return NOT_FINITE
    tolerances = distance(expected, found, rules)
    if tolerances <= 1:
        return None
    return Verdict(Kind.A_LITTLE) if tolerances <= A_LITTLE else A_LOT


def distance(expected: Array, found: Array, rules: Rules) -> float:
    """Return the largest difference of two arrays of one shape, in tolerances."""
    if expected.size == 0:
        return 0.0
    e, a = expected.astype(np.float64), found.astype(np.float64)
    tolerance = float(rules["atol"]) + float(rules["rtol"]) * float(np.abs(e).max())
    with np.errstate(over="ignore"):  # an infinite difference is one
        difference = float(np.abs(a - e).max())
    return difference / tolerance if tolerance else (0.0 if difference == 0 else float("inf"))
