"""Call an extension module's functions with random sizes, strides and offsets, right ones and wrong ones.

A right call has to give NumPy's result and to leave its inputs as they were; a wrong one has to raise, and
to change nothing. Under AddressSanitizer it is seen besides that none touches a byte outside of its arrays:
most arrays fill their memory to the last byte, and views reach to either end.

    python kernel_fuzz.py MODULE [SEED [CALLS]]
"""

import importlib
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

REFUSALS = (ValueError, IndexError, TypeError, MemoryError, OverflowError, AttributeError, RuntimeError)
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


class Fuzz:
    """Draws calls of one module's functions."""

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

    # calls of the functions that every backend has

    def compact(self) -> Trial:
        view = self.drawn_view()
        a, memory = self.array(view.size)
        inside = view.is_inside()
        size = self.size_near(view.count if inside else 8)
        out, _ = self.array(size)
        right = inside and size == view.count
        arguments = (a, out, list(view.shape), list(view.strides), view.offset)
        return Trial("compact", arguments, right, [(a, memory)], out, lambda: view.of(memory).reshape(-1))

    def to_numpy(self) -> Trial:
        view = self.drawn_view()
        a, memory = self.array(view.size)
        arguments = (a, view.shape, view.strides, view.offset)
        return Trial("to_numpy", arguments, view.is_inside(), [(a, memory)], None, lambda: view.of(memory))

    def ewise_setitem(self) -> Trial:
        view = self.drawn_view(repeats=False)
        out, memory = self.array(view.size)
        size = self.size_near(view.count if view.is_inside() else 8)
        a, values = self.array(size)

        def expected() -> np.ndarray:
            view.of(memory)[...] = values.reshape(view.shape)
            return memory

        right = view.is_inside() and size == view.count
        arguments = (a, out, view.shape, view.strides, view.offset)
        open_order = right and not view.shows_each_once()
        return Trial("ewise_setitem", arguments, right, [(a, values)], out, expected, open_order)

    def scalar_setitem(self) -> Trial:
        view = self.drawn_view()
        out, memory = self.array(view.size)
        size = self.size_near(view.count if view.is_inside() else 8)

        def expected() -> np.ndarray:
            view.of(memory)[...] = 2.5
            return memory

        arguments = (size, 2.5, out, view.shape, view.strides, view.offset)
        right = view.is_inside() and size == view.count
        raced = right and not view.shows_each_once()  # two threads write one element: cudasim says so
        return Trial("scalar_setitem", arguments, right, [], out, expected, raced)

    def plain_size(self) -> int:
        return int(self.rng.integers(0, 5)) * BLOCK if self.chance(0.6) else int(self.rng.integers(0, 300))

    def ewise(self) -> Trial:
        name = self._one_of("ewise_", [*BINARY, *UNARY])
        count = self.plain_size()
        sizes = [self.size_near(count) for _ in range(3 if name in BINARY else 2)]
        *inputs, (out, _) = (self.array(size) for size in sizes)
        function = BINARY.get(name) or UNARY[name]
        arrays = [array for array, _ in inputs]
        return Trial(
            f"ewise_{name}",
            (*arrays, out),
            len(set(sizes)) == 1,
            inputs,
            out,
            lambda: function(*(values for _, values in inputs)),
        )

    def scalar(self) -> Trial:
        name = self._one_of("scalar_", BINARY)
        count = self.plain_size()
        (a, values), (out, _) = self.array(self.size_near(count)), self.array(count)
        number = float(self.rng.choice([0.5, 2.0, 3.0, 1.3]))
        expected = lambda: BINARY[name](values, np.float32(number))  # noqa: E731
        return Trial(f"scalar_{name}", (a, number, out), values.size == count, [(a, values)], out, expected)

    def _one_of(self, prefix: str, names: Any, module: Any = None) -> str:
        return str(self.rng.choice([one for one in names if hasattr(module or self.module, prefix + one)]))

    def reduce(self) -> Trial:
        name, count = str(self.rng.choice(["sum", "max"])), int(self.rng.integers(0, 70))
        each = int(self.rng.integers(0 if self.chance(0.1) else 1, 70))
        asked = each
        if count and self.chance(0.1):
            asked = int(self.rng.choice(np.array([0, 2**62, 2**64 - 1, -1], dtype=object)))
        (a, values), (out, _) = self.array(self.size_near(count * each)), self.array(count)
        right = asked >= 0 and values.size == count * asked and not (name == "max" and asked == 0)
        reduced = lambda: getattr(values.reshape(count, each), name)(axis=1)  # noqa: E731
        return Trial(f"reduce_{name}", (a, out, asked), right, [(a, values)], out, reduced)

    def matmul(self) -> Trial:
        tiled = hasattr(self.module, "matmul_tiled") and self.chance(0.5)
        tile = self.module.__tile_size__ if tiled else 1
        m, n, p = (
            int(side) * (1 if self.chance(0.1) else tile)
            for side in self.rng.integers(0, 20 if tile == 1 else 4, 3)
        )
        sizes = [self.size_near(one) for one in (m * n, n * p, m * p)]
        (a, left), (b, right), (out, _) = (self.array(size) for size in sizes)
        valid = sizes == [m * n, n * p, m * p] and not any(side % tile for side in (m, n, p))
        if self.chance(0.05):
            m, valid = int(self.rng.choice([-1, 2**33, 2**62])), False
        return Trial(
            "matmul_tiled" if tiled else "matmul",
            (a, b, out, m, n, p),
            valid,
            [(a, left), (b, right)],
            out,
            lambda: _product(left, right, m, n, p, tile),
        )

    def lent(self) -> Trial:
        view = self.drawn_view()
        a, memory = self.array(view.size)
        arguments = (a, view.shape, view.strides, view.offset)
        return Trial("to_dlpack", arguments, view.is_inside(), [(a, memory)], unchecked=True)

    def odd(self) -> Trial:
        """Arguments of wrong kinds, or too few."""
        name = str(self.rng.choice([one for one in dir(self.module) if callable(getattr(self.module, one))]))
        return Trial(name, self.odd_arguments(), name in ("Array",), unchecked=True)

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

    # calls of the fast functions, which take views

    def fast_unary(self) -> Trial:
        name = self._one_of("", ["compact", *UNARY], self.fast)
        view = self.drawn_view()
        a, memory = self.array(view.size)
        function = UNARY.get(name, np.copy)
        arguments = (a, view.shape, view.strides, view.offset)
        return Trial(
            f"fast.{name}",
            arguments,
            view.is_inside(),
            [(a, memory)],
            None,
            lambda: function(view.of(memory)),
        )

    def fast_ewise(self) -> Trial:
        name = self._one_of("ewise_", BINARY, self.fast)
        one = self.drawn_view()
        shape = one.shape
        other = self.view(shape if min(shape, default=0) >= 0 and math.prod(shape) < 10**5 else ())
        other = View(shape, other.strides, other.offset, other.size)
        (a, left), (b, right) = self.array(one.size), self.array(other.size)
        arguments = (a, one.strides, one.offset, b, other.strides, other.offset, shape)
        inside = one.is_inside() and other.is_inside()
        expected = lambda: BINARY[name](one.of(left), other.of(right))  # noqa: E731
        return Trial(f"fast.ewise_{name}", arguments, inside, [(a, left), (b, right)], None, expected)

    def fast_scalar(self) -> Trial:
        reverse = self.chance(0.3)
        names = ["sub", "div", "power"] if reverse else list(BINARY)
        name = self._one_of("scalar_r" if reverse else "scalar_", names, self.fast)
        view = self.drawn_view()
        a, memory = self.array(view.size)
        number = np.float32(self.rng.choice([-1, 0, 0.5, 1, 2, 3, 1.3]))

        def expected() -> np.ndarray:
            pair = (number, view.of(memory)) if reverse else (view.of(memory), number)
            return BINARY[name](*pair)

        arguments = (a, view.shape, view.strides, view.offset, float(number))
        kernel = f"fast.scalar_{'r' * reverse}{name}"
        return Trial(kernel, arguments, view.is_inside(), [(a, memory)], None, expected)

    def fast_assign(self) -> Trial:
        to = self.drawn_view(repeats=False)
        out, memory = self.array(to.size)
        source = self.view(to.shape if to.is_inside() else ())
        source = View(to.shape, source.strides, source.offset, source.size)
        a, values = self.array(source.size)
        right = to.is_inside() and source.is_inside()

        def expected() -> np.ndarray:
            to.of(memory)[...] = source.of(values)
            return memory

        arguments = (a, source.strides, source.offset, out, to.strides, to.offset, to.shape)
        open_order = right and not to.shows_each_once()
        return Trial("fast.assign", arguments, right, [(a, values)], out, expected, open_order)

    def fast_reduce(self) -> Trial:
        name, view = str(self.rng.choice(["sum", "max"])), self.drawn_view()
        a, memory = self.array(view.size)
        ndim = len(view.shape)
        axes = tuple(axis for axis in range(ndim) if self.chance(0.5))
        sides = [
            math.prod(side for at, side in enumerate(view.shape) if (at in axes) == gone) for gone in (0, 1)
        ]
        right = view.is_inside() and not (name == "max" and sides[0] != 0 and sides[1] == 0)
        if self.chance(0.1):
            axes, right = (int(self.rng.choice([-1, ndim, 99])),), False
        arguments = (a, view.shape, view.strides, view.offset, axes)
        reduced = lambda: getattr(view.of(memory), name)(axis=axes) if sides[0] else np.empty(0)  # noqa: E731
        return Trial(f"fast.reduce_{name}", arguments, right, [(a, memory)], None, reduced)

    def fast_matmul(self) -> Trial:
        m, n, p = (int(side) for side in self.rng.integers(0, 40, 3))
        batch = tuple(
            int(side) for side in self.rng.integers(0 if self.chance(0.1) else 1, 4, self.rng.integers(0, 3))
        )
        one, other = self.drawn_view((*batch, m, n)), self.view((*batch, n, p))
        if one.shape != (*batch, m, n):  # its shape was spoiled: that of the call is another
            one = View((*batch, m, n), one.strides, one.offset, one.size)
        (a, left), (b, right) = self.array(one.size), self.array(other.size)
        arguments = (a, one.strides, one.offset, b, other.strides, other.offset, batch, m, n, p)
        inside = one.is_inside() and other.is_inside()
        expected = lambda: np.matmul(one.of(left), other.of(right))  # noqa: E731
        return Trial("fast.matmul", arguments, inside, [(a, left), (b, right)], None, expected)

    def fast_odd(self) -> Trial:
        names = [one for one in dir(self.fast) if callable(getattr(self.fast, one))]
        name = str(self.rng.choice([one for one in names if not one.startswith("__")]))
        return Trial(f"fast.{name}", self.odd_arguments(), True, unchecked=True)

    def draw(self) -> Trial:
        kinds = [
            self.compact,
            self.to_numpy,
            self.ewise_setitem,
            self.scalar_setitem,
            self.ewise,
            self.scalar,
            self.reduce,
            self.matmul,
            self.lent,
            self.odd,
        ]
        if self.fast is not None:
            fast = [
                self.fast_unary,
                self.fast_ewise,
                self.fast_scalar,
                self.fast_assign,
                self.fast_reduce,
                self.fast_matmul,
                self.fast_odd,
            ]
            kinds += fast * 2
        return kinds[int(self.rng.integers(0, len(kinds)))]()

    def run(self, calls: int) -> None:
        """Make calls. Raises: AssertionError for one that went wrong, with its arguments."""
        for number in range(calls):
            trial = self.draw()
            before = None if trial.out is None else self.elements(trial.out)
            try:
                with np.errstate(all="ignore"):
                    result = self.function(trial.name)(*trial.arguments)
            except REFUSALS as error:
                self.require(
                    not trial.right or trial.unchecked, number, trial, f"a right call is refused: {error}"
                )
                if before is not None and not trial.unchecked:
                    same = np.array_equal(before, self.elements(trial.out))
                    self.require(same, number, trial, "a call that is refused has changed its output")
            else:
                if trial.unchecked:
                    continue
                self.require(trial.right, number, trial, "a wrong call is not refused")
                self.check(number, trial, result)
            for array, values in trial.kept:
                same = np.array_equal(self.elements(array), values)
                self.require(same, number, trial, "an input has changed")

    def function(self, name: str) -> Callable[..., Any]:
        return getattr(self.fast, name[5:]) if name.startswith("fast.") else getattr(self.module, name)

    def elements(self, array: Any) -> np.ndarray:
        return self.module.to_numpy(array, (array.size,), (1,), 0)

    def check(self, number: int, trial: Trial, result: Any) -> None:
        with np.errstate(all="ignore"):
            expected = np.asarray(trial.expected(), dtype="float32")
        if trial.out is not None:
            found = self.elements(trial.out)
        else:
            found = result if isinstance(result, np.ndarray) else self.elements(result)
            self.require(found.size == expected.size, number, trial, f"{found.size} elements come out")
        near = np.allclose(found.reshape(-1), expected.reshape(-1), rtol=2e-5, atol=1e-5, equal_nan=True)
        self.require(
            near,
            number,
            trial,
            f"the result is {found.reshape(-1)[:8]}..., not {expected.reshape(-1)[:8]}...",
        )

    def require(self, holds: bool, number: int, trial: Trial, text: str) -> None:
        if not holds:
            shown = [f"Array({one.size})" if hasattr(one, "ptr") else repr(one) for one in trial.arguments]
            raise AssertionError(f"call {number}: {trial.name}({', '.join(shown)}): {text}")


def _product(a: np.ndarray, b: np.ndarray, m: int, n: int, p: int, tile: int) -> np.ndarray:
    """Return the product of matrices that are stored tile by tile."""
    left = a.reshape(m // tile, n // tile, tile, tile).swapaxes(1, 2).reshape(m, n)
    right = b.reshape(n // tile, p // tile, tile, tile).swapaxes(1, 2).reshape(n, p)
    product = (left @ right).reshape(m // tile, tile, p // tile, tile)
    return product.swapaxes(1, 2).reshape(-1)


def main(name: str, seed: int = 0, calls: int = 20_000) -> None:
    Fuzz(importlib.import_module(name), seed).run(calls)
    print(f"{name}, seed {seed}: of {calls} calls the right ones gave NumPy's results, the wrong ones raised")


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in sys.argv[2:4]))
