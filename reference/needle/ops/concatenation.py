"""An op that joins tensors along an axis that they have."""

from collections.abc import Sequence
from itertools import accumulate

from needle.autograd import NDArray, Tensor, TensorOp, TensorTuple, array_api
from needle.ops.padding import pad
from needle.ops.shapes import Shape, normalize_axis, refuse


class Concat(TensorOp):
    """Join tensors along an axis, in which alone their shapes may differ.

    Shapes: a (n, m), b (k, m) -> (n + k, m) for axis=0.
    """

    def __init__(self, axis: int = 0) -> None:
        self.axis = axis  # negative ones count from the end

    def check_shapes(self, *args: Shape) -> None:
        if not args:
            refuse("Concat", "no tensors", "one at least", "Pass them as a list or a tuple")
        axis = normalize_axis("Concat", self.axis, len(args[0]))
        others = [(*shape[:axis], *shape[axis + 1 :]) for shape in args]
        for at, shape in enumerate(args):
            if len(shape) != len(args[0]) or others[at] != others[0]:
                found = f"tensor {at} is {shape}, tensor 0 {args[0]}"
                refuse("Concat", found, f"shapes that differ in axis {axis} alone", "Reshape it first")

    def compute(self, *args: NDArray) -> NDArray:
        first, axis = args[0], self.axis % args[0].ndim
        ends = [*accumulate(one.shape[axis] for one in args)]
        shape = (*first.shape[:axis], ends[-1], *first.shape[axis + 1 :])
        out = array_api.empty(shape, dtype=first.dtype, device=first.device)
        for one, end in zip(args, ends, strict=True):
            out[(slice(None),) * axis + (slice(end - one.shape[axis], end),)] = one
        return out

    def gradient(self, out_grad: Tensor, node: Tensor) -> tuple[Tensor, ...]:
        """Return each input's part of `out_grad`, cropped from it."""
        axis, total = self.axis % len(node.shape), node.shape[self.axis]
        around: list[tuple[int, int]] = [(0, 0)] * len(node.shape)
        parts, start = [], 0
        for one in node.inputs:
            end = start + one.shape[axis]
            around[axis] = (-start, end - total)
            parts.append(pad(out_grad, around))
            start = end
        return tuple(parts)


def concat(args: Sequence[Tensor] | TensorTuple, axis: int = 0) -> Tensor:
    return Concat(axis)(*args)
