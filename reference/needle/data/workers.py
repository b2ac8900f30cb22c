"""Batches that other processes make ready while the network trains on the last one."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Any

import numpy as np

from needle.autograd import Tensor
from needle.data.dataset import Dataset
from needle.data.loader import DataLoader

_dataset: Dataset  # in a worker process: what it reads from


class WorkerLoader(DataLoader):
    """A DataLoader whose batches come from worker processes: the same ones in the same order.

    Random transforms draw in the workers, where each batch has a seed of its own: the same for the same seed
    of NumPy, but other numbers than a DataLoader draws. The dataset is copied to the workers when the first
    pass begins; an error that it raises there is raised here. `close`, or the end of a `with` block, ends
    the processes.
    """

    def __init__(
        self, dataset: Dataset, *args: Any, workers: int = 2, prefetch: int = 2, **kwargs: Any
    ) -> None:
        """Take what a DataLoader takes; `prefetch` is how many batches a worker makes ready."""
        super().__init__(dataset, *args, **kwargs)
        self.workers = workers
        self.prefetch = prefetch
        self._passes = 0
        self._pool: ProcessPoolExecutor | None = None

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        batches = self._split()
        return self._batches(list(zip(batches, self._seeds(len(batches)), strict=True)))

    def _seeds(self, count: int) -> list[np.random.SeedSequence]:
        """Return a seed a batch, from the state of NumPy's generator, which stays as it is."""
        self._passes += 1
        _, words, position, *_ = np.random.get_state()
        return np.random.SeedSequence([self._passes, position, *words]).spawn(count)

    def _batches(
        self, tasks: list[tuple[np.ndarray, np.random.SeedSequence]]
    ) -> Iterator[tuple[Tensor, ...]]:
        pool = self._started()
        waiting = (pool.submit(_load, *task) for task in tasks)
        futures: deque[Future] = deque(islice(waiting, self.workers * self.prefetch))
        try:
            while futures:
                arrays = futures.popleft().result()
                futures.extend(islice(waiting, 1))
                yield self._tensors(arrays)
        finally:
            for future in futures:
                future.cancel()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # spawned, not forked: a fork would copy NumPy's threads halfway through their work
            self._pool = ProcessPoolExecutor(self.workers, get_context("spawn"), _begin, (self.dataset,))
        return self._pool

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
