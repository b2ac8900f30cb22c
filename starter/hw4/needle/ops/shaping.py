"""The ops of hw4 that only move elements: tensors stacked and split, turned round, and spread out."""

from collections.abc import Sequence

from needle.autograd import NDArray, Tensor, TensorOp, TensorTuple, TensorTupleOp
from needle.autograd import array_api as array_api  # functions on arrays, under NumPy's names
from needle.ops.shapes import Shape, normalize_axes, normalize_axis, refuse


class Stack(TensorOp):
    """Put tensors of one shape one behind the other, along a new axis.

    A negative axis counts from the end of the output's axes: -1 makes the new axis the last one. `gradient`
    returns a tuple of Tensors, one for each input.
    Shapes: k tensors (n, m) -> (k, n, m) for axis=0, (n, k, m) for axis=1, (n, m, k) for axis=2.
    """

    def __init__(self, axis: int) -> None:
        self.axis = axis  # of the output

    def check_shapes(self, *args: Shape) -> None:
        if not args:
            refuse("Stack", "no tensors", "one at least", "Pass them as a list or a tuple")
        for at, shape in enumerate(args):
            if shape != args[0]:
                found = f"tensor {at} is {shape}, tensor 0 {args[0]}"
                refuse("Stack", found, "one shape", "Reshape it first")
        normalize_axis("Stack", self.axis, len(args[0]) + 1)

    def compute(self, *args: NDArray) -> NDArray:
        raise NotImplementedError("not started: hw4/stack")

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, ...]:
        raise NotImplementedError("not started: hw4/stack_and_split_gradients")


def stack(args: Sequence[Tensor] | TensorTuple, axis: int) -> Tensor:
    return Stack(axis)(*args)


class Split(TensorTupleOp):
    """Take a tensor apart along an axis, which is gone afterwards: undo `stack`.

    `compute` returns a tuple of arrays. `out_grad` of `gradient` is a TensorTuple.
    Shapes: a (n, k, m) -> n tensors (k, m) for axis=0, k tensors (n, m) for axis=1, m tensors (n, k) for
    axis=-1.
    """

    def __init__(self, axis: int) -> None:
        self.axis = axis  # negative ones count from the end

    def check_shapes(self, a: Shape) -> None:
        if a[normalize_axis("Split", self.axis, len(a))] == 0:
            refuse("Split", f"a is {a}", "an element at least along the axis", "Leave empty ones out")

    def compute(self, a: NDArray) -> tuple[NDArray, ...]:
        raise NotImplementedError("not started: hw4/split")

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> Tensor:
        raise NotImplementedError("not started: hw4/stack_and_split_gradients")


def split(a: Tensor, axis: int) -> TensorTuple:
    return Split(axis)(a)


class Flip(TensorOp):
    """Go through some axes from the end.

    Shapes: a (n, m) -> (n, m); for axes=(1,) element (i, j) is a's (i, m - 1 - j).
    """

    def __init__(self, axes: int | Sequence[int]) -> None:
        self.axes = _as_tuple(axes)  # negative ones count from the end

    def check_shapes(self, a: Shape) -> None:
        normalize_axes("Flip", self.axes, len(a))

    def compute(self, a: NDArray) -> NDArray:
        raise NotImplementedError("not started: hw4/flip")

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/flip")


def flip(a: Tensor, axes: int | Sequence[int]) -> Tensor:
    return Flip(axes)(a)


class Dilate(TensorOp):
    """Put zeros behind every element along some axes, `dilation` of them, behind the last one too.

    An axis that `a` has not, `a.ndim` or more, is passed over; negative ones count from the end.
    Shapes: a (n, m) -> (n * (dilation + 1), m) for axes=(0,); row i of a is row i * (dilation + 1) of the
    output.
    """

    def __init__(self, axes: int | Sequence[int], dilation: int) -> None:
        self.axes = _as_tuple(axes)
        self.dilation = dilation  # how many zeros

    def check_shapes(self, a: Shape) -> None:
        _spread_axes("Dilate", self.axes, self.dilation, a)

    def compute(self, a: NDArray) -> NDArray:
        raise NotImplementedError("not started: hw4/dilate")

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/undilate")


def dilate(a: Tensor, axes: int | Sequence[int], dilation: int) -> Tensor:
    return Dilate(axes, dilation)(a)


class UnDilate(TensorOp):
    """Keep the first of every `dilation` + 1 elements along some axes: undo `dilate`.

    An axis that `a` has not, `a.ndim` or more, is passed over; negative ones count from the end.
    Shapes: a (n * (dilation + 1), m) -> (n, m) for axes=(0,).
    """

    def __init__(self, axes: int | Sequence[int], dilation: int) -> None:
        self.axes = _as_tuple(axes)
        self.dilation = dilation  # how many elements behind each one are left out

    def check_shapes(self, a: Shape) -> None:
        step = self.dilation + 1
        for axis in _spread_axes("UnDilate", self.axes, self.dilation, a):
            if a[axis] % step:
                found, advice = f"axis {axis} is {a[axis]} long", "Crop it, or give it a margin, with pad"
                refuse("UnDilate", found, f"a multiple of {step}, as a dilation makes", advice)

    def compute(self, a: NDArray) -> NDArray:
        raise NotImplementedError("not started: hw4/undilate")

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/undilate")


def undilate(a: Tensor, axes: int | Sequence[int], dilation: int) -> Tensor:
    return UnDilate(axes, dilation)(a)


def _as_tuple(axes: int | Sequence[int]) -> Shape:
    return (axes,) if isinstance(axes, int) else tuple(axes)


def _spread_axes(op: str, axes: Shape, dilation: int, a: Shape) -> Shape:
    """Return those axes that `a` has, counted from the front.

    Raises: ShapeError for an axis below -len(a) or that stands twice, or for less than 0 zeros.
    """
    if not isinstance(dilation, int) or dilation < 0:
        refuse(op, f"dilation {dilation!r}", "a whole number of zeros, 0 or more", "0 changes nothing")
    return normalize_axes(op, [axis for axis in axes if axis < len(a)], len(a))
