"""Draw views of flat memory, for tests of kernels that read or write them, and tell their places."""

import math
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st


@dataclass(frozen=True)
class View:
    """Element (i, j, ...) lies at place offset + i * strides[0] + j * strides[1] + ... of `memory` places."""

    memory: int
    shape: list[int]
    strides: list[int]
    offset: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def places(self) -> list[int]:
        """Return where the elements lie, in row-major order."""
        return [
            self.offset + sum(index * step for index, step in zip(at, self.strides, strict=True))
            for at in np.ndindex(*self.shape)
        ]


@st.composite
def views(draw: st.DrawFn, max_dims: int = 4, max_side: int = 4, *, repeating: bool = False) -> View:
    """Draw a view whose axes lie in any order, run backwards or forwards, and leave gaps; () has one element.

    With `repeating`, it may show an element more than once: an axis may have the stride 0.
    """
    shape = draw(st.lists(st.integers(1, max_side), max_size=max_dims))
    strides, offset, step = [0] * len(shape), draw(st.integers(0, 3)), 1
    for axis in draw(st.permutations(range(len(shape)))):
        if repeating and draw(st.booleans()):
            continue
        step *= draw(st.integers(1, 2))
        strides[axis] = -step if draw(st.booleans()) else step
        offset += (shape[axis] - 1) * step if strides[axis] < 0 else 0
        step *= shape[axis]
    last = offset + sum((side - 1) * max(one, 0) for side, one in zip(shape, strides, strict=True))
    return View(last + 1 + draw(st.integers(0, 3)), shape, strides, offset)
