"""The arrays that needle's tests run on, which the environment says: how precise they are, and how near
results in them come to those of NumPy and PyTorch.
"""

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from needle.backend_selection import BACKEND

FLOAT = "float64" if BACKEND == "np" else "float32"  # the longest floats that the arrays hold
CLOSE = 1e-9 if FLOAT == "float64" else 2e-5
CURVED = 1e-9 if FLOAT == "float64" else 1e-3  # of second derivatives, which cancel more digits

quickly = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=int(os.environ.get("NEEDLE_TEST_EXAMPLES", "25")),
)

of_several_dtypes = pytest.mark.skipif(BACKEND != "np", reason="needle's own arrays hold float32 alone")


def assert_close(ours: Any, theirs: Any, tolerance: float = CLOSE) -> None:
    """Compare numbers whose rounding goes with the largest of them."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    size = np.abs(theirs[np.isfinite(theirs)]).max(initial=1)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * size)
