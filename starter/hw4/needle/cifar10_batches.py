"""The files in which CIFAR-10 comes: what one holds, checked. Making images of it is left to the student.

A batch is a pickle, and a pickle from elsewhere may run whatever code it likes. This reader makes of it only
numbers, text, lists and matrices of bytes, and no object of any class that the file names.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from needle.errors import FileFormatError

PIXELS = 3 * 32 * 32
CLASSES = 10


def read_batch(filename: str | Path) -> dict[bytes, Any]:
    """Return what a batch file holds, by names of bytes: b"data", b"labels" and what else is there.

    Shapes: b"data" (n, 3072) uint8; b"labels" a list of n whole numbers from 0 to 9.
    Raises: FileFormatError for a file that is damaged, asks for code to be run, or is no such batch.
    """
    batch = _unpickled(filename)
    data, labels = (batch.get(name) for name in (b"data", b"labels"))
    if not isinstance(data, np.ndarray) or data.ndim != 2 or data.shape[1] != PIXELS:
        found = data.shape if isinstance(data, np.ndarray) else type(data).__name__
        raise _refused(filename, f'found b"data" to be {found}', f"a uint8 matrix (n, {PIXELS})")
    if not isinstance(labels, list) or len(labels) != len(data):
        found = f"{len(labels)} labels" if isinstance(labels, list) else f"{type(labels).__name__} as labels"
        raise _refused(filename, f"found {found} for {len(data)} images", "a list of one an image")
    wrong = [label for label in labels if type(label) is not int or not 0 <= label < CLASSES]
    if wrong:
        raise _refused(filename, f"found the label {wrong[0]!r}", f"whole numbers from 0 to {CLASSES - 1}")
    return batch


def _refused(filename: str | Path, found: str, expected: str) -> FileFormatError:
    return FileFormatError(f"{filename}: {found}. Expected {expected}. Name a batch of CIFAR-10.")


def _unpickled(filename: str | Path) -> dict[bytes, Any]:
    with open(filename, "rb") as file:
        try:
            content = _Unpickler(file, encoding="bytes").load()
        except FileFormatError as error:
            raise FileFormatError(f"{filename}: {error}") from None
        except Exception as error:  # a damaged pickle may raise whatever its bytes happen to ask for
            raise _refused(filename, f"can't be read: {error!r}", "a whole pickle") from error
    if not isinstance(content, dict):
        raise _refused(filename, f"found a pickled {type(content).__name__}", "a dict")
    return {name: value.array if isinstance(value, _Matrix) else value for name, value in content.items()}


class _Matrix:
    """Stands for NumPy's array while it is built: takes its state, and checks it."""

    def __init__(self, *_: Any) -> None:
        self.array: np.ndarray | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, columns_first, content = state
        if not (isinstance(dtype, _DType) and dtype.is_bytes) or type(content) is not bytes or columns_first:
            raise FileFormatError(
                "found an array that is no matrix of bytes. Expected uint8. Fetch it again."
            )
        self.array = np.frombuffer(content, dtype=np.uint8).reshape(shape)


class _DType:
    """Stands for NumPy's dtype, of which only uint8 is of interest."""

    def __init__(self, name: Any, *_: Any) -> None:
        self.is_bytes = name in ("u1", b"u1")

    def __setstate__(self, _: Any) -> None:
        """Pass over byte order and the like, of which single bytes have none."""


# what a pickled array names, in the NumPy of its day and in today's, and what stands for it here
_STAND_INS = {
    ("numpy.core.multiarray", "_reconstruct"): _Matrix,
    ("numpy._core.multiarray", "_reconstruct"): _Matrix,
    ("numpy", "ndarray"): None,
    ("numpy", "dtype"): _DType,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name. Raises: FileFormatError for all others: they may do anything."""
        if (module, name) not in _STAND_INS:
            raise FileFormatError(
                f"asks for {module}.{name}. Expected numbers, text and matrices alone: a batch runs no code. "
                "Don't use this file; fetch it again."
            )
        return _STAND_INS[module, name]
