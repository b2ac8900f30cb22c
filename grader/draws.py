"""A random generator that remembers what it drew, so that two machines can tell whether they drew the same."""

import hashlib
from typing import Any

import numpy as np

from grader.values import Array

_STEP = 4096.0  # numbers are compared in steps of 1/4096: processors differ in the last bits of exp and log


class Draws(np.random.Generator):
    """A Generator of which every drawn array is kept in `drawn` and enters `digest()`."""

    def __init__(self, seed: int):
        super().__init__(np.random.PCG64(seed))
        self.drawn: list[Array] = []

    def digest(self) -> str:
        """Return a digest of all values drawn so far, rounded so that it is the same on every processor."""
        digest = hashlib.sha256()
        for array in self.drawn:
            digest.update(f"{array.shape}".encode())
            digest.update(_rounded(array).tobytes())
        return digest.hexdigest()


def _rounded(array: Array) -> Array:
    if array.dtype.kind not in "biuf":
        return np.array([str(item) for item in array.ravel()])
    with np.errstate(all="ignore"):
        return np.rint(array.astype(np.float64) * _STEP) + 0.0  # + 0.0 turns -0.0 into 0.0


def _keeping(name: str) -> Any:
    method = getattr(np.random.Generator, name)

    def draw(self: Draws, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        seen = args[0] if result is None else result  # shuffle works in place
        self.drawn.append(np.array(seen, copy=True))
        return result

    draw.__name__, draw.__doc__ = name, method.__doc__
    return draw


for _name in dir(np.random.Generator):
    if not _name.startswith("_") and _name not in ("bit_generator", "spawn"):
        setattr(Draws, _name, _keeping(_name))
