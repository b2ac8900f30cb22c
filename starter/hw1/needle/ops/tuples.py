"""Ops on several tensors as one node, a TensorTuple."""

from typing import Any

from needle.autograd import NDArray, Tensor, TensorOp, TensorTuple, TensorTupleOp
from needle.backend_selection import array_api
from needle.ops.shapes import refuse


class MakeTensorTuple(TensorTupleOp):
    """Make one TensorTuple of several tensors."""

    def compute(self, *args: NDArray) -> Any:
        return tuple(args)

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        return tuple(out_grad[at] for at in range(len(node.inputs)))


def make_tuple(*args: Tensor) -> TensorTuple:
    return MakeTensorTuple()(*args)


class PutTupleItems(TensorTupleOp):
    """Make a TensorTuple of some tensors, its items at `indices`; the others are zeros, shaped as `like`'s.

    The tuple's data are computed when they are asked for, and not before: the gradients of a tuple's items
    are tuples of this kind, and nobody needs zeros that are gone when the tuples were added.
    """

    def __init__(self, indices: tuple[int, ...], like: TensorTuple) -> None:
        self.indices = indices
        self.like = like

    def __call__(self, *args: Tensor) -> TensorTuple:
        value = TensorTuple.__new__(TensorTuple)
        value._init(self, args)
        return value

    def compute(self, *args: NDArray) -> Any:
        known = dict(zip(self.indices, args, strict=True))
        others = self.like.realize_cached_data()
        return tuple(
            known[at] if at in known else array_api.zeros(one.shape, dtype=one.dtype, device=one.device)
            for at, one in enumerate(others)
        )

    def gradient(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        return tuple(out_grad[at] for at in self.indices)


class TupleGetItem(TensorOp):
    """Take one tensor out of a TensorTuple."""

    def __init__(self, index: int) -> None:
        self.index = index

    def compute(self, a: Any) -> NDArray:
        return a[self.index]

    def gradient(self, out_grad: Tensor, node: Tensor) -> TensorTuple:
        """Return a tuple that is zero but for the item that was taken."""
        return PutTupleItems((self.index,), node.inputs[0])(out_grad)


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
    size = _size(a)
    if _size(b) != size:
        refuse("add", f"a holds {size} tensors, b {_size(b)}", "as many in both", "Take the same items")
    items = _items(a)
    for at, one in _items(b).items():
        items[at] = items[at] + one if at in items else one
    if len(items) == size:
        return make_tuple(*[items[at] for at in range(size)])
    return PutTupleItems(tuple(items), a.op.like)(*items.values())


def _size(value: TensorTuple) -> int:
    return len(value.op.like if isinstance(value.op, PutTupleItems) else value)


def _items(value: TensorTuple) -> dict[int, Tensor]:
    """Return a tuple's items by their indices, without those that are zeros because nobody put them there."""
    if isinstance(value.op, PutTupleItems):
        return dict(zip(value.op.indices, value.inputs, strict=True))
    return dict(enumerate(value))
