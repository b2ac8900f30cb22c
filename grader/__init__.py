"""Local tests, graded cases, submission and scoring for a course on deep-learning systems."""

from grader.cases import case

__all__ = ["case"]
