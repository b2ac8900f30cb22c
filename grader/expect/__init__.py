"""The vocabulary of the local tests: make a call, and say what should have come of it.

    call(softmax_loss, Z, y).returns(0.3133, because="...").keeps("Z", "y")
    gradient(ndl.divide, a, b).agrees_with_differences().keeps_dtype()

Shapes and arrays for property-based tests come from `grader.expect.drawing`, which needs hypothesis.
"""

from grader.expect.calls import Call, Unexpected, call, raises, runner, seen
from grader.expect.differences import central_differences
from grader.expect.gradients import Gradient, backward, gradient
from grader.expect.graph import reachable
from grader.expect.showing import shown_as

__all__ = [
    "Call",
    "Gradient",
    "Unexpected",
    "backward",
    "call",
    "central_differences",
    "gradient",
    "raises",
    "reachable",
    "runner",
    "seen",
    "shown_as",
]
