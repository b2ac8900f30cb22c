"""Compare what `backward` gives with central differences, within bounds on the differences' own error.

With step h the quotient (f(x + h) - f(x - h)) / 2h is wrong by two things. Its series breaks off, which costs
about h^2 f'''(x) / 6, and each f is rounded, which costs about eps |f| / h. The first grows with h and the
second shrinks; h = cbrt(eps) times the scale of x keeps both small.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from needle.autograd import Tensor
from needle.backend_selection import BACKEND
from needle.errors import DTypeError, GradientError

EPS = float(np.finfo("float64").eps)
SMALLEST = float(np.finfo("float64").tiny)  # so that no bound is 0
ROUNDINGS = 32  # how many times its own eps an output may be wrong, for the ops that led to it
ROUGH = 0.1  # a difference that may be wrong by this part of the gradient's size judges nothing

Function = Callable[..., Tensor]


class Slope(NamedTuple):
    """A derivative by differences."""

    value: float
    error: float  # how far it may be wrong
    size: float  # of what a gradient is here: the output's size over the input's


class Mismatch(NamedTuple):
    """How an element's gradient lies beside its slope."""

    ratio: float  # the difference over what is allowed
    text: str


def gradcheck(
    function: Function,
    inputs: Tensor | Sequence[Tensor],
    eps: float | None = None,
    atol: float = 1e-8,
    rtol: float = 1e-6,
) -> bool:
    """Return True when the gradients of function(*inputs) are right for every input that requires one.

    The function is called on float64 copies. Its output's elements are added up, each with another weight.
    `eps` is the step h, by default chosen for each element. A gradient may differ from the slope by the bound
    of the slope's error, plus atol, plus rtol times its size.
    Raises: GradientError that names the worst element, or says why differences can't judge the function;
    DTypeError where arrays hold no float64.
    """
    _require_doubles()
    leaves = [_in_double(one) for one in ([inputs] if isinstance(inputs, Tensor) else inputs)]
    if not any(leaf.requires_grad for leaf in leaves):
        raise GradientError(
            "gradcheck: no input is a float tensor with requires_grad=True. Expected one at least. "
            "There is nothing to check otherwise."
        )
    output = _call(function, leaves)
    weights = np.random.default_rng(0).uniform(0.5, 1.5, size=output.shape)  # equal ones could cancel
    gradients = _gradients(output, weights, leaves)
    if not np.array_equal(output.numpy(), _call(function, leaves).numpy(), equal_nan=True):
        raise GradientError(
            "gradcheck: the function gave two results for the same inputs. Expected one. Draw its random "
            "numbers before, and let it leave its inputs as they are."
        )
    found = [
        _mismatch(
            at, index, gradients[at][index], _slope(function, leaves, at, index, weights, eps), atol, rtol
        )
        for at, leaf in enumerate(leaves)
        if leaf.requires_grad
        for index in np.ndindex(leaf.shape)
    ]
    worst = max(found, default=Mismatch(0.0, ""))
    if worst.ratio > 1:
        raise GradientError(worst.text)
    return True


def _require_doubles() -> None:
    if BACKEND != "np":
        raise DTypeError(
            "gradcheck: needle computes with arrays of its own, which hold float32 alone. Expected float64: "
            "differences of fewer digits judge nothing. Run it with NEEDLE_BACKEND=np."
        )


def _in_double(value: Tensor) -> Tensor:
    """Return a private copy: the caller's data and `grad` stay as they are."""
    if not isinstance(value, Tensor):
        found = type(value).__name__
        raise DTypeError(f"gradcheck: an input is {found}. Expected Tensors. Make a Tensor of it.")
    floating = np.dtype(value.dtype).kind == "f"
    return Tensor(
        value, dtype="float64" if floating else None, requires_grad=floating and value.requires_grad
    )


def _call(function: Function, leaves: Sequence[Tensor]) -> Tensor:
    with np.errstate(all="ignore"):  # what is not finite is reported below
        output = function(*leaves)
        found = output.dtype if isinstance(output, Tensor) else type(output).__name__
    if found != "float64":
        raise DTypeError(
            f"gradcheck: the function made {found} of float64. Expected a Tensor of float64: differences of "
            "fewer digits judge nothing. Look for a dtype that the function names."
        )
    return output


def _gradients(output: Tensor, weights: np.ndarray, leaves: Sequence[Tensor]) -> list[np.ndarray]:
    if output.requires_grad:
        output.backward(Tensor(weights, device=output.device, dtype=output.dtype, requires_grad=False))
    found = [np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy() for leaf in leaves]
    for at, (gradient, leaf) in enumerate(zip(found, leaves, strict=True)):
        if gradient.shape != leaf.shape:
            raise GradientError(
                f"gradcheck: the gradient of input {at} is {gradient.shape}. Expected {leaf.shape}, as the "
                "input. Look for an op whose gradient does not undo a broadcast or a sum."
            )
    return found


def _slope(
    function: Function,
    leaves: Sequence[Tensor],
    at: int,
    index: tuple[int, ...],
    weights: np.ndarray,
    step: float | None,
) -> Slope:
    """Return the derivative of the weighted output along one element, from differences over h and 2h.

    The difference over 2h is wrong by four times as much, so a third of what they differ by estimates the
    error of that over h.
    Source: Richardson extrapolation; Griewank and Walther (2008), section 1.1, on the choice of the step.
    """
    scale = _scale(leaves[at].numpy(), index)
    h = step or EPS ** (1 / 3) * scale
    below2, below, above, above2 = (_outputs(function, leaves, at, index, k * h) for k in (-2, -1, 1, 2))
    near, far = (above - below) / (2 * h), (above2 - below2) / (4 * h)
    size = float(np.sum(weights * np.abs(above)))
    slope, wide = float(np.sum(weights * near)), float(np.sum(weights * far))
    return Slope(slope, ROUNDINGS * EPS * size / h + abs(wide - slope) / 3, size / scale)


def _scale(array: np.ndarray, index: tuple[int, ...]) -> float:
    """Return how large the element is, or those beside it when it happens to be small."""
    return float(max(abs(array[index]), np.mean(np.abs(array)))) or 1.0


def _outputs(
    function: Function, leaves: Sequence[Tensor], at: int, index: tuple[int, ...], step: float
) -> np.ndarray:
    """Return the function's output with one element moved."""
    moved = np.array(leaves[at].numpy())
    moved[index] += step
    leaf = Tensor(moved, device=leaves[at].device)
    return _call(function, [*leaves[:at], leaf, *leaves[at + 1 :]]).numpy()


def _mismatch(
    at: int, index: tuple[int, ...], gradient: float, slope: Slope, atol: float, rtol: float
) -> Mismatch:
    where = f"gradcheck: input {at} at {list(index)}"
    allowed = slope.error + atol + rtol * max(abs(gradient), abs(slope.value)) + SMALLEST
    found = f"{where}: backward gives {gradient:.9g}, differences give {slope.value:.9g}"
    if not slope.error <= ROUGH * max(abs(gradient), abs(slope.value), slope.size):
        raise GradientError(
            f"{found}, which may be wrong by {slope.error:.2g}. Expected a smooth function and a step that "
            "suits it. Move the input away from kinks and from the edge of what the function takes, or pass "
            "another eps."
        )
    difference = abs(gradient - slope.value)
    ratio = difference / allowed if np.isfinite(gradient) else np.inf
    return Mismatch(
        ratio,
        f"{found}: {difference:.2g} apart. Expected no more than {allowed:.2g}. Check the gradients of the "
        "ops that this input goes through; at a kink of the function (relu at 0) move the input.",
    )
