"""What solving the equation spares: nodes of the graph and time of a step, beside a graph of every step."""

import statistics
import time

import numpy as np

import needle as ndl
from needle import nn
from needle.autograd import find_topo_sort
from project.implicit import Equilibrium
from project.spirals import spirals
from project.unrolled import Unrolled

FEATURES, REPEATS = 48, 15


def measured(kind: type[Equilibrium], steps: int) -> tuple[int, float]:
    """Return how many nodes a loss rests on, and the median milliseconds of forward and backward."""
    np.random.seed(0)
    layer = kind(2, FEATURES)
    layer.steps = steps
    model, measure = nn.Sequential(layer, nn.Linear(FEATURES, 2)), nn.SoftmaxLoss()
    points, labels = spirals(256, seed=0)
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        loss = measure(model(ndl.Tensor(points)), ndl.Tensor(labels))
        nodes = len(find_topo_sort([loss]))
        loss.backward()
        taken.append(1000 * (time.perf_counter() - began))
    return nodes, statistics.median(taken)


def main() -> None:
    print("layer               nodes   ms a step")
    for name, kind, steps in (
        ("solved", Equilibrium, 0),
        ("20 steps", Unrolled, 20),
        ("40 steps", Unrolled, 40),
    ):
        nodes, milliseconds = measured(kind, steps)
        print(f"{name:18} {nodes:6} {milliseconds:11.2f}")


if __name__ == "__main__":
    main()
