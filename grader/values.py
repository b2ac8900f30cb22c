"""The values that a graded case may return, taken apart into a tree of JSON and a list of arrays."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import CaseError

Array = npt.NDArray[Any]
Node = dict[str, Any]  # one key, the kind; for an array leaf the index of its array
DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64".split()
)  # what both NumPy and safetensors hold


def take_apart(value: object, where: str = "value") -> tuple[Node, list[Array]]:
    """Return a value's tree and its arrays, in the order in which the tree names them.

    Raises: CaseError, naming the leaf and its type, for anything that can't be sent.
    """
    arrays: list[Array] = []
    return _node(value, where, arrays), arrays


def leaves(node: Node, where: str = "value") -> Iterator[tuple[str, Node]]:
    """Yield every leaf of a tree with its place: `value['loss'][0]`."""
    if "dict" in node:
        for key, child in node["dict"].items():
            yield from leaves(child, f"{where}[{key!r}]")
    elif "list" in node or "tuple" in node:
        for at, child in enumerate(node.get("list") or node.get("tuple") or []):
            yield from leaves(child, f"{where}[{at}]")
    else:
        yield where, node


def replace_arrays(
    node: Node, arrays: list[Array], change: Callable[[Array], Array]
) -> tuple[Node, list[Array]]:
    """Return the tree with every array and number passed through `change`."""

    def walk(node: Node) -> Node:
        kind, content = next(iter(node.items()))
        if kind == "dict":
            return {kind: {key: walk(child) for key, child in content.items()}}
        if kind in ("list", "tuple"):
            return {kind: [walk(child) for child in content]}
        if kind == "number":
            return _number(type(content)(change(np.asarray(content))) if math.isfinite(content) else content)
        return node

    return walk(node), [change(array) for array in arrays]


def _node(value: object, where: str, arrays: list[Array]) -> Node:
    if value is None:
        return {"none": None}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return _number(value)
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return {"dtype": np.dtype(value).name}
    if isinstance(value, dict):
        return {
            "dict": {
                _key(key, where): _node(item, f"{where}[{key!r}]", arrays) for key, item in value.items()
            }
        }
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_node(item, f"{where}[{at}]", arrays) for at, item in enumerate(value)]}
    arrays.append(_array(value, where))
    return {"array": len(arrays) - 1}


def _number(value: int | float) -> Node:
    """JSON has no NaN, no infinities, and no integers of any size; those travel as text."""
    if isinstance(value, int):
        return {"number": value} if abs(value) < 2**53 else {"string": str(value)}
    return {"number": value} if math.isfinite(value) else {"not_finite": str(value)}


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise CaseError(f"{where}: found the key {key!r} of type {type(key).__name__}. Expected a string.")
    return key


def _array(value: object, where: str) -> Array:
    found = value.numpy() if hasattr(value, "numpy") else value
    if not isinstance(found, (np.ndarray, np.generic)) or np.asarray(found).dtype.name not in DTYPES:
        kind = f"array of {found.dtype}" if isinstance(found, np.ndarray) else type(found).__name__
        raise CaseError(
            f"{where}: found {kind}, which can't be sent. Expected a dict, list or tuple of arrays, tensors, "
            f"numbers, strings or dtypes."
        )
    return np.asarray(found)
