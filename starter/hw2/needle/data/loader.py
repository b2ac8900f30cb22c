"""Batches of a dataset."""

from collections.abc import Iterator

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.data.dataset import Dataset


class DataLoader:
    """Go through a dataset in batches, each a tuple of Tensors that need no gradient.

    `dataset.batch(indices)` gives the examples of one batch as stacked arrays. Each `iter` of the loader
    begins a new pass: over np.arange(len(dataset)), shuffled at once by one call of np.random.shuffle if
    `shuffle` is true. The last batch holds what is left, and may be shorter. `len` counts the batches.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        raise NotImplementedError("not started: hw2/data_loader")

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        raise NotImplementedError("not started: hw2/data_loader")

    def __len__(self) -> int:
        raise NotImplementedError("not started: hw2/data_loader")
