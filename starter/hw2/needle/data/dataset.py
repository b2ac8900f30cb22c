"""What a dataset is: examples by their number."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class Dataset:
    """Examples, each a tuple of arrays or numbers such as (image, label).

    A subclass has `__len__`, and `__getitem__` for a whole number below it.
    """

    takes_arrays = False  # True: `__getitem__` also takes an array of numbers, and returns a batch at once

    def __init__(self, transforms: Sequence[Callable[[np.ndarray], np.ndarray]] | None = None) -> None:
        self.transforms = transforms

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        raise NotImplementedError(f"{type(self).__name__} has no method __getitem__.")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no method __len__.")

    def apply_transforms(self, x: np.ndarray) -> np.ndarray:
        """Return an example after all transforms, in their order."""
        for transform in self.transforms or ():
            x = transform(x)
        return x

    def batch(self, indices: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return several examples, in the order of `indices`, stacked along a new first axis."""
        if self.takes_arrays:
            return self[indices]
        examples = [self[int(index)] for index in indices]
        return tuple(np.stack(parts) for parts in zip(*examples, strict=True))


class NDArrayDataset(Dataset):
    """Examples from arrays of one length: example i is (array[i], ...)."""

    takes_arrays = True

    def __init__(self, *arrays: np.ndarray) -> None:
        super().__init__()
        self.arrays = arrays

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(array[index] for array in self.arrays)

    def __len__(self) -> int:
        return len(self.arrays[0])
