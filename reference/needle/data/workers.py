"""Batches that other processes make ready while the network trains on the last one."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context

import numpy as np

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.data.dataset import Dataset

_dataset: Dataset  # in a worker process: what it reads from


class WorkerLoader:
    """A DataLoader whose batches come from worker processes: the same ones in the same order.

    Random transforms draw in the workers, where each batch has a seed of its own: the same for the same seed
    of NumPy, but other numbers than a DataLoader draws. The dataset is copied to the workers when the first
    pass begins; an error that it raises there is raised here. `close`, or the end of a `with` block, ends
    the processes.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int = 1,
        shuffle: bool = False,
        device: Device | None = None,
        dtype: str = "float32",
        workers: int = 2,
        prefetch: int = 2,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.device = device
        self.dtype = dtype
        self.workers = workers
        self.ahead = workers * prefetch  # so many batches are asked for before they are needed
        self._pool: ProcessPoolExecutor | None = None

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        order = np.arange(len(self.dataset))
        if self.shuffle:
            np.random.shuffle(order)
        seeds = np.random.SeedSequence(np.random.get_state()[1]).spawn(len(self))  # draws nothing
        batches = np.split(order, range(self.batch_size, len(order), self.batch_size))
        return self._batches(list(zip(batches, seeds, strict=True)))

    def _batches(self, tasks: list) -> Iterator[tuple[Tensor, ...]]:
        pool = self._started()
        waiting = iter(tasks)
        futures: deque[Future] = deque()
        try:
            futures.extend(pool.submit(_load, *task) for task in islice(waiting, self.ahead))
            while futures:
                arrays = futures.popleft().result()
                futures.extend(pool.submit(_load, *task) for task in islice(waiting, 1))
                yield tuple(
                    Tensor(array, device=self.device, dtype=self.dtype, requires_grad=False)
                    for array in arrays
                )
        finally:
            for future in futures:
                future.cancel()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # spawned, not forked: threads of NumPy's would be copied halfway through their work
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, context, _begin, (self.dataset,))
        return self._pool

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def close(self) -> None:
        """End the processes; another pass would start new ones."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __enter__(self) -> "WorkerLoader":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _begin(dataset: Dataset) -> None:
    global _dataset
    _dataset = dataset


def _load(indices: np.ndarray, seed: np.random.SeedSequence) -> tuple[np.ndarray, ...]:
    np.random.seed(seed.generate_state(4))
    return _dataset.batch(indices)
