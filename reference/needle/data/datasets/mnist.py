"""MNIST: handwritten digits."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from needle.data.dataset import Dataset
from needle.idx import mnist_contents


class MNISTDataset(Dataset):
    """Images of digits with their labels, from two gzipped idx files.

    `needle.idx.mnist_contents` gives the bytes of both files, checked. An item is (image, label) for a whole
    number, and (images, labels) for a slice or an array of numbers. Each image goes through the transforms
    as (rows, columns, 1), also when several are asked for.
    Shapes: image (rows, columns, 1) float32, from 0 to 1; images (n, rows, columns, 1); label a uint8, labels
    (n,) uint8.
    """

    takes_arrays = True

    def __init__(
        self,
        image_filename: str | Path,
        label_filename: str | Path,
        transforms: Sequence[Callable[[np.ndarray], np.ndarray]] | None = None,
    ) -> None:
        super().__init__(transforms)
        images, labels = mnist_contents(image_filename, label_filename)
        shape = np.frombuffer(images, dtype=">u4", count=3, offset=4)
        pixels = np.frombuffer(images, dtype=np.uint8, offset=16)
        self.images = pixels.reshape(*shape, 1).astype(np.float32) / 255
        self.labels = np.frombuffer(labels, dtype=np.uint8, offset=8)

    def __getitem__(self, index: Any) -> tuple[np.ndarray, Any]:
        images, labels = self.images[index], self.labels[index]
        if not self.transforms:
            return images, labels
        if images.ndim == 3:
            return self.apply_transforms(images), labels
        return np.stack([self.apply_transforms(image) for image in images]), labels

    def __len__(self) -> int:
        return len(self.labels)
