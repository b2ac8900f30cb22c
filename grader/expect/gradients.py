"""Check gradients: an op's own, which needs no reverse mode, and those that `backward` leaves in `.grad`.

gradient(ndl.divide, a, b).agrees_with_differences().keeps_dtype().can_be_differentiated_again()
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.expect.calls import Call, call, told_in_errors
from grader.expect.differences import central_differences
from grader.expect.graph import reachable, replay
from grader.expect.showing import Shown, present, show
from grader.expect.values import RTOL, Array, as_array, is_tensor, worst_difference

_BROADCAST = "an input that was broadcast gets the sum over its copies, so its gradient has its own shape."
_OF_TENSORS = (
    "a gradient computed with Tensors (out_grad, node.inputs) can be differentiated again; "
    "with arrays (.numpy(), .data, .cached_data, realize_cached_data()) its graph is cut."
)
_FROM_OPS = "Tensor(...), .data, .detach() and .numpy() cut the graph; an op keeps it."

_Differentiate = Callable[[Any, list[Any], Any], tuple[Any, ...]]  # y, tensors, out_grad


@dataclass(frozen=True)
class Gradient(Call):
    """The gradients of a call's tensors, one each, and what is needed to check them."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    out_grad: Any
    differentiate: _Differentiate

    def has_shapes_of_inputs(self, *, because: str = "") -> "Gradient":
        """Expect each gradient to have its input's shape."""
        for at, tensor in enumerate(self._tensors()):
            found, expected = self._gradient(at).shape, as_array(tensor).shape
            if found != expected:
                what = f"the gradient of {self._input(at)} has shape {found}, not {expected}"
                self._fail(what, show(self.value[at]), f"an array of shape {expected}", because or _BROADCAST)
        return self

    def keeps_dtype(self, *, because: str = "") -> "Gradient":
        """Expect each gradient to have its input's dtype."""
        for at, tensor in enumerate(self._tensors()):
            found, expected = self._gradient(at).dtype, as_array(tensor).dtype
            if found != expected:
                what = f"the gradient of {self._input(at)} has the wrong dtype"
                self._fail(what, found.name, expected.name, because)
        return self

    def agrees_with_differences(self, *, rtol: float = RTOL, because: str = "") -> "Gradient":
        """Expect each gradient to be the slope of the student's own forward pass, measured in float64."""
        self.has_shapes_of_inputs()
        tensors = self._tensors()
        slopes = central_differences(
            lambda *wrapped: self.function(*self._with(wrapped), **self.kwargs),
            *tensors,
            out_grad=self.out_grad,
            wrap=lambda array: type(tensors[0])(array, dtype="float64"),
        )
        for at, slope in enumerate(slopes):
            found = self._gradient(at)
            worst = worst_difference(found, slope, rtol)
            if worst is not None:
                place = f" at {[*worst]}" if worst else ""
                what = (
                    f"the gradient of {self._input(at)}{place} is {found[worst]:.7g}, not {slope[worst]:.7g}"
                )
                measured = f"{show(np.round(slope, 5))}, by central differences of your forward"
                self._fail(what, show(self.value[at]), measured, because)
        return self

    def can_be_differentiated_again(self, *, because: str = "") -> "Gradient":
        """Expect each gradient to be a graph of Tensors that depends on out_grad and on the inputs.

        The graph is computed again from other inputs, and should give what the gradient is there.
        """
        moved, arrays = self._moved()
        fresh = self._differentiated(moved, arrays)
        for at, one in enumerate(self.value):
            if not any(node is self.out_grad for node in reachable(one)):
                what = f"the gradient of {self._input(at)} is cut off from out_grad"
                found = f"{type(one).__name__} that no op made from out_grad"
                self._fail(what, found, "a Tensor computed from out_grad by ops", because or _OF_TENSORS)
            again = as_array(replay(one, arrays))
            if worst_difference(again, as_array(fresh[at]), RTOL) is not None:
                what = f"the gradient of {self._input(at)} is cut off from an input"
                found = "an input's numbers stand in the gradient's graph as constants"
                self._fail(what, found, "Tensors computed from node.inputs by ops", because or _OF_TENSORS)
        return self

    def _tensors(self) -> list[Any]:
        return [value for value in self.args if is_tensor(value)]

    def _input(self, at: int) -> str:
        tensor = self._tensors()[at]
        names = [name for name, value in self.after.items() if value is tensor]
        return names[0] if names else f"input {at}"

    def _gradient(self, at: int) -> Array:
        return self._array(f"the gradient of {self._input(at)}", self.value[at], "")

    def _with(self, tensors: Any) -> list[Any]:
        """Return the arguments with these tensors in the place of the tensors."""
        rest = iter(tensors)
        return [next(rest) if is_tensor(value) else value for value in self.args]

    def _moved(self) -> tuple[list[Any], dict[int, Any]]:
        """Return tensors a little away, out_grad last, and their raw arrays by the id of the old tensors."""
        old = [*self._tensors(), self.out_grad]
        new = [type(tensor)(_moved(as_array(tensor), at)) for at, tensor in enumerate(old)]
        return new, {id(a): b.realize_cached_data() for a, b in zip(old, new, strict=True)}

    def _differentiated(self, moved: list[Any], arrays: dict[int, Any]) -> tuple[Any, ...]:
        *tensors, out_grad = moved
        return self.differentiate(self.function(*self._with(tensors), **self.kwargs), tensors, out_grad)


