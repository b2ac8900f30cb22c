"""Forward-mode differentiation: how an output moves when the inputs move along given tangents.

A tangent travels the way that the values go, from the inputs on: each op turns the tangents of its inputs
into the tangent of its output by one rule. No gradient of reverse mode takes part.
"""

from collections.abc import Callable, Sequence
from typing import Any

from needle import ops
from needle.autograd import Op, Tensor, TensorTuple, Value, find_topo_sort
from needle.errors import DTypeError, GradientError, ShapeError
from needle.init import zeros_like

Rule = Callable[[Any, Sequence[Any]], Any]  # (node, tangents of its inputs, None for zero) -> tangent


def jvp(
    function: Callable[..., Tensor], primals: Sequence[Tensor], tangents: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """Return function(*primals) and its derivative along the tangents: a Jacobian times a vector.

    Both can be differentiated again, by `backward` and by `jvp`.
    Shapes: each tangent as its primal; the second output as the first.
    Raises: GradientError for an op that has no rule; ShapeError or DTypeError for tangents that do not fit.
    Source: Griewank and Walther, Evaluating Derivatives, 2nd ed. (2008), section 3.1; Baydin et al.,
    Automatic Differentiation in Machine Learning: a Survey (2018).
    """
    _require_fitting(primals, tangents)
    inputs = [_apart(primal) for primal in primals]
    output = function(*inputs)
    if not isinstance(output, Tensor):
        raise GradientError(
            f"jvp: the function returned {type(output).__name__}. Expected one Tensor. Return a Tensor."
        )
    known: dict[Value, Any] = dict(zip(inputs, tangents, strict=True))
    for node in find_topo_sort([output]):
        if node not in known and any(one in known for one in node.inputs):
            known[node] = _rule(node.op)(node, [known.get(one) for one in node.inputs])
    return output, known[output] if output in known else zeros_like(output)


def _require_fitting(primals: Sequence[Tensor], tangents: Sequence[Tensor]) -> None:
    if len(primals) != len(tangents):
        found = f"{len(primals)} primals and {len(tangents)} tangents"
        raise ShapeError(
            f"jvp: found {found}. Expected a tangent for each primal. Pass zeros for a fixed one."
        )
    for at, (primal, tangent) in enumerate(zip(primals, tangents, strict=True)):
        if not isinstance(primal, Tensor) or not isinstance(tangent, Tensor):
            found = f"{type(primal).__name__} and {type(tangent).__name__}"
            raise DTypeError(
                f"jvp: primal and tangent {at} are {found}. Expected Tensors. Make Tensors of them."
            )
        if primal.shape != tangent.shape:
            found = f"primal {at} is {primal.shape}, its tangent {tangent.shape}"
            raise ShapeError(f"jvp: {found}. Expected one shape. Reshape the tangent.")
        if primal.dtype != tangent.dtype:
            found = f"primal {at} is {primal.dtype}, its tangent {tangent.dtype}"
            raise DTypeError(f"jvp: {found}. Expected one dtype. Make the tangent with dtype={primal.dtype}.")


def _apart(primal: Tensor) -> Tensor:
    """Return a node of the same value that only this jvp knows.

    The function may use the primal also by another way than its argument, say from around it: that use is
    constant here. Still a gradient finds back to the primal.
    """
    if primal.requires_grad:
        return ops.reshape(primal, primal.shape)
    return Tensor.make_const(primal.realize_cached_data(), requires_grad=True)


def _rule(op: Op) -> Rule:
    if type(op) not in RULES:
        name = type(op).__name__
        raise GradientError(
            f"jvp: {name} has no rule for tangents. Expected one for each op on the way. Add it: "
            f"needle.forward_mode.RULES[{name}] = rule, where rule(node, tangents) returns the tangent of "
            "node, a Tensor made by ops, and a tangent that is None counts as zero."
        )
    return RULES[type(op)]


def _linear(node: Value, tangents: Sequence[Tensor | None]) -> Value:
    """The tangent of a linear op: the op itself, on the tangents."""
    filled = [
        zeros_like(value) if one is None else one for value, one in zip(node.inputs, tangents, strict=True)
    ]
    return node.op(*filled)


def _moved(node: Tensor, tangents: Sequence[Tensor]) -> Tensor:
    return tangents[0]


def _moved_twice(node: TensorTuple, tangents: Sequence[Tensor]) -> TensorTuple:
    return ops.make_tuple(tangents[0], tangents[0])


def _from_each(*parts: Callable[[Any, Tensor], Tensor]) -> Rule:
    """Make a rule of one function an input, from node and that input's tangent to its share."""

    def rule(node: Tensor, tangents: Sequence[Tensor | None]) -> Tensor:
        first, *others = [
            part(node, tangent) for part, tangent in zip(parts, tangents, strict=True) if tangent is not None
        ]
        return sum(others, start=first)

    return rule


def _power_scalar(node: Tensor, tangent: Tensor) -> Tensor:
    exponent = node.op.scalar
    return tangent * 0 if exponent == 0 else tangent * (node.inputs[0] ** (exponent - 1) * exponent)


def _relu(node: Tensor, tangent: Tensor) -> Tensor:
    return tangent * Tensor.make_const(node.inputs[0].realize_cached_data() > 0)


def _logsoftmax(node: Tensor, tangent: Tensor) -> Tensor:
    mean = ops.summation(ops.exp(node) * tangent, 1)
    return tangent - _along(mean, node, 1)


def _logsumexp(node: Tensor, tangent: Tensor) -> Tensor:
    axes, a = node.op.axes, node.inputs[0]
    return ops.summation(ops.exp(a - _along(node, a, axes)) * tangent, axes)


def _max(node: Tensor, tangent: Tensor) -> Tensor:
    """Where several are largest, each has an equal share, as in reverse mode."""
    axes, a = node.op.axes, node.inputs[0]
    largest = _along(node.detach(), a, axes).realize_cached_data() == a.realize_cached_data()
    mask = Tensor(largest, dtype=a.dtype, requires_grad=False)
    return ops.summation(mask * tangent, axes) / ops.summation(mask, axes)


def _along(reduced: Tensor, a: Tensor, axes: int | Sequence[int] | None) -> Tensor:
    """Repeat what a reduction of `a` over the axes left, to the shape of `a`."""
    gone = ops.shapes.normalize_axes("jvp", axes, len(a.shape))
    kept = tuple(1 if axis in gone else size for axis, size in enumerate(a.shape))
    return ops.broadcast_to(ops.reshape(reduced, kept), a.shape)


_LINEAR = (
    ops.EWiseAdd,
    ops.Negate,
    ops.MulScalar,
    ops.DivScalar,
    ops.Transpose,
    ops.Reshape,
    ops.BroadcastTo,
    ops.Summation,
    ops.GetItem,
    ops.PutItem,
    ops.MakeTensorTuple,
    ops.PutTupleItems,
    ops.TupleGetItem,
    ops.Stack,
    ops.Split,
    ops.Concat,
    ops.Flip,
    ops.Pad,
    ops.Dilate,
    ops.UnDilate,
)

RULES: dict[type[Op], Rule] = dict.fromkeys(_LINEAR, _linear) | {
    ops.AddScalar: _moved,
    ops.FusedAddScalars: _moved_twice,
    ops.EWiseMul: _from_each(lambda node, da: da * node.inputs[1], lambda node, db: node.inputs[0] * db),
    ops.MatMul: _from_each(lambda node, da: da @ node.inputs[1], lambda node, db: node.inputs[0] @ db),
    ops.Conv: _from_each(
        lambda node, da: ops.conv(da, node.inputs[1], node.op.stride, node.op.padding),
        lambda node, db: ops.conv(node.inputs[0], db, node.op.stride, node.op.padding),
    ),
    ops.EWiseDiv: _from_each(
        lambda node, da: da / node.inputs[1], lambda node, db: -(node * db / node.inputs[1])
    ),
    ops.EWisePow: _from_each(
        lambda node, da: da * node.inputs[1] * node.inputs[0] ** (node.inputs[1] - 1),
        lambda node, db: db * node * ops.log(node.inputs[0]),
    ),
    ops.PowerScalar: _from_each(_power_scalar),
    ops.Exp: _from_each(lambda node, da: da * node),
    ops.Tanh: _from_each(lambda node, da: da * (1 - node * node)),
    ops.Log: _from_each(lambda node, da: da / node.inputs[0]),
    ops.ReLU: _from_each(_relu),
    ops.LogSoftmax: _from_each(_logsoftmax),
    ops.LogSumExp: _from_each(_logsumexp),
    ops.Max: _from_each(_max),
}
