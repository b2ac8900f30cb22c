"""Local tests, graded cases, submission and scoring for a course on deep-learning systems."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.grading.cases import case
    from grader.grading.devices import pick_device

__all__ = ["case", "pick_device"]


def __getattr__(name: str) -> Any:
    """Import a name when it is asked for: every pytest run loads this package, and need not load NumPy."""
    if name == "case":
        from grader.grading.cases import case

        return case
    if name == "pick_device":
        from grader.grading.devices import pick_device

        return pick_device
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
