"""Train a classifier of noisy patterns in float32, then tell what eight bits make of it.

It prints a line of JSON for each step.
"""

import argparse
import json

import numpy as np

import needle as ndl
from needle import nn
from project.quantization import quantize_model

CLASSES, SIZE = 10, 64
PATTERNS = np.random.default_rng(7).normal(size=(CLASSES, SIZE))


def noisy(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return patterns under noise that is larger than they are, and their classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, size=count)
    return (PATTERNS[labels] + rng.normal(scale=2.5, size=(count, SIZE))).astype("float32"), labels


def accuracy(model: nn.Module) -> float:
    points, labels = noisy(4000, seed=10**6)
    return float((model(ndl.Tensor(points)).numpy().argmax(axis=1) == labels).mean())


def train(steps: int) -> nn.Sequential:
    np.random.seed(0)
    model = nn.Sequential(nn.Linear(SIZE, 128), nn.ReLU(), nn.Linear(128, CLASSES))
    optimizer, measure = ndl.optim.Adam(model.parameters(), lr=0.003), nn.SoftmaxLoss()
    for step in range(1, steps + 1):
        points, labels = noisy(256, seed=step)
        optimizer.reset_grad()
        loss = measure(model(ndl.Tensor(points)), ndl.Tensor(labels))
        loss.backward()
        optimizer.step()
        print(json.dumps({"step": step, "loss": float(loss.numpy())}), flush=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=400)
    model = train(parser.parse_args().steps)
    print(f"accuracy in float32: {accuracy(model):.4f}")
    try:
        print(f"accuracy in int8:    {accuracy(quantize_model(model)):.4f}")
    except NotImplementedError as missing:
        print(missing)


if __name__ == "__main__":
    main()
