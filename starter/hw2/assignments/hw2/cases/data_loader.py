import numpy as np

import needle as ndl
from grader import case


class Rows(ndl.data.Dataset):
    """A dataset that gives one example at a time: a row, its sum and its number."""

    def __init__(self, rows):
        super().__init__()
        self.rows = rows

    def __getitem__(self, index):
        return self.rows[int(index)], self.rows[int(index)].sum(), int(index)

    def __len__(self):
        return len(self.rows)


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def one_pass(loader):
    """Return the batches of a pass, and the types that they have."""
    batches = [*loader]
    types = [type(batches[0]).__name__, *(type(part).__name__ for batch in batches for part in batch)]
    needed = [part.requires_grad for batch in batches for part in batch if isinstance(part, ndl.Tensor)]
    return {"batches": [[*batch] for batch in batches], "types": types, "gradients": any(needed)}


@case()
def in_order(rng):
    loader = ndl.data.DataLoader(ndl.data.NDArrayDataset(normal(rng, 7, 2, 3)), 3)
    return {"first": one_pass(loader), "again": one_pass(loader), "batches": len(loader)}


@case()
def shuffled(rng):
    dataset = ndl.data.NDArrayDataset(normal(rng, 11, 3), rng.integers(0, 10, size=11))
    loader = ndl.data.DataLoader(dataset, 4, shuffle=True)
    next(iter(loader))
    return {"first": one_pass(loader), "second": one_pass(loader), "following": np.random.rand()}


@case()
def one_example_at_a_time(rng):
    loader = ndl.data.DataLoader(Rows(normal(rng, 6, 4)), 4, dtype="float64", device=ndl.cpu())
    return one_pass(loader)


@case()
def two_passes_at_once(rng):
    loader = ndl.data.DataLoader(ndl.data.NDArrayDataset(normal(rng, 5)), 2, shuffle=True)
    return [(one[0], other[0]) for one in loader for other in loader]
