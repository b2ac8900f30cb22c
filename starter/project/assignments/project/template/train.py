"""Train the model of this project. It prints a line of JSON for each step: {"step": 1, "loss": 0.69}."""

import argparse
import json

import numpy as np

import needle as ndl
from needle import nn


def train(steps: int) -> None:
    """Fit a line. Put your own model, data and loss in its place."""
    np.random.seed(0)
    rng = np.random.default_rng(0)
    model = nn.Linear(1, 1)
    optimizer = ndl.optim.SGD(model.parameters(), lr=0.1)
    for step in range(1, steps + 1):
        x = rng.uniform(-1, 1, size=(32, 1)).astype("float32")
        optimizer.reset_grad()
        missed = model(ndl.Tensor(x)) - ndl.Tensor(3 * x + 1)
        loss = (missed * missed).sum() / len(x)
        loss.backward()
        optimizer.step()
        print(json.dumps({"step": step, "loss": float(loss.numpy())}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    train(parser.parse_args().steps)
