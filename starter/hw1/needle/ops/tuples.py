"""Ops on several tensors as one node, a TensorTuple."""

from typing import Any

from needle.autograd import NDArray, Tensor, TensorOp, TensorTuple, TensorTupleOp
from needle.ops.shapes import refuse


class MakeTensorTuple(TensorTupleOp):
    """Make one TensorTuple of several tensors."""

    def compute(self, *args: NDArray) -> Any:
        return tuple(args)

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        return tuple(out_grad[at] for at in range(len(node.inputs)))


def make_tuple(*args: Tensor) -> TensorTuple:
    return MakeTensorTuple()(*args)


class TupleGetItem(TensorOp):
    """Take one tensor out of a TensorTuple."""

    def __init__(self, index: int) -> None:
        self.index = index

    def compute(self, a: Any) -> NDArray:
        return a[self.index]

    def gradient(self, out_grad: Tensor, node: Tensor) -> TensorTuple:
        """Return a tuple that is zero but for the item that was taken."""
        value = node.inputs[0]
        items = range(len(value))
        return make_tuple(*[out_grad if at == self.index else value[at] * 0 for at in items])


def tuple_get_item(value: TensorTuple, index: int) -> Tensor:
    """Return one tensor of a tuple. Raises: IndexError when there is none such."""
    size = len(value)
    if not -size <= index < size:
        raise IndexError(
            f"TupleGetItem: index {index} of a tuple of {size}. Expected {-size} <= index < {size}."
        )
    if value.op is not None and isinstance(value.op, MakeTensorTuple):
        return value.inputs[index]
    return TupleGetItem(index % size)(value)


class FusedAddScalars(TensorTupleOp):
    """Add one number to a tensor, and another to the same tensor: a tuple of both sums."""

    def __init__(self, c0: float, c1: float) -> None:
        self.c0 = c0
        self.c1 = c1

    def compute(self, a: NDArray) -> Any:
        return a + self.c0, a + self.c1

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> Tensor:
        return out_grad[0] + out_grad[1]


def fused_add_scalars(x: Tensor, c0: float, c1: float) -> TensorTuple:
    return FusedAddScalars(c0, c1)(x)


def add_tuples(a: TensorTuple, b: TensorTuple) -> TensorTuple:
    """Add two tuples tensor by tensor, as gradients of a tuple are added."""
    if len(a) != len(b):
        refuse("add", f"a holds {len(a)} tensors, b {len(b)}", "as many in both", "Take the same items")
    return make_tuple(*[a[at] + b[at] for at in range(len(a))])
