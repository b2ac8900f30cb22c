"""How the fast kernels compute: on how many threads, and how exactly they multiply matrices.

A device without fast kernels, as NumPy's, computes as it did: then only the argument is checked.
"""

from collections.abc import Iterator
from typing import Any

from needle.backend_selection import all_devices
from needle.errors import SettingError

PRECISIONS = ("highest", "high", "medium")
MOST_THREADS = 1024


def set_num_threads(n: int) -> None:
    """Let the kernels on this machine's processor use n threads, the calling one among them.

    Raises: SettingError unless n is a whole number from 1 to 1024.
    """
    if not isinstance(n, int) or not 1 <= n <= MOST_THREADS:
        raise SettingError(
            f"set_num_threads: found {n!r}. Expected a whole number from 1 to {MOST_THREADS}. Pass how many "
            "processors to use."
        )
    for kernels in _fast_with("set_num_threads"):
        kernels.set_num_threads(n)


def set_matmul_precision(precision: str) -> None:
    """Let matrices on a GPU be multiplied in float32 ("highest"), TF32 ("high") or BF16 ("medium").

    Sums stay float32; the processor's kernels are exact in any case.
    Raises: SettingError for another name.
    """
    if precision not in PRECISIONS:
        raise SettingError(
            f"set_matmul_precision: found {precision!r}. Expected 'highest' (float32), 'high' (TF32) or "
            "'medium' (BF16). Pass one of them."
        )
    for kernels in _fast_with("set_matmul_precision"):
        kernels.set_matmul_precision(precision)


def _fast_with(name: str) -> Iterator[Any]:
    for device in all_devices():
        kernels = getattr(device, "fast", None)
        if hasattr(kernels, name):
            yield kernels
