"""Measure the fast CUDA kernels beside PyTorch's (cuBLAS) and beside the memory bandwidth of a copy.

Both run in one process on the same default stream, and are timed in turns by the same events.
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import importlib
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

from side_by_side import require_pytorch

require_pytorch()

import numpy as np  # noqa: E402
import torch  # noqa: E402

ROUNDS, WARM_UP = 15, 3
SHORT = 2e-3  # seconds: a round makes as many calls as take at least that long
SIZES = (1024, 2048, 4096, 8192)
JUDGED = 4096  # the size that has a goal
GEMM_GOALS = {"highest": 0.85, "high": 0.70, "medium": 0.60}  # shares of cuBLAS's speed
BANDWIDTH_GOAL = 0.85  # share of the copy's
ROWS, COLUMNS = 16_384, 4_096  # 256 MiB: more than any cache holds
BYTES = ROWS * COLUMNS * 4
HEADS, PLACES, FEATURES = 16, 4096, 64  # of attention
ATTENTION_GOAL = 0.5  # share of the speed of PyTorch's in BF16

Call = Callable[[], object]


def main() -> int:
    cuda = backend()
    if cuda is None:
        return 0
    print(f"{torch.cuda.get_device_name()}; medians of {ROUNDS} rounds")
    shares = [*products(cuda), *elements(cuda), *attention(cuda)]
    worst = min(shares, key=lambda share: share[1])
    print(f"Farthest below its goal, or least above it: {worst[0]}, {worst[1]:.2f} times the goal.")
    return 0


def backend() -> Any:
    """Return the CUDA backend; None, with a line why, where there is nothing to measure."""
    if not torch.cuda.is_available():
        print("cuda.py: skipped: no GPU answers here, and there is nothing to measure.")
        return None
    try:
        return importlib.import_module("ndarray_backend_cuda")
    except ImportError as error:
        print(f"cuda.py: skipped: the CUDA backend is not built ({error}). Build it with: make build")
        return None


def seconds(*calls: Call) -> list[float]:
    """Return the median time of one call of each, measured in turns."""
    repeats = []
    for call in calls:
        timed(call, 2)
        repeats.append(max(1, int(SHORT / timed(call, 2)) + 1))
    times: list[list[float]] = [[] for _ in calls]
    for number in range(WARM_UP + ROUNDS):
        for call, repeat, kept in zip(calls, repeats, times, strict=True):
            took = timed(call, repeat)
            if number >= WARM_UP:
                kept.append(took)
    return [statistics.median(kept) for kept in times]


def timed(call: Call, repeat: int) -> float:
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(repeat):
        call()
    end.record()
    end.synchronize()
    milliseconds: float = begin.elapsed_time(end)
    return milliseconds / 1e3 / repeat


def upload(cuda: Any, array: np.ndarray[Any, Any]) -> Any:
    handle = cuda.Array(array.size)
    cuda.from_numpy(array, handle)
    return handle


def products(cuda: Any) -> list[tuple[str, float]]:
    """Print square products in each precision, and the transposed cases of one size."""
    print(f"\n{'product':32} {'needle':>14} {'cuBLAS':>14} {'share':>6}  goal")
    shares = []
    for precision, goal in GEMM_GOALS.items():
        for n in SIZES:
            shares.append(product(cuda, precision, n, "nn", goal if n == JUDGED else None))
    shares += [product(cuda, "highest", JUDGED, case, GEMM_GOALS["highest"]) for case in ("nt", "tn", "tt")]
    cuda.fast.set_matmul_precision("highest")
    return [share for share in shares if share is not None]


def product(cuda: Any, precision: str, n: int, case: str, goal: float | None) -> tuple[str, float] | None:
    """Compare one product. For medium, cuBLAS gets arrays of BF16: ours are rounded anew each time."""
    draw = np.random.default_rng(0)
    arrays = [draw.standard_normal((n, n), dtype=np.float32) for _ in range(2)]
    a, b = (upload(cuda, array) for array in arrays)
    strides = [(n, 1) if letter == "n" else (1, n) for letter in case]
    kind = torch.bfloat16 if precision == "medium" else torch.float32
    tensors = [torch.from_numpy(array).cuda().to(kind) for array in arrays]
    c, d = (x if letter == "n" else x.T for x, letter in zip(tensors, case, strict=True))
    cuda.fast.set_matmul_precision(precision)
    torch.set_float32_matmul_precision("highest" if precision == "highest" else "high")
    ours, theirs = seconds(
        lambda: cuda.fast.matmul(a, strides[0], 0, b, strides[1], 0, (), n, n, n), lambda: c @ d
    )
    name = f"{precision}, n = {n}" + ("" if case == "nn" else f", {case}")
    rates = [f"{2 * n**3 / time / 1e12:.1f} TFLOP/s" for time in (ours, theirs)]
    aim = "" if goal is None else f"  {goal:.2f} or more"
    print(f"{name:32} {rates[0]:>14} {rates[1]:>14} {theirs / ours:6.2f}{aim}", flush=True)
    return None if goal is None else (name, theirs / ours / goal)


def elements(cuda: Any) -> list[tuple[str, float]]:
    """Print element-wise kernels and reductions beside PyTorch's, as shares of a copy's bandwidth."""
    draw = np.random.default_rng(0)
    arrays = [draw.standard_normal((ROWS, COLUMNS), dtype=np.float32) for _ in range(2)]
    a, b = (upload(cuda, array) for array in arrays)
    x, y = (torch.from_numpy(array).cuda() for array in arrays)
    target = torch.empty_like(x)
    copied = 2 * BYTES / seconds(lambda: target.copy_(x))[0]
    print(f"\nA copy moves {copied / 1e9:.0f} GB/s. Shares of that:")
    print(f"{'kernel':32} {'needle':>14} {'PyTorch':>14} {'share':>6}  goal")
    shares = []
    for name, moved, needle, pytorch in cases(cuda.fast, a, b, x, y):
        rates = [moved / time for time in seconds(needle, pytorch)]
        shown = [f"{rate / 1e9:.0f} GB/s" for rate in rates]
        share = rates[0] / copied
        print(f"{name:32} {shown[0]:>14} {shown[1]:>14} {share:6.2f}  {BANDWIDTH_GOAL} or more", flush=True)
        shares.append((name, share / BANDWIDTH_GOAL))
    return shares


def cases(fast: Any, a: Any, b: Any, x: Any, y: Any) -> list[tuple[str, int, Call, Call]]:
    """Return each kernel's name, the bytes that it must read and write, ours and PyTorch's."""
    shape, rows = (ROWS, COLUMNS), (COLUMNS, 1)
    turned_shape, columns = (COLUMNS, ROWS), (1, COLUMNS)
    whole, turned = (a, shape, rows, 0), (a, turned_shape, columns, 0)
    straight = x.view(COLUMNS, ROWS)
    return [
        ("add", 3 * BYTES, lambda: fast.ewise_add(a, rows, 0, b, rows, 0, shape), lambda: x + y),
        ("add a number", 2 * BYTES, lambda: fast.scalar_add(*whole, 1.5), lambda: x + 1.5),
        ("exp", 2 * BYTES, lambda: fast.exp(*whole), x.exp),
        ("tanh", 2 * BYTES, lambda: fast.tanh(*whole), x.tanh),
        ("add a row", 2 * BYTES, lambda: fast.ewise_add(a, rows, 0, b, (0, 1), 0, shape), lambda: x + y[0]),
        (
            "add a transpose",
            3 * BYTES,
            lambda: fast.ewise_add(a, (ROWS, 1), 0, b, columns, 0, turned_shape),
            lambda: straight + y.T,
        ),
        ("compact a transpose", 2 * BYTES, lambda: fast.compact(*turned), lambda: x.T.contiguous()),
        (
            "add every other column",
            2 * BYTES,  # the columns between come along, half as many are written, and y is half read
            lambda: fast.ewise_add(a, (COLUMNS, 2), 0, b, (COLUMNS // 2, 1), 0, (ROWS, COLUMNS // 2)),
            lambda: x[:, ::2] + y.view(2 * ROWS, COLUMNS // 2)[:ROWS],
        ),
        ("sum over rows", BYTES, lambda: fast.reduce_sum(*whole, (0,)), lambda: x.sum(0)),
        ("sum over columns", BYTES, lambda: fast.reduce_sum(*whole, (1,)), lambda: x.sum(1)),
        ("sum of all", BYTES, lambda: fast.reduce_sum(*whole, (0, 1)), x.sum),
        ("maximum over columns", BYTES, lambda: fast.reduce_max(*whole, (1,)), lambda: x.amax(1)),
    ]


def attention(cuda: Any) -> list[tuple[str, float]]:
    """Print attention forward, in float32, beside PyTorch's in float32 and in BF16."""
    draw = np.random.default_rng(0)
    shape = (1, PLACES, HEADS, FEATURES)
    arrays = [draw.standard_normal(shape, dtype=np.float32) for _ in range(3)]
    handles = [upload(cuda, array) for array in arrays]
    sizes = (1, HEADS, PLACES, PLACES, FEATURES, FEATURES)
    print(f"\n{'attention':32} {'needle':>14} {'PyTorch':>14} {'share':>6}  goal")
    shares = []
    for causal in (False, True):
        for kind, goal in ((torch.float32, None), (torch.bfloat16, ATTENTION_GOAL)):
            q, k, v = (torch.from_numpy(array).cuda().to(kind).transpose(1, 2) for array in arrays)
            ours, theirs = seconds(
                partial(cuda.fast.attention, sizes, int(causal), *handles),
                partial(torch.nn.functional.scaled_dot_product_attention, q, k, v, is_causal=causal),
            )
            name = f"{str(kind).removeprefix('torch.')}{', causal' if causal else ''}"
            times = [f"{time * 1e3:.2f} ms" for time in (ours, theirs)]
            aim = "" if goal is None else f"  {goal:.2f} or more"
            print(f"{name:32} {times[0]:>14} {times[1]:>14} {theirs / ours:6.2f}{aim}", flush=True)
            if goal is not None:
                shares.append((f"attention, {name}", theirs / ours / goal))
    return shares


if __name__ == "__main__":
    raise SystemExit(main())
