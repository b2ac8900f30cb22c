"""Automatic differentiation: a graph of values, and reverse mode over it.

A Value remembers the op and the inputs that made it. Calling an op on values makes a new one; `backward`
walks from an output to all that it was made of, and leaves in each its gradient, which is a Value of the same
graph.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from operator import add
from typing import Any, Optional, Union

import numpy as np

from needle.backend_selection import Device, NDArray, all_devices, array_api, default_device
from needle.errors import DeviceError, DTypeError, GradientError, ShapeError

LAZY_MODE = False  # True: compute a value when it is asked for, and not when its op is called
TENSOR_COUNTER = 0  # how many Values live

_first_order = False  # inside first_order()
_graph_off = False  # while a first-order backward runs: what ops make remembers nothing


class Op:
    """An operation that is differentiable: how to compute it, and how to pull gradients back through it."""

    check_shapes: Any = None  # of some ops: a method that takes the inputs' shapes and refuses wrong ones
    numbers_only = False  # True: refuse booleans, of which NumPy would make float16

    def __call__(self, *args: "Value") -> "Value":
        raise NotImplementedError

    def compute(self, *args: NDArray) -> NDArray:
        """Return the output's array from the inputs' arrays, which must stay as they are."""
        raise NotImplementedError

    def gradient(self, out_grad: "Value", node: "Value") -> Union["Value", tuple["Value", ...]]:
        """Return, for each input of `node`, its part of the gradient.

        `out_grad` is the gradient of some scalar with respect to `node`, which this op made of `node.inputs`.
        The result is built out of Tensors and ops, so that it can be differentiated again. A part may be None
        where its input requires no gradient.
        Shapes: out_grad as node; each part as the input that it belongs to.
        """
        raise NotImplementedError

    def gradient_as_tuple(self, out_grad: "Value", node: "Value") -> tuple["Value", ...]:
        """Return `gradient` as a tuple, also for an op of one input."""
        output = self.gradient(out_grad, node)
        if isinstance(output, (tuple, list)):
            return tuple(output)
        return (output,)


class TensorOp(Op):
    """An op that makes a Tensor."""

    def __call__(self, *args: "Value") -> "Tensor":
        return Tensor.make_from_op(self, args)


class TensorTupleOp(Op):
    """An op that makes a TensorTuple."""

    def __call__(self, *args: "Value") -> "TensorTuple":
        return TensorTuple.make_from_op(self, args)


class Value:
    """A node of the graph: a leaf, or what an op made of its inputs."""

    op: Op | None
    inputs: Sequence["Value"]
    cached_data: Any  # None until it is computed
    requires_grad: bool
    num_outputs: int
    grad: Optional["Value"] = None

    def _init(
        self,
        op: Op | None,
        inputs: Sequence["Value"],
        *,
        num_outputs: int = 1,
        cached_data: Any = None,
        requires_grad: bool | None = None,
    ) -> None:
        global TENSOR_COUNTER
        TENSOR_COUNTER += 1
        self.op = op
        self.inputs = inputs
        self.num_outputs = num_outputs
        self.cached_data = cached_data
        self.requires_grad = _any_requires_grad(inputs) if requires_grad is None else requires_grad

    def __del__(self) -> None:
        global TENSOR_COUNTER
        if self.__dict__ and TENSOR_COUNTER is not None:  # empty: it was refused; None: Python ends
            TENSOR_COUNTER -= 1

    def realize_cached_data(self) -> Any:
        """Return this value's data, computing first what is not computed yet."""
        if self.cached_data is None:
            _realize(self)
        return self.cached_data

    def is_leaf(self) -> bool:
        return self.op is None

    @classmethod
    def make_const(cls, data: Any, *, requires_grad: bool = False) -> Any:
        """Return a leaf that holds the data itself, not a copy."""
        value = cls.__new__(cls)
        value._init(None, (), cached_data=data, requires_grad=requires_grad)
        return value

    @classmethod
    def make_from_op(cls, op: Op, inputs: Sequence["Value"]) -> Any:
        """Return what an op makes of its inputs.

        Eager: computed at once, and a leaf when nothing requires a gradient. Lazy: neither.
        """
        value = cls.__new__(cls)
        if LAZY_MODE and not _graph_off:
            value._init(op, inputs)
            return value
        data = _compute(op, inputs)
        if _graph_off or not _any_requires_grad(inputs):
            value._init(None, (), cached_data=data, requires_grad=False)
        else:
            value._init(op, inputs, cached_data=data, requires_grad=True)
        return value


