"""The figures that a server computes from predictions and the labels that it keeps."""

from collections.abc import Callable

import numpy as np

from grader.grading.values import Array


def error_rate(predictions: Array, labels: Array) -> float:
    """Return the share of predicted classes that are wrong.

    Shapes: predictions (N,), labels (N,), whole numbers.
    """
    return float(np.mean(predictions != labels))


def mean_squared_error(predictions: Array, labels: Array) -> float:
    """Return the mean of the squared differences.

    Shapes: predictions (*S), labels (*S).
    """
    with np.errstate(over="ignore"):  # an infinite figure lies out of every bound
        difference = predictions.astype(np.float64) - labels.astype(np.float64)
        return float(np.mean(difference * difference))


FIGURES: dict[str, Callable[[Array, Array], float]] = {
    "error_rate": error_rate,
    "mean_squared_error": mean_squared_error,
}
