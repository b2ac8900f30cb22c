"""Local tests, graded cases, submission and scoring for a course on deep-learning systems."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.grading.cases import case

__all__ = ["case"]


def __getattr__(name: str) -> Any:
    """Import `case` when it is asked for: every pytest run loads this package, and need not load NumPy."""
    if name == "case":
        from grader.grading.cases import case

        return case
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
