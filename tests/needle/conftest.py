"""Let a run use cpu() with the taught kernels alone, as students have it."""

import os

if os.environ.get("NEEDLE_TEST_TAUGHT"):
    from needle.backend_ndarray import cpu

    cpu().fast = None
