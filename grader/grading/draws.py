"""A random generator that remembers its draws, so that two machines can tell whether they drew the same."""

import hashlib
from typing import Any

import numpy as np

from grader.grading.values import Array

# Floats are compared in steps of at least 2**-12: processors differ in the last bits of exp and log.
_STEP = -12


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
    if array.dtype.kind in "biu":
        return array.astype(np.int64)  # exact; NumPy's default width is not the same everywhere
    if array.dtype.kind != "f":
        return np.frombuffer(repr([str(item) for item in array.ravel()]).encode(), dtype=np.uint8)
    bits = np.finfo(array.dtype).nmant // 2  # a large number is compared in half of the bits that it has
    with np.errstate(all="ignore"):
        values = array.astype(np.float64)
        step = np.ldexp(1.0, np.maximum(np.frexp(values)[1] - bits, _STEP))
        return np.asarray(np.rint(values / step) * step + 0.0)  # + 0.0 turns -0.0 into 0.0


def _copy(seen: Any) -> Array:
    if isinstance(seen, bytes):
        return np.frombuffer(seen, dtype=np.uint8)
    try:
        return np.array(seen, copy=True)
    except ValueError:  # a shuffled list of unlike things
        return np.array([str(item) for item in seen])


def _keeping(name: str) -> Any:
    method = getattr(np.random.Generator, name)

    def draw(self: Draws, *args: Any, **kwargs: Any) -> Any:
        before = len(self.drawn)
        result = method(self, *args, **kwargs)
        seen = (*args, *kwargs.values())[0] if result is None else result  # shuffle works in place
        self.drawn[before:] = [_copy(seen)]  # once, though NumPy may have drawn through other methods
        return result

    draw.__name__, draw.__doc__ = name, method.__doc__
    return draw


for _name in dir(np.random.Generator):
    if not _name.startswith("_") and _name not in ("bit_generator", "spawn"):
        setattr(Draws, _name, _keeping(_name))
