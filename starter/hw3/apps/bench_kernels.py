"""Measure your CPU kernels beside this machine's limits: `python apps/bench_kernels.py --plot roofline.png`.

A kernel can be no faster than the core multiplies and adds, and no faster than its operands come from memory.
Which of the two binds it depends on how many operations it does for each byte: its arithmetic intensity.
Source: Williams, Waterman and Patterson, Roofline: an insightful visual performance model (2009).
"""

import argparse
import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import ndarray_backend_cpu as backend
import numpy as np
from threadpoolctl import threadpool_limits

PRODUCTS = (64, 128, 256, 512, 1024)  # n of n x n matrices
LENGTHS = (2**12, 2**17, 2**22)  # elements
PATIENCE = 3.0  # seconds: after a call that long, larger sizes of the kernel are left out
REPEATS = 5


@dataclass(frozen=True)
class Work:
    """What a call of a kernel has to do, and how to call it and NumPy."""

    kernel: str
    size: str
    operations: float
    bytes: float  # read and written at least
    ours: Callable[[], object]
    numpy: Callable[[], object]


@dataclass(frozen=True)
class Measured:
    """What a kernel reached. GFLOP/s counts an addition, a multiplication and an exponential as one each."""

    kernel: str
    size: str
    intensity: float  # operations a byte
    gflops: float
    numpy_gflops: float
    share_of_roof: float


@dataclass(frozen=True)
class Limits:
    """What one core of this machine can do."""

    fma_peak: float  # GFLOP/s
    cached: float  # GB/s
    uncached: float  # GB/s

    @classmethod
    def of_this_machine(cls) -> "Limits":
        """Measure, with the program that was built beside the kernels."""
        program = Path(backend.__file__).with_name("machine_limits")
        return cls(**json.loads(subprocess.check_output([program])))

    def roof(self, intensity: float, bandwidth: float | None = None) -> float:
        """Return the most GFLOP/s that a kernel of this intensity can reach."""
        return min(self.fma_peak, intensity * (bandwidth or self.cached))


def array(values: np.ndarray) -> backend.Array:
    """Return a copy in the kernels' memory."""
    held = backend.Array(values.size)
    backend.from_numpy(values, held)
    return held


def products(name: str, rng: np.random.Generator) -> Iterable[Work]:
    """Yield products of square matrices; the least traffic is two read and one written."""
    kernel = getattr(backend, name)
    for n in PRODUCTS:
        a, b = (rng.normal(size=(n, n)).astype("float32") for _ in range(2))
        ours = (array(a), array(b), backend.Array(n * n), n, n, n)
        yield Work(
            name,
            f"n = {n}",
            2.0 * n**3,
            12.0 * n * n,
            lambda ours=ours: kernel(*ours),
            lambda a=a, b=b: a @ b,
        )


def element_wise(
    name: str, numpy: Callable[..., np.ndarray], inputs: int, rng: np.random.Generator
) -> Iterable[Work]:
    """Yield one operation an element, of one input or of two."""
    kernel = getattr(backend, name)
    for n in LENGTHS:
        values = [rng.uniform(0.5, 1.5, size=n).astype("float32") for _ in range(inputs)]
        ours, out = [array(value) for value in values], np.empty(n, dtype="float32")
        held = backend.Array(n)
        yield Work(
            name,
            f"{n} elements",
            n,
            4.0 * n * (inputs + 1),
            lambda ours=ours, held=held: kernel(*ours, held),
            lambda values=values, out=out: numpy(*values, out=out),
        )


