"""The values that a graded case may return, taken apart into a tree of JSON and a list of arrays."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import CaseError

Array = npt.NDArray[Any]
Node = dict[str, Any]  # one key, the kind; for an array leaf the index of its array
# What NumPy and safetensors both hold.
_INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES = frozenset(["bool", *_INTEGERS, "float16", "float32", "float64"])
_DEPTH_LIMIT = 16  # a blob may be nested deeper, so what is taken apart can always be sent
_BITS_LIMIT = 13_000  # of a whole number; Python turns no more than 4300 digits into text


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
    """Return the tree with every array, number and truth value passed through `change`."""

    def walk(node: Node) -> Node:
        kind, content = next(iter(node.items()))
        if kind == "dict":
            return {kind: {key: walk(child) for key, child in content.items()}}
        if kind in ("list", "tuple"):
            return {kind: [walk(child) for child in content]}
        if kind in ("number", "bool"):
            return {kind: type(content)(change(np.asarray(content)))}
        return node

    return walk(node), [change(array) for array in arrays]


def _node(value: object, where: str, arrays: list[Array], depth: int = 0) -> Node:
    if depth > _DEPTH_LIMIT:
        raise CaseError(
            f"{where}: found a value nested deeper than {_DEPTH_LIMIT} levels. Return a flatter one."
        )
    if value is None:
        return {"none": None}
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return _number(value, where)
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return {"dtype": np.dtype(value).name}
    if isinstance(value, dict):
        named = [(_key(key, where), item) for key, item in value.items()]
        return {"dict": {key: _node(item, f"{where}[{key!r}]", arrays, depth + 1) for key, item in named}}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_node(item, f"{where}[{at}]", arrays, depth + 1) for at, item in enumerate(value)]}
    arrays.append(_array(value, where))
    return {"array": len(arrays) - 1}


def _number(value: int | float, where: str) -> Node:
    """JSON has no NaN, no infinities, and no integers of any size; those travel as text."""
    if isinstance(value, int):
        if value.bit_length() > _BITS_LIMIT:
            raise CaseError(f"{where}: found an int of over {_BITS_LIMIT} bits, which can't be sent.")
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
