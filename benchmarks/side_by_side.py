"""Time needle and PyTorch in one process, in turns, with one thread each.

Processor time is taken: with one thread it is what passes on a quiet machine, and other work does not count.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy is imported, which is after this module
sys.path[:0] = [str(ROOT / "reference"), str(ROOT / "reference" / "apps"), str(ROOT / "tests")]

HEADER = f"{'':44} {'needle':>11} {'PyTorch':>11} {'ratio':>6}"

Work = Callable[[], object]


def require_pytorch() -> None:
    """End the program, without an error, where PyTorch is missing."""
    try:
        import torch
    except ImportError:
        raise SystemExit(
            f"{Path(sys.argv[0]).name}: skipped: PyTorch is not installed, and there is nothing to "
            "compare with. Install it with: pip install torch"
        ) from None
    torch.set_num_threads(1)


def compare(
    name: str,
    needle: Work,
    pytorch: Work,
    rounds: int,
    warm_up: int,
    goal: float | None,
    calls: int = 1,
) -> None:
    """Print the medians of both and their ratio, after some rounds that don't count.

    A round makes several calls of the one and then as many of the other; the time shown is that of one call.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(warm_up + rounds):
        for work, kept in zip((needle, pytorch), times, strict=True):
            began = time.process_time()
            for _ in range(calls):
                work()
            if number >= warm_up:
                kept.append((time.process_time() - began) / calls)
    ours, theirs = map(statistics.median, times)
    aim = "" if goal is None else f"  goal: {goal:g} or less"
    print(f"{name:44} {_shown(ours):>11} {_shown(theirs):>11} {ours / theirs:6.2f}{aim}", flush=True)


def _shown(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e6:.1f} us"
