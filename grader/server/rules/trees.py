"""Whether a tree that came over the wire is one that `values.take_apart` could have made."""

import math
from collections.abc import Iterator
from typing import Any

from grader.errors import WireError
from grader.grading.values import DTYPES

_DIMENSIONS = 32


def array_indices(node: object, where: str) -> Iterator[int]:
    """Yield the index of each array that a tree names, in order. Raises: WireError for what is no tree."""
    if not isinstance(node, dict) or len(node) != 1:
        raise WireError(f"{where}: found no node of a tree. Expected an object with one key, its kind.")
    kind, content = next(iter(node.items()))
    if kind == "dict" and isinstance(content, dict):
        for key, child in content.items():
            yield from array_indices(child, f"{where}[{key[:40]!r}]")
    elif kind in ("list", "tuple") and isinstance(content, list):
        for at, child in enumerate(content):
            yield from array_indices(child, f"{where}[{at}]")
    elif kind == "array" and type(content) is int and content >= 0:
        yield content
    elif kind not in _LEAVES or not _LEAVES[kind](content):
        raise WireError(
            f"{where}: found a {str(kind)[:40]!r} that can't be read. Send what take_apart returns."
        )


def _is_number(content: Any) -> bool:
    if type(content) is int:
        return abs(content) < 2**53
    return isinstance(content, float) and math.isfinite(content)


def _is_omitted(content: Any) -> bool:
    """An array of which only the claims were sent."""
    if not isinstance(content, dict) or content.keys() != {"dtype", "shape"}:
        return False
    shape = content["shape"]
    sizes = (
        isinstance(shape, list)
        and len(shape) <= _DIMENSIONS
        and all(type(n) is int and n >= 0 for n in shape)
    )
    return sizes and isinstance(content["dtype"], str) and content["dtype"] in DTYPES


_LEAVES = {
    "none": lambda content: content is None,
    "bool": lambda content: isinstance(content, bool),
    "number": _is_number,
    "not_finite": lambda content: content in ("nan", "inf", "-inf"),
    "string": lambda content: isinstance(content, str),
    "dtype": lambda content: isinstance(content, str),
    "omitted": _is_omitted,
}