def _any_requires_grad(inputs: Sequence[Value]) -> bool:
    for value in inputs:  # noqa: SIM110 - any() with a generator takes three times as long, for every op
        if value.requires_grad:
            return True
    return False


def _compute(op: Op, inputs: Sequence[Value]) -> Any:
    arrays = [value.realize_cached_data() for value in inputs]
    if op.check_shapes is not None:
        op.check_shapes(*[array.shape for array in arrays])
    if op.numbers_only:
        _refuse_booleans(op, arrays)
    try:
        data = op.compute(*arrays)
    except TypeError:  # what NumPy says of booleans names neither the op nor a way out
        _refuse_booleans(op, arrays)
        raise
    # NumPy makes a scalar, and no array, of a computation without axes
    return np.asarray(data) if isinstance(data, np.generic) else data


def _refuse_booleans(op: Op, arrays: Sequence[Any]) -> None:
    found = [str(getattr(array, "dtype", "a tuple")) for array in arrays]
    if "bool" in found:
        raise DTypeError(
            f"{type(op).__name__}: its inputs are of dtype {', '.join(found)}. Expected numbers. "
            'Make them so: Tensor(x, dtype="float32").'
        )


def _realize(value: Value) -> None:
    """Compute a value and all that it waits for: first what waits for nothing, then what that made ready."""
    missing: dict[Value, int] = {}
    users: dict[Value, list[Value]] = {}
    found = [value]
    for node in found:  # the list grows
        if node not in missing:
            absent = [one for one in node.inputs if one.cached_data is None]
            missing[node] = len(absent)
            found += absent
            for one in absent:
                users.setdefault(one, []).append(node)
    ready = [node for node, count in missing.items() if count == 0]
    for node in ready:  # as does this one
        node.cached_data = _compute(node.op, node.inputs)
        for user in users.get(node, ()):
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)


class TensorTuple(Value):
    """Several tensors as one node. Indexing and `+` are ops, which `needle.operators` installs."""

    def __len__(self) -> int:
        return len(self.realize_cached_data())

    def __iter__(self) -> Iterator["Tensor"]:
        return (self[at] for at in range(len(self)))

    def tuple(self) -> tuple["Tensor", ...]:
        return tuple(self)

    def detach(self) -> "TensorTuple":
        """Return the same data with nothing behind it."""
        return TensorTuple.make_const(self.realize_cached_data())

    def __repr__(self) -> str:
        return f"needle.TensorTuple{self.tuple()!r}"

    __str__ = __repr__


