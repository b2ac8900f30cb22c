"""Tell two spirals apart with one layer: of many steps, or one that solves an equation.

It prints a line of JSON for each step, {"step": 1, "loss": 0.69}, and at the end what the model gets wrong.
"""

import argparse
import json

import numpy as np

import needle as ndl
from needle import nn
from project.spirals import spirals
from project.unrolled import layer_to_train

POINTS = 256


def wrong(model: nn.Module, seed: int) -> float:
    """Return the share of new points that the model puts on the other spiral."""
    points, labels = spirals(1000, seed)
    found = model(ndl.Tensor(points)).numpy().argmax(axis=1)
    return float((found != labels).mean())


def train(steps: int, seed: int = 0) -> nn.Module:
    np.random.seed(seed)
    layer = layer_to_train(2, 48)
    model = nn.Sequential(layer, nn.Linear(48, 2))
    optimizer = ndl.optim.Adam(model.parameters(), lr=0.02)
    measure = nn.SoftmaxLoss()
    for step in range(1, steps + 1):
        points, labels = spirals(POINTS, seed + step)
        optimizer.reset_grad()
        loss = measure(model(ndl.Tensor(points)), ndl.Tensor(labels))
        loss.backward()
        optimizer.step()
        layer.contract()
        print(json.dumps({"step": step, "loss": float(loss.numpy()), "solved_in": layer.steps}), flush=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=600)
    options = parser.parse_args()
    model = train(options.steps)
    print(f"wrong on new points: {100 * wrong(model, seed=10**6):.1f} %")


if __name__ == "__main__":
    main()
