"""An op that gives a tensor a margin of zeros, or takes a margin away."""

from collections.abc import Sequence

from needle.autograd import NDArray, Tensor, TensorOp, array_api
from needle.ops.shapes import Shape, refuse


class Pad(TensorOp):
    """Put zeros before and behind the elements of every axis; a number below 0 crops as many elements.

    Shapes: a (n, m) -> (l + n + r, m) for axes=((l, r), (0, 0)).
    """

    def __init__(self, axes: Sequence[tuple[int, int]]) -> None:
        self.axes = tuple(axes)  # for each axis: how many before, how many behind

    def check_shapes(self, a: Shape) -> None:
        if len(self.axes) != len(a) or any(len(pair) != 2 for pair in self.axes):
            found, advice = f"axes {self.axes}, a is {a}", "Name (0, 0) for an axis that stays"
            refuse("Pad", found, "two numbers for each axis", advice)
        for axis, (length, pair) in enumerate(zip(a, self.axes, strict=True)):
            if sum(max(-width, 0) for width in pair) > length:
                found = f"axis {axis} is {length} long, {pair} crops more"
                refuse("Pad", found, "to crop no more elements than there are", "Check the shapes")

    def compute(self, a: NDArray) -> NDArray:
        ends = [length - max(-behind, 0) for length, (_, behind) in zip(a.shape, self.axes, strict=True)]
        kept = [slice(max(-before, 0), end) for end, (before, _) in zip(ends, self.axes, strict=True)]
        return array_api.pad(
            a[tuple(kept)], [(max(before, 0), max(behind, 0)) for before, behind in self.axes]
        )

    def gradient(self, out_grad: Tensor, node: Tensor) -> Tensor:
        return pad(out_grad, [(-before, -behind) for before, behind in self.axes])


def pad(a: Tensor, axes: Sequence[tuple[int, int]]) -> Tensor:
    return Pad(axes)(a)