def reductions(name: str, numpy: Callable[..., np.ndarray], rng: np.random.Generator) -> Iterable[Work]:
    """Yield reductions of rows of 64, which NumPy makes of the same matrix along its last axis."""
    kernel = getattr(backend, name)
    for n in LENGTHS:
        values = rng.normal(size=(n // 64, 64)).astype("float32")
        ours = (array(values), backend.Array(n // 64), 64)
        yield Work(
            name,
            f"{n // 64} rows of 64",
            n,
            4.0 * n,
            lambda ours=ours: kernel(*ours),
            lambda values=values: numpy(values, axis=1),
        )


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes: the median of some, each of them long enough to be timed."""
    call()
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    inner = max(1, int(0.01 / max(once, 1e-7)))

    def timed() -> float:
        start = time.perf_counter()
        for _ in range(inner):
            call()
        return (time.perf_counter() - start) / inner

    return once if once > PATIENCE / 2 else statistics.median(timed() for _ in range(REPEATS))


def measure(works: Iterable[Work], limits: Limits) -> Iterable[Measured]:
    """Measure a kernel on larger and larger sizes, until it becomes too slow to go on."""
    for work in works:
        try:
            ours = seconds(work.ours)
        except RuntimeError as error:  # a stub
            print(f"{work.kernel:>14}   {error}")
            return
        reached, intensity = work.operations / ours / 1e9, work.operations / work.bytes
        with threadpool_limits(1):  # as our kernels have
            numpy = work.operations / seconds(work.numpy) / 1e9
        found = Measured(work.kernel, work.size, intensity, reached, numpy, reached / limits.roof(intensity))
        print(
            f"{found.kernel:>14}   {found.size:<20} {intensity:8.2f} {reached:10.2f} {numpy:10.2f} "
            f"{reached / numpy:8.2f}x {found.share_of_roof:9.0%}",
            flush=True,
        )
        yield found
        if ours > PATIENCE:
            return


def plot(measured: list[Measured], limits: Limits, file: Path) -> None:
    """Draw the roofs and the kernels under them, as a PNG with logarithmic axes."""
    from matplotlib.figure import Figure  # slow to import, and only a plot needs it

    figure = Figure(figsize=(8, 5.5), layout="constrained")
    axes = figure.subplots()
    intensities = np.geomspace(0.05, 400, 200)
    for label, bandwidth, style in (
        (f"first cache, {limits.cached:.0f} GB/s", limits.cached, "-"),
        (f"memory, {limits.uncached:.0f} GB/s", limits.uncached, "--"),
    ):
        roofs = [limits.roof(one, bandwidth) for one in intensities]
        axes.loglog(
            intensities, roofs, style, color="black", label=f"{label}; peak {limits.fma_peak:.0f} GFLOP/s"
        )
    for name in dict.fromkeys(one.kernel for one in measured):
        points = [one for one in measured if one.kernel == name]
        axes.loglog([one.intensity for one in points], [one.gflops for one in points], "o-", label=name)
    axes.set(xlabel="operations a byte", ylabel="GFLOP/s", title="Your kernels under this machine's roofs")
    axes.grid(alpha=0.3, which="both")
    axes.legend(fontsize="small")
    figure.savefig(file, format="png")


def works(rng: np.random.Generator) -> tuple[Iterable[Work], ...]:
    """Return what is measured: of each kernel its works, from small to large."""
    return (
        products("matmul", rng),
        products("matmul_tiled", rng),
        element_wise("ewise_mul", np.multiply, 2, rng),
        element_wise("ewise_exp", np.exp, 1, rng),
        reductions("reduce_sum", np.sum, rng),
        reductions("reduce_max", np.max, rng),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the CPU kernels beside this machine's limits.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw the roofline to FILE, a PNG")
    options = parser.parse_args()
    limits = Limits.of_this_machine()
    print(
        f"One core of this machine: {limits.fma_peak:.0f} GFLOP/s, {limits.cached:.0f} GB/s from its first "
        f"cache, {limits.uncached:.0f} GB/s from memory.\n"
    )
    print(
        f"{'kernel':>14}   {'size':<20} {'op/byte':>8} {'GFLOP/s':>10} {'NumPy':>10} {'ratio':>9} "
        f"{'of roof':>9}"
    )
    measured = [one for work in works(np.random.default_rng(0)) for one in measure(work, limits)]
    if options.json:
        said = {"limits": asdict(limits), "kernels": [asdict(one) for one in measured]}
        options.json.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    if options.plot:
        plot(measured, limits, options.plot)
        print(f"\nThe roofline is drawn in {options.plot}.")


if __name__ == "__main__":
    main()
