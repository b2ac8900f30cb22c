"""Check gradients: an op's own, which needs no reverse mode, and those that `backward` leaves in `.grad`.

gradient(ndl.divide, a, b).agrees_with_differences().keeps_dtype().can_be_differentiated_again()
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.expect.calls import Call, call, told_in_errors
from grader.expect.differences import central_differences
from grader.expect.graph import reachable, replay
from grader.expect.showing import Shown, present, show
from grader.expect.values import RTOL, Array, as_array, is_tensor, worst_difference

_RTOL_OF_FLOAT32 = 1e-2  # differences of an outcome that is float32 hold no more digits
_BROADCAST = "an input that was broadcast gets the sum over its copies, so its gradient has its own shape."
_OF_TENSORS = (
    "a gradient made of Tensors (out_grad, node.inputs) by ops can be differentiated again; "
    "arrays (.numpy(), .data, .cached_data, .realize_cached_data()) cut it off."
)
_FROM_OPS = "Tensor(...), .data, .detach() and .numpy() cut the graph; ops keep it."


@dataclass(frozen=True)
class Forward:
    """A call that made a tensor, with an out_grad for it."""

    shown: Shown
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    made: Call
    out_grad: Any

    @property
    def tensors(self) -> list[Any]:
        return [value for value in self.args if is_tensor(value)]

    def name_of(self, tensor: Any) -> str:
        """Return the name of the argument that a tensor was passed as, or else its place."""
        for name, value in self.made.after.items():
            if value is tensor:
                return name
        return f"x{[value is tensor for value in self.tensors].index(True)}"

    def again(self, tensors: Sequence[Any]) -> Any:
        """Return what the same call makes of other tensors."""
        rest = iter(tensors)
        args = [next(rest) if is_tensor(value) else value for value in self.args]
        return self.shown.function(*args, **self.kwargs)


_Differentiate = Callable[[Any, list[Any], Any], tuple[Any, ...]]  # y, tensors, out_grad


@dataclass(frozen=True)
class Gradient(Call):
    """The gradients of a call's tensors, one each, and what is needed to check them."""

    forward: Forward
    differentiate: _Differentiate

    def has_shapes_of_inputs(self, *, because: str = "") -> "Gradient":
        """Expect each gradient to have its input's shape."""
        for at, tensor in enumerate(self.forward.tensors):
            found, expected = self._gradient(at).shape, as_array(tensor).shape
            if found != expected:
                what = f"the gradient of {self._input(at)} has shape {found}, not {expected}"
                self.fail(what, show(self.value[at]), f"an array of shape {expected}", because or _BROADCAST)
        return self

    def keeps_dtype(self, *, because: str = "") -> "Gradient":
        """Expect each gradient to have its input's dtype."""
        for at, tensor in enumerate(self.forward.tensors):
            found, expected = self._gradient(at).dtype, as_array(tensor).dtype
            if found != expected:
                what = f"the gradient of {self._input(at)} has the wrong dtype"
                self.fail(what, found.name, expected.name, because)
        return self

    def agrees_with_differences(self, *, rtol: float = RTOL, because: str = "") -> "Gradient":
        """Expect each gradient to be the slope of the student's own forward pass, both in float64."""
        self.has_shapes_of_inputs()
        dtypes = set()

        def outcome(*tensors: Any) -> Array:
            y = as_array(self.forward.again(tensors))
            dtypes.add(y.dtype)
            return y

        arrays = [as_array(tensor) for tensor in self.forward.tensors]
        slopes = central_differences(outcome, *arrays, out_grad=self.forward.out_grad, wrap=self._double)
        tensors, out_grad = [*map(self._double, arrays)], self._double(as_array(self.forward.out_grad))
        found = self.differentiate(self.forward.again(tensors), tensors, out_grad)
        if dtypes != {np.dtype(np.float64)}:
            rtol = max(rtol, _RTOL_OF_FLOAT32)
        for at, slope in enumerate(slopes):
            self._agrees(at, as_array(found[at]), slope, rtol, because)
        return self

    def can_be_differentiated_again(self, *, because: str = "") -> "Gradient":
        """Expect each gradient to be a graph of Tensors that leads to out_grad and to the inputs.

        The graph is computed again from other inputs, and should give what the gradient is there.
        """
        *tensors, out_grad = moved = self._moved()
        fresh = self.differentiate(self.forward.again(tensors), tensors, out_grad)
        old = [*self.forward.tensors, self.forward.out_grad]
        arrays = {id(a): b.realize_cached_data() for a, b in zip(old, moved, strict=True)}
        for at, one in enumerate(self.value):
            if not any(node is self.forward.out_grad for node in reachable(one)):
                what, found = "out_grad", f"a {type(one).__name__} that no op made of out_grad"
            elif worst_difference(as_array(replay(one, arrays)), as_array(fresh[at]), RTOL) is not None:
                what, found = "an input", "numbers of the inputs that stand in it as constants"
            else:
                continue
            expected = "Tensors that ops made of out_grad and node.inputs"
            what = f"the gradient of {self._input(at)} is cut off from {what}"
            self.fail(what, found, expected, because or _OF_TENSORS)
        return self

    def _input(self, at: int) -> str:
        return self.forward.name_of(self.forward.tensors[at])

    def _gradient(self, at: int) -> Array:
        return self._array(f"the gradient of {self._input(at)}", self.value[at], "")

    def _agrees(self, at: int, found: Array, slope: Array, rtol: float, because: str) -> None:
        worst = worst_difference(found, slope, rtol)
        if worst is not None:
            place = f" at {[*worst]}" if worst else ""
            numbers = f"is {found[worst]:.7g}, not {slope[worst]:.7g}"
            expected = f"{show(np.asarray(np.round(slope, 5) + 0.0))}, by central differences of your forward"
            what = f"the gradient of {self._input(at)}{place} {numbers}"
            self.fail(what, show(self.value[at]), expected, because)

    def _double(self, array: Array) -> Any:
        return type(self.forward.out_grad)(array, dtype="float64")

    def _moved(self) -> list[Any]:
        """Return the tensors, out_grad last, a little away: each element grows by another share of itself."""
        moved = []
        for at, tensor in enumerate([*self.forward.tensors, self.forward.out_grad]):
            array = as_array(tensor)
            shares = 1 + (1 + (np.arange(array.size) * 3 + at) % 7) / 16  # no sign changes: relu has a corner
            away = (array * shares.reshape(array.shape)).astype(array.dtype)
            moved.append(type(self.forward.out_grad)(away))
        return moved


