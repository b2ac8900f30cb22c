"""Time needle's matrix product beside NumPy's and PyTorch's, and hold it against this machine's FMA peak.

The three take turns in one process, one process for each number of threads. Whole calls from Python are
timed, results and all: with one thread by processor time, so that other work does not count; with more by the
clock.

    python benchmarks/gemm.py                     sizes 32 to 2048, one and two threads
    python benchmarks/gemm.py 512 1000            these sizes
    python benchmarks/gemm.py --threads 4 512     with four threads
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (32, 64, 128, 256, 512, 1000, 1023, 1024, 2048)
GOALS = {512: 0.65, 1000: 0.8, 1023: 0.8, 1024: 0.8, 2048: 0.8}  # shares of the FMA peak
SECONDS = 0.4  # spent on each cell of the table
REST = 0.1  # seconds, in which the threads of the library before, which wait in a loop for more, fall asleep
CASES = ("a @ b", "a @ b.T", "a.T @ b", "a.T @ b.T")

Work = Callable[[], object]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    if options.threads is None:
        return max(_run_with(threads) for threads in range(1, min(2, os.cpu_count() or 1) + 1))
    if os.environ.get("OPENBLAS_NUM_THREADS") != str(options.threads):
        return _run_with(options.threads)
    measure(options.threads, options.sizes)
    return 0


def measure(threads: int, sizes: list[int]) -> None:
    """Print the table for so many threads, then its worst cases."""
    try:
        import torch
    except ImportError:
        raise SystemExit(
            "gemm.py: skipped: PyTorch is not installed, and there is nothing to compare with. "
            "Install it with: pip install torch"
        ) from None
    from needle.backend_ndarray import cpu

    torch.set_num_threads(threads)
    cpu().fast.set_num_threads(threads)
    limits = Path(cpu().mod.__file__).with_name("machine_limits")
    peak = json.loads(subprocess.check_output([limits]))["fma_peak"] * threads
    print(f"\n{threads} thread{'s' * (threads > 1)}, {cpu().fast.isa}, FMA peak {peak:.0f} GFLOP/s.")
    print("Medians in GFLOP/s; needle's time to the better of the others'; its share of the peak.")
    print(f"{'n':>5} {'':10} {'needle':>8} {'NumPy':>8} {'PyTorch':>8} {'ratio':>6} {'share':>6}")
    clock = time.process_time if threads == 1 else time.perf_counter
    ratios = {}
    for n in sizes:
        for name, works in _cases(n):
            ours, *others = (2e-9 * n**3 / seconds for seconds in _medians(works, n, clock))
            ratios[n, name] = ratio = max(others) / ours
            figures = f"{ours:8.1f} {others[0]:8.1f} {others[1]:8.1f} {ratio:6.2f} {ours / peak:6.0%}"
            goal = _missed_goal(n, ratio, others[1] / ours, ours / peak)
            print(f"{n:5} {name:10} {figures}{goal}", flush=True)
    for name, chosen in (("n >= 128", range(128, sys.maxsize)), ("smaller n", range(128))):
        if these := {key: ratio for key, ratio in ratios.items() if key[0] in chosen}:
            worst = max(these, key=lambda key: these[key])
            print(f"worst of {name}: {worst[1]} at {worst[0]}, {these[worst]:.2f} of the better's time")


def _missed_goal(n: int, ratio: float, ratio_to_pytorch: float, share: float) -> str:
    if share < GOALS.get(n, 0):
        return f"  goal: {GOALS[n]:.0%}"
    if n < 128:
        return "  goal: twice PyTorch's time or less" if ratio_to_pytorch > 2 else ""
    return "  goal: 1.00 or less" if ratio > 1 else ""


def _cases(n: int) -> Iterator[tuple[str, tuple[Work, Work, Work]]]:
    """Yield the four cases: for each, the same product by needle, NumPy and PyTorch."""
    import numpy as np
    import torch

    from needle.backend_ndarray import array, cpu

    arrays = np.random.default_rng(0).normal(size=(2, n, n)).astype("float32")
    ours = [array(matrix, device=cpu()) for matrix in arrays]
    for number, name in enumerate(CASES):
        turned = (number // 2, number % 2)
        a, b = (x.permute((1, 0)) if turn else x for x, turn in zip(ours, turned, strict=True))
        c, d = (x.T if turn else x for x, turn in zip(arrays, turned, strict=True))
        e, f = (torch.from_numpy(x) for x in (c, d))
        np.testing.assert_allclose((a @ b).numpy(), c @ d, rtol=1e-3, atol=1e-5 * n)
        yield name, (lambda a=a, b=b: a @ b, lambda c=c, d=d: c @ d, lambda e=e, f=f: e @ f)  # type: ignore[misc]


def _medians(works: tuple[Work, ...], n: int, clock: Callable[[], float]) -> list[float]:
    """Return the median time of a call of each, in turns of as many calls as take a while."""
    calls = max(1, int(2e9 / n**3))  # some 20 ms
    kept: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    end = time.perf_counter() + SECONDS * len(works)
    while time.perf_counter() < end or len(kept[0]) < 5:
        for work, times in zip(works, kept, strict=True):
            if clock is time.perf_counter:
                time.sleep(REST)
                for _ in range(1 + calls // 2):
                    work()
            began = clock()
            for _ in range(calls):
                work()
            times.append((clock() - began) / calls)
    return [statistics.median(times) for times in kept]


def _run_with(threads: int) -> int:
    """Run this program again where NumPy's library, which reads it once, finds its number of threads."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    folders = [
        str(ROOT / "reference"),
        str(ROOT / "build" / "lib"),
        *filter(None, [os.environ.get("PYTHONPATH")]),
    ]
    environment = os.environ | dict.fromkeys(names, str(threads))
    environment |= {"NEEDLE_BACKEND": "nd", "PYTHONPATH": os.pathsep.join(folders)}
    command = [sys.executable, __file__, *sys.argv[1:]]
    command += [] if "--threads" in sys.argv else ["--threads", str(threads)]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
