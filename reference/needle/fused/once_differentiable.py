"""Ops that one kernel computes, and another one pulls gradients back through."""

from typing import Any

from needle import autograd
from needle.autograd import Op, Tensor, TensorOp, TensorTupleOp, Value
from needle.backend_selection import NDArray
from needle.errors import GradientError
from needle.fused.layouts import memory_of


class OnceDifferentiable(Op):
    """An op whose gradient is no graph of ops, so that it can be taken once.

    `kernels` is the `fast` module of the device on which the inputs lie.
    """

    def __init__(self, kernels: Any) -> None:
        self.kernels = kernels

    def gradient(self, out_grad: Value, node: Value) -> Any:
        """Raises: GradientError outside `first_order()`."""
        if not autograd._first_order:
            raise GradientError(
                f"{type(self).__name__}: its gradient is asked outside first_order(), where it would have to "
                "be differentiable again. Expected backward() inside, as what it starts from was made there. "
                "Call both inside, or both outside."
            )
        return self.pull_back(out_grad, node)

    def pull_back(self, out_grad: Value, node: Value) -> Any:
        """Return what `gradient` does, as Tensors with nothing behind them."""
        raise NotImplementedError


class KernelOp(OnceDifferentiable, TensorOp):
    """Such an op that makes a Tensor."""


class KernelTupleOp(OnceDifferentiable, TensorTupleOp):
    """Such an op that makes a TensorTuple."""


def whole(value: Tensor | NDArray) -> Any:
    """Return the memory that holds a tensor or an array, and nothing else, row by row."""
    return memory_of(value.realize_cached_data() if isinstance(value, Tensor) else value)


def grads(handles: Any, inputs: Any) -> tuple[Tensor, ...]:
    """Return what a kernel made as the gradients of some inputs, of their shapes."""
    return tuple(
        Tensor.make_const(NDArray.made(value.shape, value.device, handle))
        for handle, value in zip(handles, inputs, strict=True)
    )
