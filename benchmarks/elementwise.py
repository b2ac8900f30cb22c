"""Time needle's element-wise operations and sums beside NumPy's and PyTorch's, on one thread and on two.

All take turns in one process. Whole calls from Python are timed: with one thread by processor time, so that
other work does not count; with more by the clock. PyTorch is given a result to write to where it takes one,
since what it otherwise does most of the time with large arrays is to ask the system for memory.

    python benchmarks/elementwise.py              everything
    python benchmarks/elementwise.py exp sum      what has one of these words in its name
    python benchmarks/elementwise.py --threads 4 exp
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["NEEDLE_BACKEND"] = "nd"
sys.path[:0] = [str(ROOT / "reference"), str(ROOT / "build" / "lib")]

SIZES = (10_000, 1_000_000, 16_000_000)
SIDES = (100, 1000, 4096)
SECONDS = 0.3  # spent on each figure of the table
TURN = 5e-3
REST = 0.05  # seconds, in which the threads of the library before, which wait in a loop for more, fall asleep
TURNS = 15  # of each library, at least

Work = Callable[[], object]
# A name, the bytes that a call has to move, and the call by needle, NumPy and PyTorch.
Case = tuple[str, int, tuple[Work, Work, Work]]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        raise SystemExit(
            "elementwise.py: skipped: PyTorch is not installed, and there is nothing to compare with. "
            "Install it with: pip install torch"
        ) from None
    from needle.backend_ndarray import cpu

    counts = [options.threads] if options.threads else [1, 2][: os.cpu_count()]
    print(f"{cpu().fast.isa}. Medians, GB/s that needle moves, and needle's time to PyTorch's.")
    print(f"{'':30} {'threads':>7} {'needle':>11} {'GB/s':>6} {'NumPy':>11} {'PyTorch':>11} {'ratio':>6}")
    ratios = {}
    for name, moved, works in _cases():
        if options.words and not any(word in name for word in options.words):
            continue
        for threads in counts:
            torch.set_num_threads(threads)
            cpu().fast.set_num_threads(threads)
            ratios[name, threads] = _compare(name, moved, works, threads)
    (worst, threads), ratio = max(ratios.items(), key=lambda item: item[1])
    print(f"worst: {worst} with {threads} thread{'s' * (threads > 1)}, {ratio:.2f} of PyTorch's time")
    return 0


def _compare(name: str, moved: int, works: tuple[Work, ...], threads: int) -> float:
    ours, numpy, pytorch = _medians(works, time.process_time if threads == 1 else time.perf_counter)
    times = " ".join(f"{seconds * 1e6:8.1f} us" for seconds in (numpy, pytorch))
    goal = "  goal: 1.00 or less" if ours > pytorch else ""
    speed = f"{ours * 1e6:8.1f} us {moved / ours / 1e9:6.1f}"
    print(f"{name:30} {threads:7} {speed} {times} {ours / pytorch:6.2f}{goal}", flush=True)
    return ours / pytorch


def _medians(works: tuple[Work, ...], clock: Callable[[], float]) -> list[float]:
    """Return the median time of a call of each, in turns long enough to find in the caches what one left."""
    calls = [max(1, int(TURN / _once(work))) for work in works]
    kept: list[list[float]] = [[] for _ in works]
    end = time.perf_counter() + SECONDS * len(works)
    while time.perf_counter() < end or len(kept[0]) < TURNS:
        for work, times, repeat in zip(works, kept, calls, strict=True):
            if clock is time.perf_counter:
                time.sleep(REST)
                for _ in range(repeat // 2):
                    work()
            work()
            start = clock()
            for _ in range(repeat):
                work()
            times.append((clock() - start) / repeat)
    return [statistics.median(times) for times in kept]


def _once(work: Work) -> float:
    work()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _cases() -> Iterator[Case]:
    for size in SIZES:
        yield from _long(size)
    for side in SIDES:
        yield from _square(side)


def _long(size: int) -> Iterator[Case]:
    """Yield operations on arrays without gaps."""
    import numpy as np
    import torch

    from needle.backend_ndarray import array

    c, d = np.random.default_rng(0).random((2, size), dtype="float32") + np.float32(0.1)
    a, b, e, f = array(c), array(d), torch.from_numpy(c), torch.from_numpy(d)
    n, t = np.empty_like(c), torch.empty_like(e)
    shown = f"{size:,}"
    yield f"add {shown}", 12 * size, (lambda: a + b, lambda: np.add(c, d, n), lambda: torch.add(e, f, out=t))
    yield (
        f"mul {shown}",
        12 * size,
        (lambda: a * b, lambda: np.multiply(c, d, n), lambda: torch.mul(e, f, out=t)),
    )
    yield (
        f"add number {shown}",
        8 * size,
        (lambda: a + 2, lambda: np.add(c, 2, n), lambda: torch.add(e, 2, out=t)),
    )
    yield f"exp {shown}", 8 * size, (lambda: a.exp(), lambda: np.exp(c, n), lambda: torch.exp(e, out=t))
    yield f"log {shown}", 8 * size, (lambda: a.log(), lambda: np.log(c, n), lambda: torch.log(e, out=t))
    yield f"tanh {shown}", 8 * size, (lambda: a.tanh(), lambda: np.tanh(c, n), lambda: torch.tanh(e, out=t))
    yield (
        f"power {shown}",
        8 * size,
        (lambda: a**2.3, lambda: np.power(c, 2.3, n), lambda: torch.pow(e, 2.3, out=t)),
    )


def _square(side: int) -> Iterator[Case]:
    """Yield operations on views with strides, and reductions."""
    import numpy as np
    import torch

    from needle.backend_ndarray import array

    c, d = np.random.default_rng(0).random((2, side, side), dtype="float32")
    a, b, e, f = array(c), array(d), torch.from_numpy(c), torch.from_numpy(d)
    turned, row, column = b.permute((1, 0)), b[0:1].broadcast_to(b.shape), b[:, 0:1].broadcast_to(b.shape)
    every, other = a[:, ::2], b[:, ::2]
    n, t, half = np.empty_like(c), torch.empty_like(e), torch.empty_like(e[:, ::2])
    shown, size = f"{side} x {side}", side * side
    yield (
        f"a + b.T {shown}",
        12 * size,
        (lambda: a + turned, lambda: np.add(c, d.T, n), lambda: torch.add(e, f.T, out=t)),
    )
    yield (
        f"a + row {shown}",
        8 * size,
        (lambda: a + row, lambda: np.add(c, d[0], n), lambda: torch.add(e, f[0], out=t)),
    )
    yield (
        f"a + column {shown}",
        8 * size,
        (lambda: a + column, lambda: np.add(c, d[:, :1], n), lambda: torch.add(e, f[:, :1], out=t)),
    )
    yield (
        f"every other {shown}",
        6 * size,
        (
            lambda: every + other,
            lambda: c[:, ::2] + d[:, ::2],
            lambda: torch.add(e[:, ::2], f[:, ::2], out=half),
        ),
    )
    yield (
        f"copy of b.T {shown}",
        8 * size,
        (lambda: turned.compact(), lambda: np.copyto(n, d.T), lambda: t.copy_(f.T)),
    )
    yield f"sum of columns {shown}", 4 * size, (lambda: a.sum(0), lambda: c.sum(0), lambda: e.sum(0))
    yield f"sum of rows {shown}", 4 * size, (lambda: a.sum(1), lambda: c.sum(1), lambda: e.sum(1))
    yield f"sum of all {shown}", 4 * size, (lambda: a.sum(), lambda: c.sum(), lambda: e.sum())
    yield f"max of columns {shown}", 4 * size, (lambda: a.max(0), lambda: c.max(0), lambda: e.amax(0))
    yield f"max of rows {shown}", 4 * size, (lambda: a.max(1), lambda: c.max(1), lambda: e.amax(1))


if __name__ == "__main__":
    sys.exit(main())
