"""Train a diffusion model on two moons, then tell how near its samples are to them.

It prints a line of JSON for each step.
"""

import argparse
import json

import numpy as np

import needle as ndl
from project.diffusion import Denoiser, energy_distance, loss_of, sample


def moons(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return points on two half circles that reach into each other. Shapes: -> (count, 2)."""
    way, upper = rng.uniform(0, np.pi, size=count), rng.integers(0, 2, size=count)
    x, y = np.cos(way), np.sin(way)
    points = np.where(upper[:, None], np.stack([x, y], 1), np.stack([1 - x, 0.5 - y], 1))
    return (points - [0.5, 0.25] + rng.normal(scale=0.05, size=points.shape)).astype("float32")


def train(steps: int) -> Denoiser:
    np.random.seed(0)
    rng, model = np.random.default_rng(0), Denoiser()
    optimizer = ndl.optim.Adam(model.parameters(), lr=0.003)
    for step in range(1, steps + 1):
        optimizer.reset_grad()
        loss = loss_of(model, moons(512, rng), rng)
        loss.backward()
        optimizer.step()
        print(json.dumps({"step": step, "loss": float(loss.numpy())}), flush=True)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1500)
    model, rng = train(parser.parse_args().steps), np.random.default_rng(1)
    fresh, others = moons(500, rng), moons(500, rng)
    try:
        made = sample(model, 500, rng)
        print(f"distance of samples {energy_distance(made, fresh):.4f}", end=", ")
        print(f"of other data {energy_distance(others, fresh):.4f}")
    except NotImplementedError as missing:
        print(missing)


if __name__ == "__main__":
    main()
