"""CIFAR-10: small colour pictures of ten kinds of things."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from needle.data.dataset import Dataset


class CIFAR10Dataset(Dataset):
    """Colour pictures with their labels, from the batch files of CIFAR-10.

    `X` holds the pictures, channels first, and `y` their labels.
    Shapes: X (N, 3, 32, 32) float32, from 0 to 1; y (N,) of whole numbers.
    """

    takes_arrays = True

    def __init__(
        self,
        base_folder: str | Path,
        train: bool,
        p: float = 0.5,
        transforms: Sequence[Callable[[np.ndarray], np.ndarray]] | None = None,
    ) -> None:
        """Read the files data_batch_1 to data_batch_5 of a folder, in this order, or else test_batch.

        `needle.cifar10_batches.read_batch` gives what a file holds, checked. A row of its b"data" is a
        picture: 1,024 bytes of red, row by row, then as many of green and of blue. `X` has these bytes
        divided by 255. `p` changes nothing: it belongs to the signature that other programs call.
        Raises: FileFormatError (a ValueError), by `read_batch`, for a file that is no such batch.
        """
        raise NotImplementedError("not started: hw4/cifar10_reading")

    def __getitem__(self, index: Any) -> tuple[np.ndarray, Any]:
        """Return (picture, label) for a whole number, (pictures, labels) for a slice or an array of numbers.

        Each picture goes through the transforms alone. These know pictures of (rows, columns, channels),
        so it is turned for them, and back afterwards.
        Shapes: picture (3, 32, 32) float32; pictures (n, 3, 32, 32); labels (n,).
        """
        raise NotImplementedError("not started: hw4/cifar10_items")

    def __len__(self) -> int:
        """Return the number of pictures."""
        raise NotImplementedError("not started: hw4/cifar10_items")