def gradient(
    function: Callable[..., Any] | Shown, *args: Any, out_grad: Any = None, **kwargs: Any
) -> Gradient:
    """Call an op's function, and return its own gradients of the tensors among `args`, each passed once.

    out_grad is an array or tensor of the outcome's shape; by default it counts 1, 2, 3, ...
    The op's `gradient` is called directly: reverse mode need not work yet.
    """
    forward = _forward(function, args, kwargs, out_grad)
    made, shown = forward.made, forward.shown
    inputs = tuple(made.value.inputs)
    if [id(one) for one in inputs] != [id(tensor) for tensor in forward.tensors]:
        expected = f"one op of {', '.join(map(forward.name_of, forward.tensors))}"
        made.fail(
            "the outcome is not one op of its inputs", type(made.value.op).__name__, expected, _FROM_OPS
        )
    y = f"y = {shown.called(args, kwargs)}"
    text = shown.line(y, f"y.op.gradient_as_tuple({show(forward.out_grad)}, y)")
    return _differentiated(forward, text, _by_the_op)


def backward(
    function: Callable[..., Any] | Shown, *args: Any, out_grad: Any = None, **kwargs: Any
) -> Gradient:
    """Call a function, and `backward` from its outcome; return the `.grad` of the tensors among `args`.

    Each tensor is passed once; out_grad is as for `gradient`.
    """
    forward = _forward(function, args, kwargs, out_grad)
    shown, tensors = forward.shown, forward.tensors
    names = [forward.name_of(tensor) for tensor in tensors]
    made = [f"{name} = {show(tensor)}" for name, tensor in zip(names, tensors, strict=True)]
    passed = [forward.name_of(value) if is_tensor(value) else show(value) for value in args]
    passed += [f"{key}={show(value)}" for key, value in kwargs.items()]
    steps = [f"y = {shown.text}({', '.join(passed)})", f"y.backward({show(forward.out_grad)})"]
    text = shown.line(*made, *steps, f"({', '.join(f'{name}.grad' for name in names)},)")
    return _differentiated(forward, text, _by_reverse_mode)


def _forward(
    function: Callable[..., Any] | Shown, args: tuple[Any, ...], kwargs: dict[str, Any], out_grad: Any
) -> Forward:
    """Make the call, and return it with an out_grad of the outcome's shape and dtype."""
    made = call(function, *args, **kwargs)
    if getattr(made.value, "op", None) is None:
        expected = "a Tensor that an op made of inputs that require a gradient"
        made.fail("the outcome has no op, so it has no gradient", show(made.value), expected, _FROM_OPS)
    if not is_tensor(out_grad):
        y = as_array(made.value)
        counted = np.arange(1, y.size + 1).reshape(y.shape)
        out_grad = type(made.value)(np.array(counted if out_grad is None else out_grad, dtype=y.dtype))
    return Forward(present(function), args, kwargs, made, out_grad)


def _differentiated(forward: Forward, text: str, differentiate: _Differentiate) -> Gradient:
    """Differentiate the outcome of a call, and expect one gradient for each tensor."""
    made, out_grad = forward.made, forward.out_grad
    before = made.before | {"out_grad": np.array(as_array(out_grad))}
    with told_in_errors(text):
        value = differentiate(made.value, forward.tensors, out_grad)
    after = made.after | {"out_grad": out_grad}
    found = Gradient(text, f"gradient of {made.name}", value, before, after, forward, differentiate)
    if len(value) != len(forward.tensors):
        expected = f"{len(forward.tensors)}, one for each input"
        found.fail("the number of gradients is wrong", f"{len(value)} gradients", expected, "")
    return found


def _by_the_op(y: Any, tensors: list[Any], out_grad: Any) -> tuple[Any, ...]:
    return tuple(y.op.gradient_as_tuple(out_grad, y))


def _by_reverse_mode(y: Any, tensors: list[Any], out_grad: Any) -> tuple[Any, ...]:
    y.backward(out_grad)
    return tuple(tensor.grad for tensor in tensors)
