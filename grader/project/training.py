"""Whether a training program lowers its loss: read from what it prints. Pure functions."""

import json
import math
from collections.abc import Sequence
from typing import NamedTuple

FEWEST = 30  # losses, so that a tenth of them is three
_LONGEST = 10_000  # characters of a line


class Loss(NamedTuple):
    step: int
    value: float


def read_losses(printed: str) -> list[Loss]:
    """Return what was printed as {"step": 1, "loss": 0.5}, a line each; other lines are ignored."""
    found = []
    for line in printed.splitlines():
        said = _object(line)
        step, loss = said.get("step"), said.get("loss")
        if type(step) is int and isinstance(loss, (int, float)):
            found.append(Loss(step, float(loss)))
    return found


def _object(line: str) -> dict[str, object]:
    if not line.lstrip().startswith("{") or len(line) > _LONGEST:
        return {}
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def problem_with(losses: Sequence[Loss], steps: int, lower_to: float) -> str:
    """Return why losses don't show that something was learned within the steps; empty if they do.

    The mean of the last tenth is compared with that of the first.
    """
    if len(losses) < FEWEST:
        said = f"training printed {len(losses)} losses. Expected {FEWEST} lines at least"
        return f'{said}, such as {{"step": 1, "loss": 0.69}}.'
    for loss in losses:
        if not math.isfinite(loss.value):
            return f"the loss of step {loss.step} is {loss.value}. Expected a number."
    return _outside(losses, steps) or _not_lowered([loss.value for loss in losses], lower_to)


def _outside(losses: Sequence[Loss], steps: int) -> str:
    before = 0
    for loss in losses:
        if loss.step <= before:
            return f"step {loss.step} comes after step {before}. Expected steps that count up from 1."
        before = loss.step
    if before > steps:
        return f"training went on to step {before}. Expected it to end after --steps {steps}."
    return ""


def _not_lowered(values: Sequence[float], lower_to: float) -> str:
    tenth = len(values) // 10
    first, last = sum(values[:tenth]) / tenth, sum(values[-tenth:]) / tenth
    if first <= 0:
        return f"the first {tenth} losses have a mean of {first:.4g}. Expected a loss that is not negative."
    if last <= lower_to * first:
        return ""
    said = f"the last {tenth} losses have a mean of {last:.4g}, the first {tenth} of {first:.4g}"
    return f"{said}. Expected the last to be at most {lower_to:g} of the first, {lower_to * first:.4g}."
