"""Solve an equation z = f(z): repeat f until z stays as it is."""

from collections.abc import Callable

import numpy as np

import needle as ndl

TOLERANCE = 1e-5  # the largest change of an element that counts as none
MOST_STEPS = 400


class NotSettled(ArithmeticError):
    """The equation was not solved within the steps that it was given."""


def settle(f: Callable[[ndl.Tensor], ndl.Tensor], start: ndl.Tensor) -> tuple[ndl.Tensor, int]:
    """Repeat z <- f(z) until no element changes; return the solution, without a graph, and the steps.

    Raises: NotSettled, which means that f does not contract: its weights are too large.
    """
    z = start.detach()
    for step in range(1, MOST_STEPS + 1):
        after = f(z).detach()
        change = float(np.abs((after - z).numpy()).max())
        z = after
        if change < TOLERANCE:
            return z, step
    raise NotSettled(
        f"After {MOST_STEPS} steps an element still changes by {change:.1e}. Expected less than "
        f"{TOLERANCE:.0e}: make the weights inside the equation smaller."
    )
