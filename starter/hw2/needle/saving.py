"""Named tensors in a file, in the safetensors format: only numbers, and no pickle, which could run code."""

import os
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from needle.autograd import Tensor
from needle.errors import DTypeError, FileFormatError

RESERVED = "__metadata__"  # the format's own: a file with a tensor of this name can't be read


def save(state: Mapping[str, Tensor], path: str | os.PathLike[str]) -> None:
    """Write named tensors to a file, which is there in full or, when writing fails, as it was before.

    Raises: DTypeError for a name that is no text, or a value that is no Tensor.
    """
    _replace(Path(path), safetensors.save({name: _array(name, value) for name, value in state.items()}))


def load(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """Return the named tensors of a file that `save` wrote; none of them requires a gradient.

    Raises: FileFormatError for a file that is cut off, or that is none of this format.
    """
    try:
        arrays = safetensors.load(Path(path).read_bytes())
    except (SafetensorError, KeyError) as error:  # KeyError: a dtype that NumPy has not
        raise FileFormatError(
            f"load: {path} can't be read: {error}. Expected a whole file in the safetensors format. "
            "Save it again with needle.save."
        ) from error
    return {name: Tensor(array, requires_grad=False) for name, array in arrays.items()}


def _array(name: str, value: Tensor) -> np.ndarray:
    if not isinstance(name, str) or name == RESERVED:
        found = f"{name!r}, a {type(name).__name__}"
        raise DTypeError(f"save: a name is {found}. Expected a str other than {RESERVED!r}. Rename it.")
    if not isinstance(value, Tensor):
        raise DTypeError(
            f"save: {name!r} is {type(value).__name__}. Expected a Tensor. Save model.state_dict(), or make "
            "a Tensor of it."
        )
    return np.array(value.numpy(), order="C")  # the file holds the memory as it lies: a transpose must not


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and rename, so that nobody ever finds half of it."""
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
