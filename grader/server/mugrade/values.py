"""Values as the mugrade protocol writes them in JSON, read without trust, and compared. Pure functions."""

import json
from datetime import datetime
from typing import Any

import numpy as np

from grader.errors import WireError
from grader.grading.values import Array, Node
from grader.grading.verdicts import Kind, Value, judge, value_of

_TAG = "_encoded_type"
_RULES = {"rtol": 1e-4, "atol": 1e-6}
_DEPTH = 16
_MOST_NODES = 50_000  # outside arrays; one is some hundred bytes in memory
_LONGEST = 1000  # characters of a type's name
_ENCODED = ("np.ndarray", "type", "datetime")


def read_json(body: bytes, where: str) -> Any:
    """Return what a body holds. Raises: WireError for what is no JSON, or is nested without end."""
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError):
        raise WireError(
            f"{where}: this is no JSON that can be read. Expected a value as the client encodes it."
        ) from None


def read_value(said: Any, where: str) -> Value:
    """Return a value ready to be compared. Raises: WireError, naming what the protocol does not have."""
    reading = _Reading(where)
    return value_of(reading.node(said, 0), reading.arrays)


def require_finite(value: Value, where: str) -> None:
    """Raises: WireError for a value that nothing can equal."""
    finite = all(np.isfinite(leaf.read()).all() for leaf in value.arrays)
    if not finite or "not_finite" in json.dumps(value.tree):
        raise WireError(
            f"{where}: found NaN or an infinity, which no answer can equal. Publish finite values."
        )


def judged(expected: Any, found: Value, where: str) -> Kind:
    """Return how a value compares with the published one, within the tolerance."""
    with np.errstate(all="ignore"):
        return judge(read_value(expected, where), found, _RULES).kind


class _Reading:
    """One value on its way from JSON to a tree and its arrays; whole numbers are read as any other."""

    def __init__(self, where: str):
        self.arrays: list[Array] = []
        self._where = where
        self._nodes = 0

    def node(self, said: Any, depth: int) -> Node:
        self._nodes += 1
        if depth > _DEPTH or self._nodes > _MOST_NODES:
            limits = f"{_DEPTH} levels and {_MOST_NODES} values"
            raise self._refusal(
                f"this is nested too deep, or too long. Expected at most {limits}, or an array"
            )
        if isinstance(said, list):
            return {"list": [self.node(one, depth + 1) for one in said]}
        if isinstance(said, dict):
            if _TAG in said:
                return self._encoded(said)
            return {"dict": {name: self.node(one, depth + 1) for name, one in said.items()}}
        if isinstance(said, bool):
            return {"bool": said}
        if isinstance(said, (int, float)):
            return self._number(said)
        return {"string": said} if isinstance(said, str) else {"none": None}

    def _number(self, said: float) -> Node:
        try:
            number = float(said)
        except OverflowError:
            raise self._refusal("found a whole number too large to compare") from None
        return {"number": number} if np.isfinite(number) else {"not_finite": str(number)}

    def _encoded(self, said: dict[str, Any]) -> Node:
        kind, data = said[_TAG], said.get("data")
        if kind == "np.ndarray":
            self.arrays.append(self._array(data))
            return {"array": len(self.arrays) - 1}
        if kind == "type" and isinstance(data, str) and len(data) <= _LONGEST:
            return {"dtype": data}
        if kind == "datetime" and isinstance(data, str):
            return {"string": self._moment(data)}
        found = f"{str(kind)[:40]!r} with data of type {type(data).__name__}"
        raise self._refusal(f"found the encoded {found}. Expected one of {', '.join(_ENCODED)}")

    def _array(self, data: Any) -> Array:
        try:
            array = np.asarray(data)
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise self._refusal("found an array whose rows differ in length, or too deep") from None
        if array.dtype.kind not in "biuf":
            raise self._refusal("found an array of something else than numbers")
        return array if array.dtype.kind == "b" else array.astype(np.float64)

    def _moment(self, data: str) -> str:
        try:
            return datetime.fromisoformat(data).isoformat()
        except ValueError:
            raise self._refusal(
                f"found the date {data[:40]!r}. Expected one as isoformat() writes it"
            ) from None

    def _refusal(self, text: str) -> WireError:
        return WireError(f"{self._where}: {text}.")
