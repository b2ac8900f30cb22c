"""What a random call is, and how its arguments are drawn: sizes and views, right ones and wrong ones."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

MOST = 10**6  # elements of a view: repeated ones could be more than memory holds
BLOCK = 64  # elements: the allocator's blocks hold multiples of so many
WILD = (-1, 1, 7, -64, 1000, 2**31, -(2**31), 2**40, 2**62, -(2**62), 2**63 - 1, -(2**63))

BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "power": np.power,
    "maximum": np.maximum,
    "eq": np.equal,
    "ne": np.not_equal,
    "ge": np.greater_equal,
    "gt": np.greater,
    "le": np.less_equal,
    "lt": np.less,
}
UNARY = {"log": np.log, "exp": np.exp, "tanh": np.tanh, "negate": np.negative, "sqrt": np.sqrt}


@dataclass
class View:
    """Which elements of a memory of `size` elements are meant."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    size: int

    @property
    def count(self) -> int:
        return math.prod(self.shape)

    def is_inside(self) -> bool:
        if len(self.shape) != len(self.strides) or min(self.shape, default=0) < 0 or self.count > MOST:
            return False
        if self.count == 0:
            return True
        reach = [(side - 1) * step for side, step in zip(self.shape, self.strides, strict=True)]
        low, high = (self.offset + sum(sign(one, 0) for one in reach) for sign in (min, max))
        return low >= 0 and high < self.size

    def shows_each_once(self) -> bool:
        return np.unique(self.of(np.arange(self.size, dtype="float32"))).size == self.count

    def of(self, memory: np.ndarray) -> np.ndarray:
        """Return the view as NumPy's."""
        if self.count == 0:
            return np.empty(self.shape, dtype="float32")
        steps = [step * 4 if side > 1 else 0 for side, step in zip(self.shape, self.strides, strict=True)]
        return as_strided(memory[self.offset :], self.shape, steps)


@dataclass
class Trial:
    """One call: its arguments, whether it is right, and what is to be found afterwards."""

    name: str
    arguments: tuple[Any, ...]
    right: bool
    kept: Sequence[Any] = ()  # arrays that have to stay as they are
    out: Any = None  # the array that is written to; without one, the result itself
    expected: Callable[[], np.ndarray] = lambda: np.empty(0)
    unchecked: bool = False  # it is written in an order that is left open


class Draw:
    """Draws arguments for one module's functions."""

    def __init__(self, module: Any, seed: int) -> None:
        self.module = module
        self.rng = np.random.default_rng(seed)
        self.fast = getattr(module, "fast", None)

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def array(self, size: int) -> tuple[Any, np.ndarray]:
        """Return an array of the module and a copy of its elements."""
        values = self.rng.uniform(0.1, 2, size).astype("float32")
        array = self.module.Array(size)
        self.module.from_numpy(values, array)
        return array, values

    def shape(self) -> tuple[int, ...]:
        if self.chance(0.3):  # so many elements as fill a block
            sides = [4, 4, 4] if self.chance(0.5) else [2, 2, 2, 2, 2, 2]
            return tuple(int(side) for side in self.rng.permutation([*sides, int(self.rng.integers(1, 6))]))
        ndim = int(self.rng.integers(0, 6))
        return tuple(int(side) for side in self.rng.integers(0 if self.chance(0.1) else 1, 7, ndim))

    def view(self, shape: tuple[int, ...] | None = None, repeats: bool = True) -> View:
        """Draw a view that lies inside its memory, often at its end."""
        shape = self.shape() if shape is None else shape
        strides, step = [0] * len(shape), 1
        for axis in self.rng.permutation(len(shape)):
            step *= int(self.rng.integers(1, 3)) if self.chance(0.3) else 1
            sign = -1 if self.chance(0.3) else 1
            strides[axis] = 0 if repeats and self.chance(0.15) else sign * step
            step *= max(shape[axis], 1)
        reach = [(side - 1) * one for side, one in zip(shape, strides, strict=True) if side]
        low, high = sum(min(one, 0) for one in reach), sum(max(one, 0) for one in reach)
        extent = high - low + 1
        size = -(-extent // BLOCK) * BLOCK if self.chance(0.8) else extent + int(self.rng.integers(0, 9))
        start = size - extent if self.chance(0.6) else int(self.rng.integers(0, size - extent + 1))
        return View(shape, tuple(strides), start - low if math.prod(shape) else 0, size)

    def spoiled(self, view: View) -> View:
        """Change one number of a view, which then mostly lies outside."""
        wild = int(self.rng.choice(np.array(WILD, dtype=object)))
        shape, strides, offset = list(view.shape), list(view.strides), view.offset
        axis = int(self.rng.integers(0, len(shape))) if shape else 0
        kind = int(self.rng.integers(0, 4))
        if kind == 0 or not shape:
            offset = max(min(offset + wild, 2**63 - 1), -(2**63))
        elif kind == 1:
            # a stride that is never taken may still be refused where indices have 32 bits
            strides[axis] = wild if shape[axis] > 1 else max(min(wild, 1000), -64)
        elif kind == 2 and view.count:
            shape[axis], strides[axis] = wild, strides[axis] or 1  # of a repeated element none ends
        else:
            (shape if self.chance(0.5) else strides).append(1)
        return View(tuple(shape), tuple(strides), offset, view.size)

    def size_near(self, size: int) -> int:
        """Return a size, or now and then another one."""
        return max(size + int(self.rng.integers(-2, 3)), 0) if self.chance(0.2) else size

    def drawn_view(self, shape: tuple[int, ...] | None = None, repeats: bool = True) -> View:
        view = self.view(shape, repeats)
        if self.chance(0.25):
            view = self.spoiled(view)
        if view.count == 0:  # where nothing begins, may be refused or not
            view.offset = max(view.offset, 0)
        return view

    def plain_size(self) -> int:
        return int(self.rng.integers(0, 5)) * BLOCK if self.chance(0.6) else int(self.rng.integers(0, 300))

    def one_of(self, prefix: str, names: Any, module: Any = None) -> str:
        return str(self.rng.choice([one for one in names if hasattr(module or self.module, prefix + one)]))

    def odd_arguments(self) -> tuple[Any, ...]:
        some = [
            None,
            "a",
            1.5,
            -1,
            (),
            [1],
            (2**70,),
            object(),
            np.ones(3, "float32"),
            self.array(4)[0],
            (1, 1),
        ]
        return tuple(some[int(at)] for at in self.rng.integers(0, len(some), int(self.rng.integers(0, 11))))
