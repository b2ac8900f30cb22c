"""Tell two spirals apart with one layer: of many steps, or one that solves an equation.

It prints a line of JSON for each step, {"step": 1, "loss": 0.69}, and at the end what the model gets wrong.
"""

import argparse
import json

import numpy as np

import needle as ndl
from needle import nn
from project.implicit import Equilibrium, Unrolled

POINTS, TURNS, NOISE = 256, 1.25, 0.03


def spirals(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points on two spirals that wind round each other, and which of them each is on.

    Shapes: points (count, 2) float32, labels (count,) of 0 and 1.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, size=count)
    way = np.sqrt(rng.uniform(0.02, 1, size=count))  # along the spiral; the square root spaces them evenly
    angle = 2 * np.pi * TURNS * way + np.pi * labels
    points = way[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (points + rng.normal(scale=NOISE, size=points.shape)).astype("float32"), labels


def wrong(model: nn.Module, seed: int) -> float:
    """Return the share of new points that the model puts on the other spiral."""
    points, labels = spirals(1000, seed)
    found = model(ndl.Tensor(points)).numpy().argmax(axis=1)
    return float((found != labels).mean())


def started() -> Equilibrium:
    """Return the layer that solves the equation, or until it is written, the one that takes 20 steps."""
    layer = Equilibrium(2, 48)
    try:
        layer(ndl.Tensor(np.zeros((1, 2), dtype="float32"))).sum().backward()
        layer.contract()
    except NotImplementedError as missing:
        print(missing)
        layer = Unrolled(2, 48)
        layer.steps = 20
    return layer


def train(steps: int, seed: int = 0) -> nn.Module:
    np.random.seed(seed)
    layer = started()
    model = nn.Sequential(layer, nn.Linear(48, 2))
    optimizer = ndl.optim.Adam(model.parameters(), lr=0.02)
    measure = nn.SoftmaxLoss()
    for step in range(1, steps + 1):
        points, labels = spirals(POINTS, seed + step)
        optimizer.reset_grad()
        loss = measure(model(ndl.Tensor(points)), ndl.Tensor(labels))
        loss.backward()
        optimizer.step()
        if type(layer) is Equilibrium:
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
