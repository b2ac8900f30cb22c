"""Train a network alone, or with several workers who each take their part of every batch.

It prints a line of JSON for each step: with workers, the first one's loss, averaged over all.
"""

import argparse
import json

import numpy as np

import needle as ndl
from needle import nn
from project.parallel import all_reduce, average_gradients
from project.ring import Ring, launch

BATCH = 240


def batch(step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points of the plane, and in which of four rings around the origin each lies."""
    points = np.random.default_rng(step).uniform(-1, 1, size=(BATCH, 2)).astype("float32")
    return points, np.minimum(np.floor(4 * np.hypot(*points.T)), 3).astype(int)


def train(ring: Ring | None, steps: int) -> list[np.ndarray]:
    """Train on one's part of each batch; return the parameters at the end."""
    rank, count = (ring.rank, ring.count) if ring else (0, 1)
    np.random.seed(0)  # all workers begin with the same weights
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    optimizer, measure = ndl.optim.Adam(model.parameters(), lr=0.005), nn.SoftmaxLoss()
    for step in range(1, steps + 1):
        points, labels = batch(step)
        optimizer.reset_grad()
        loss = measure(model(ndl.Tensor(points[rank::count])), ndl.Tensor(labels[rank::count]))
        loss.backward()
        mean = float(loss.numpy())
        if ring:
            average_gradients(model.parameters(), ring)
            mean = float(all_reduce(np.array([mean], dtype="float32"), ring)[0]) / count
        optimizer.step()
        if rank == 0:
            print(json.dumps({"step": step, "loss": mean}), flush=True)
    return [parameter.numpy() for parameter in model.parameters()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    if options.workers == 1:
        train(None, options.steps)
    else:
        launch(train, options.workers, options.steps)


if __name__ == "__main__":
    main()