def gradient(
    function: Callable[..., Any] | Shown, *args: Any, out_grad: Any = None, **kwargs: Any
) -> Gradient:
    """Call an op's function, and return its own gradients of the tensors among `args`.

    out_grad is an array or tensor of the outcome's shape; by default it counts 1, 2, 3, ...
    The op's `gradient` is called directly: reverse mode need not work yet.
    """
    made, out_grad = _forward(function, args, out_grad, kwargs)
    given = ", ".join(show(value) for value in (out_grad,))
    *setup, last = made.text.rpartition("; ")
    text = f"{''.join(setup)}y = {last}; y.op.gradient_as_tuple({given}, y)"
    return _checked(made, text, present(function).function, args, kwargs, out_grad, _of_op)


def backward(
    function: Callable[..., Any] | Shown, *args: Any, out_grad: Any = None, **kwargs: Any
) -> Gradient:
    """Call a function, `backward` from its outcome, and return the `.grad` of each tensor among `args`."""
    made, out_grad = _forward(function, args, out_grad, kwargs)
    shown = present(function)
    names = {id(value): name for name, value in made.after.items()}
    tensors = {names.get(id(value), f"x{at}"): value for at, value in enumerate(args) if is_tensor(value)}
    known = {id(value): name for name, value in tensors.items()}
    makes = [f"{name} = {show(value)}" for name, value in tensors.items()]
    passed = [known.get(id(value)) or show(value) for value in args]
    passed += [f"{key}={show(value)}" for key, value in kwargs.items()]
    grads = ", ".join(f"{name}.grad" for name in tensors)
    y = f"y = {shown.text}({', '.join(passed)})"
    text = shown.line(*makes, y, f"y.backward({show(out_grad)})", f"({grads},)")
    return _checked(made, text, shown.function, args, kwargs, out_grad, _by_reverse_mode)


def _forward(
    function: Callable[..., Any] | Shown, args: tuple[Any, ...], out_grad: Any, kwargs: dict[str, Any]
) -> tuple[Call, Any]:
    """Make the call, and return it with an out_grad of the outcome's shape and dtype."""
    made = call(function, *args, **kwargs)
    tensors = [value for value in args if is_tensor(value)]
    if getattr(made.value, "op", None) is None:
        made._fail(
            "the outcome has no op, so there is no gradient",
            show(made.value) if is_tensor(made.value) else type(made.value).__name__,
            "a Tensor made by an op from inputs that require a gradient",
            _FROM_OPS,
        )
    if is_tensor(out_grad):
        return made, out_grad
    y = as_array(made.value)
    counted = np.arange(1, y.size + 1).reshape(y.shape) if out_grad is None else as_array(out_grad)
    return made, type(tensors[0])(np.array(counted, dtype=y.dtype))


def _checked(
    made: Call,
    text: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    out_grad: Any,
    differentiate: _Differentiate,
) -> Gradient:
    """Differentiate the outcome of a call, and expect one gradient for each tensor."""
    tensors = [value for value in args if is_tensor(value)]
    before = made.before | {"out_grad": np.array(as_array(out_grad))}
    with told_in_errors(text):
        value = differentiate(made.value, tensors, out_grad)
    after = made.after | {"out_grad": out_grad}
    found = Gradient(text, made.name, value, before, after, function, args, kwargs, out_grad, differentiate)
    if len(value) != len(tensors):
        found._fail(
            "the number of gradients is wrong",
            f"{len(value)} gradients",
            f"{len(tensors)}, one for each input",
            "",
        )
    return found


def _of_op(y: Any, tensors: list[Any], out_grad: Any) -> tuple[Any, ...]:
    return tuple(y.op.gradient_as_tuple(out_grad, y))


def _by_reverse_mode(y: Any, tensors: list[Any], out_grad: Any) -> tuple[Any, ...]:
    y.backward(out_grad)
    return tuple(tensor.grad for tensor in tensors)


def _moved(array: Array, at: int) -> Array:
    """Return an array whose elements grew by other shares each, none of which changes a sign."""
    shares = 1 + (np.arange(array.size) * 3 + at + 1) % 7 / 16
    return (array * shares.reshape(array.shape)).astype(array.dtype)