class Tensor(Value):
    """An n-dimensional array in the graph. Its operators and methods (`needle.operators`) are ops.

    `array` may be a Tensor, an array or an array-like; its data are copied, to `device`. That is by default
    where they lie, and for an array-like the default device.
    Raises: DTypeError if it holds anything but numbers and booleans; ShapeError for lists of unlike lengths;
    DeviceError for what is no device.
    """

    grad: Optional["Tensor"] = None

    def __init__(
        self,
        array: Any,
        *,
        device: Device | None = None,
        dtype: Any = None,
        requires_grad: bool = True,
    ) -> None:
        if isinstance(array, Tensor):
            device = device or array.device
            dtype = dtype or array.dtype
            array = array.realize_cached_data()
        elif array_api is not np and isinstance(array, NDArray):
            device = device or array.device
        device = device or default_device()
        if not isinstance(device, Device):
            raise DeviceError(f"Tensor: found device {device!r}. Expected one of {all_devices()}.")
        try:
            data = device.array(array, dtype)
        except DeviceError:  # which is a ValueError, as is what NumPy says of lists of unlike lengths
            raise
        except ValueError as error:
            raise ShapeError(
                f"Tensor: {error}. Expected an array, or lists of one length and numbers. Make such."
            ) from None
        if np.dtype(data.dtype).kind not in "biuf":
            raise DTypeError(
                f"Tensor: found dtype {data.dtype}. Expected numbers or booleans. Convert the data first."
            )
        self._init(None, (), cached_data=data, requires_grad=requires_grad)

    @property
    def data(self) -> "Tensor":
        """The same data with nothing behind it: what happens to it is not recorded."""
        return self.detach()

    @data.setter
    def data(self, value: "Tensor") -> None:
        if not isinstance(value, Tensor):
            raise DTypeError(
                f"data: found {type(value).__name__}. Expected a Tensor: x.data = Tensor(array)."
            )
        if value.dtype != self.dtype:
            raise DTypeError(
                f"data: found dtype {value.dtype}. Expected {self.dtype}, as it was before. "
                f'Convert it: Tensor(x, dtype="{self.dtype}").'
            )
        self.cached_data = value.realize_cached_data()

    def detach(self) -> "Tensor":
        """Return a Tensor of the same data, shared, with nothing behind it."""
        return Tensor.make_const(self.realize_cached_data())

    @property
    def shape(self) -> tuple[int, ...]:
        return self.realize_cached_data().shape

    @property
    def dtype(self) -> Any:
        return self.realize_cached_data().dtype

    @property
    def device(self) -> Device:
        data = self.realize_cached_data()
        return default_device() if array_api is np else data.device

    def numpy(self) -> np.ndarray:
        """Return the data as a NumPy array, which may share this tensor's memory."""
        data = self.realize_cached_data()
        return np.asarray(data) if array_api is np else data.numpy()

    def backward(self, out_grad: Optional["Tensor"] = None) -> None:
        """Set the gradient of this tensor, as a Tensor, in the `grad` of every value that it was made of.

        `out_grad` weighs this tensor's elements, and is all ones by default; an earlier `grad` is
        overwritten.
        Raises: GradientError if no gradient can be asked for; ShapeError or DTypeError for an out_grad of
        another shape or dtype.
        """
        global _graph_off
        if not self.requires_grad:
            raise GradientError(
                "backward: this tensor needs no gradient: nothing it was made of has requires_grad=True. "
                "Expected one that does. Was it detached, or made from `.data`?"
            )
        if out_grad is None:
            out_grad = Tensor.make_const(self.device.ones(*self.shape, dtype=self.dtype))
        elif not isinstance(out_grad, Tensor) or out_grad.dtype != self.dtype:
            found = getattr(out_grad, "dtype", type(out_grad).__name__)
            raise DTypeError(
                f"backward: out_grad is {type(out_grad).__name__} of {found}. Expected a Tensor of "
                f'{self.dtype}, as the tensor is. Make it so: Tensor(out_grad, dtype="{self.dtype}").'
            )
        elif out_grad.shape != self.shape:
            raise ShapeError(
                f"backward: out_grad is {out_grad.shape}, the tensor {self.shape}. Expected one shape. "
                "Give each of its elements a weight."
            )
        before, _graph_off = _graph_off, _first_order
        try:
            compute_gradient_of_variables(self, out_grad)
        finally:
            _graph_off = before

    def __repr__(self) -> str:
        return f"needle.Tensor({self.realize_cached_data()})"

    def __str__(self) -> str:
        return str(self.realize_cached_data())


def find_topo_sort(node_list: Sequence[Value]) -> list[Value]:
    """Return all values that those in the list were made of, and these, each after its inputs.

    The order is that of a depth-first search which begins with the first of the list, enters each value's
    `inputs` from left to right, and lists a value once all of its inputs are listed (post-order). It holds
    each value once.
    """
    raise NotImplementedError("not started: hw1/topological_sort")


def compute_gradient_of_variables(output_tensor: Tensor, out_grad: Tensor) -> None:
    """Set `grad` of the output and of every value that it was made of, leaves and interior ones.

    `grad` is the gradient of the sum of `output_tensor * out_grad` with respect to that value: a Tensor of
    the value's shape, itself a node of the graph. What `grad` held before is overwritten.
    Shapes: out_grad as output_tensor.
    Source: reverse accumulation; Griewank and Walther, Evaluating Derivatives, 2nd ed. (2008), chapter 3.
    """
    raise NotImplementedError("not started: hw1/reverse_mode")


def sum_node_list(node_list: Sequence[Tensor]) -> Tensor:
    """Return the sum of the tensors as a node of the graph, with no zero to begin with."""
    return node_list[0] if len(node_list) == 1 else reduce(add, node_list)


@contextmanager
def first_order() -> Iterator[None]:
    """Let every `backward` inside the block keep no graph of the gradients, only the leaves' own.

    A training step then leaves no cycle of references for the garbage collector, and interior gradients are
    freed as soon as they were used. Gradients made so can't be differentiated again.
    """
    global _first_order
    before, _first_order = _first_order, True
    try:
        yield
    finally:
        _first_order = before
