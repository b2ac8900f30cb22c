"""Every op of needle once: how it is called, what it is in NumPy and PyTorch, and which inputs it takes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from backend_tested import FLOAT
from hypothesis import strategies as st
from op_calls import (
    Shape,
    alike,
    broadcasts,
    convolutions,
    dilations,
    filled_shapes,
    flips,
    indices,
    joins,
    margins,
    placings,
    products,
    reductions,
    reshapes,
    scalars,
    sides,
    stacks,
    swaps,
)
from op_equivalents import (
    axes_of,
    dilated,
    kept_places,
    numpy_conv,
    numpy_pad,
    numpy_put,
    plain,
    torch_conv,
    torch_put,
    torch_reduce,
)

from needle import Tensor, ops


class Call(NamedTuple):
    """What an op is called with: the shapes of its inputs, and a setting such as its axes."""

    shapes: tuple[Shape, ...]
    setting: Any
    seed: int


class Row(NamedTuple):
    """An op. Its functions take the setting and then the inputs."""

    name: str  # of its class
    needle: Callable[..., Tensor]
    numpy: Callable[..., Any]
    torch: Callable[..., Any]  # from torch itself, the setting and the inputs
    calls: st.SearchStrategy[tuple[tuple[Shape, ...], Any]]
    positive: bool = False  # it takes no other numbers, or is not smooth at 0

    def call(self) -> st.SearchStrategy[Call]:
        return st.builds(lambda call, seed: Call(*call, seed), self.calls, st.integers(0, 999))

    def arrays(self, call: Call, dtype: str = "float64") -> list[np.ndarray]:
        """Draw inputs that every backend holds exactly.

        None is within 0.1 of 0, where relu has its kink and a logarithm its end.
        """
        rng = np.random.default_rng(call.seed)
        arrays = [rng.uniform(0.1, 2, size=shape) for shape in call.shapes]
        signs = [1 if self.positive else rng.choice([-1, 1], size=shape) for shape in call.shapes]
        return [(array * sign).astype(FLOAT).astype(dtype) for array, sign in zip(arrays, signs, strict=True)]


ROWS = [
    Row(
        "EWiseAdd",
        lambda _, a, b: ops.add(a, b),
        lambda _, a, b: a + b,
        lambda torch, _, a, b: a + b,
        alike(2),
    ),
    Row(
        "AddScalar",
        lambda c, a: ops.add_scalar(a, c),
        lambda c, a: a + plain(c),
        lambda torch, c, a: a + plain(c),
        alike(1, setting=scalars),
    ),
    Row(
        "EWiseMul",
        lambda _, a, b: ops.multiply(a, b),
        lambda _, a, b: a * b,
        lambda torch, _, a, b: a * b,
        alike(2),
    ),
    Row(
        "MulScalar",
        lambda c, a: ops.mul_scalar(a, c),
        lambda c, a: a * plain(c),
        lambda torch, c, a: a * plain(c),
        alike(1, setting=scalars),
    ),
    Row(
        "EWiseDiv",
        lambda _, a, b: ops.divide(a, b),
        lambda _, a, b: a / b,
        lambda torch, _, a, b: a / b,
        alike(2),
    ),
    Row(
        "DivScalar",
        lambda c, a: ops.divide_scalar(a, c),
        lambda c, a: a / plain(c),
        lambda torch, c, a: a / plain(c),
        alike(1, setting=scalars),
    ),
    Row(
        "EWisePow",
        lambda _, a, b: ops.power(a, b),
        lambda _, a, b: np.power(a, b),
        lambda torch, _, a, b: torch.pow(a, b),
        alike(2),
        positive=True,
    ),
    Row(
        "PowerScalar",
        lambda c, a: ops.power_scalar(a, c),
        lambda c, a: np.power(a, plain(c)),
        lambda torch, c, a: torch.pow(a, plain(c)),
        alike(1, setting=st.sampled_from([-2, -1, 0, 1, 2, 3, 0.5, -1.5, np.array([2.0]), np.float64(1.5)])),
        positive=True,
    ),
    Row("Negate", lambda _, a: ops.negate(a), lambda _, a: -a, lambda torch, _, a: -a, alike(1)),
    Row(
        "Log",
        lambda _, a: ops.log(a),
        lambda _, a: np.log(a),
        lambda torch, _, a: torch.log(a),
        alike(1),
        positive=True,
    ),
    Row("Exp", lambda _, a: ops.exp(a), lambda _, a: np.exp(a), lambda torch, _, a: torch.exp(a), alike(1)),
    Row(
        "ReLU",
        lambda _, a: ops.relu(a),
        lambda _, a: np.where(a > 0, a, 0).astype(a.dtype),
        lambda torch, _, a: torch.relu(a),
        alike(1),
    ),
    Row(
        "Transpose",
        lambda axes, a: ops.transpose(a, axes),
        lambda axes, a: np.swapaxes(a, *(axes or (-1, -2))),
        lambda torch, axes, a: torch.swapaxes(a, *(axes or (-1, -2))),
        swaps(),
    ),
    Row(
        "Reshape",
        lambda shape, a: ops.reshape(a, shape),
        lambda shape, a: np.array(a.ravel().tolist(), dtype=a.dtype).reshape(shape),
        lambda torch, shape, a: torch.reshape(a, shape),
        reshapes(),
    ),
    Row(
        "BroadcastTo",
        lambda shape, a: ops.broadcast_to(a, shape),
        lambda shape, a: a + np.zeros(shape, dtype=a.dtype),
        lambda torch, shape, a: torch.broadcast_to(a, shape),
        broadcasts(),
    ),
    Row(
        "Summation",
        lambda axes, a: ops.summation(a, axes),
        lambda axes, a: np.sum(a, axis=axes),
        torch_reduce("sum"),
        reductions(),
    ),
    Row(
        "MatMul",
        lambda _, a, b: ops.matmul(a, b),
        lambda _, a, b: np.einsum("...nk,...km->...nm", a, b),
        lambda torch, _, a, b: torch.matmul(a, b),
        products(),
    ),
    Row(
        "Conv",
        lambda setting, a, b: ops.conv(a, b, *setting),
        numpy_conv,
        torch_conv,
        convolutions(),
    ),
    Row(
        "LogSumExp",
        lambda axes, a: ops.logsumexp(a, axes),
        lambda axes, a: np.log(np.sum(np.exp(a), axis=axes)),
        torch_reduce("logsumexp"),
        reductions(filled_shapes),
    ),
    Row(
        "LogSoftmax",
        lambda _, a: ops.logsoftmax(a),
        lambda _, a: a - np.log(np.sum(np.exp(a), axis=1, keepdims=True)),
        lambda torch, _, a: torch.log_softmax(a, dim=1),
        alike(1, shapes=st.tuples(st.integers(0, 4), sides)),
    ),
    Row(
        "Max",
        lambda axes, a: ops.maximum_over(a, axes),
        lambda axes, a: np.max(a, axis=axes),
        torch_reduce("amax"),
        reductions(filled_shapes),
    ),
    Row(
        "GetItem",
        lambda index, a: ops.get_item(a, index),
        lambda index, a: a[index],
        lambda torch, index, a: a[index],
        indices(),
    ),
    Row(
        "PutItem",
        lambda setting, a: ops.PutItem(*setting)(a),
        numpy_put,
        torch_put,
        placings(),
    ),
    Row(
        "Tanh",
        lambda _, a: ops.tanh(a),
        lambda _, a: np.tanh(a),
        lambda torch, _, a: torch.tanh(a),
        alike(1),
    ),
    Row(
        "Stack",
        lambda axis, *args: ops.stack(args, axis),
        lambda axis, *args: np.stack(args, axis),
        lambda torch, axis, *args: torch.stack(args, axis),
        stacks(),
    ),
    Row(
        "Concat",
        lambda axis, *args: ops.concat(args, axis),
        lambda axis, *args: np.concatenate(args, axis),
        lambda torch, axis, *args: torch.cat(args, axis),
        joins(),
    ),
    Row(
        "Flip",
        lambda axes, a: ops.flip(a, axes),
        lambda axes, a: np.flip(a, axes),
        lambda torch, axes, a: torch.flip(a, axes_of(axes, a)),
        flips(),
    ),
    Row(
        "Pad",
        lambda widths, a: ops.pad(a, widths),
        numpy_pad,
        lambda torch, widths, a: torch.nn.functional.pad(
            a, [width for pair in widths[::-1] for width in pair]
        ),
        margins(),
    ),
    Row(
        "Dilate",
        lambda setting, a: ops.dilate(a, *setting),
        lambda setting, a: dilated(lambda shape: np.zeros(shape, a.dtype), setting, a),
        lambda torch, setting, a: dilated(lambda shape: torch.zeros(shape, dtype=a.dtype), setting, a),
        dilations(),
    ),
    Row(
        "UnDilate",
        lambda setting, a: ops.undilate(a, *setting),
        lambda setting, a: a[kept_places(setting, a.ndim)],
        lambda torch, setting, a: a[kept_places(setting, a.ndim)],
        dilations(undone=True),
    ),
]
