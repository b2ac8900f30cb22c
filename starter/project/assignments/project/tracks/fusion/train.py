"""Train a small network with GELU made of pieces, then time its plan as it is and fused.

It prints a line of JSON for each step.
"""

import argparse
import json
import statistics
import time

import numpy as np

import needle as ndl
from needle import nn, ops
from project.fusion import fuse
from project.plan import Plan, trace


class Gelu(nn.Module):
    """0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), op by op."""

    def forward(self, x: ndl.Tensor) -> ndl.Tensor:
        inner = (x + 0.044715 * x * x * x) * (2 / np.pi) ** 0.5
        return 0.5 * x * (1 + ops.tanh(inner))


def train(steps: int) -> nn.Module:
    """Learn a wave of two variables by least squares."""
    np.random.seed(0)
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(2, 128), Gelu(), nn.Linear(128, 128), Gelu(), nn.Linear(128, 1))
    optimizer = ndl.optim.Adam(model.parameters(), lr=0.003)
    for step in range(1, steps + 1):
        x = rng.uniform(-1, 1, size=(256, 2)).astype("float32")
        y = np.sin(4 * x[:, :1] + 2 * x[:, 1:]).astype("float32")
        optimizer.reset_grad()
        missed = model(ndl.Tensor(x)) - ndl.Tensor(y)
        loss = (missed * missed).sum() / len(x)
        loss.backward()
        optimizer.step()
        print(json.dumps({"step": step, "loss": float(loss.numpy())}), flush=True)
    return model


def milliseconds(plan: Plan, array) -> float:
    taken = []
    for _ in range(20):
        began = time.perf_counter()
        plan.run(array)
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=400)
    model = train(parser.parse_args().steps)
    x = ndl.Tensor(np.random.default_rng(1).uniform(-1, 1, size=(4096, 2)).astype("float32"))
    plan = trace(model, x)
    try:
        fused = fuse(plan)
    except NotImplementedError as missing:
        print(missing)
        return
    before, after = (milliseconds(one, x.realize_cached_data()) for one in (plan, fused))
    print(
        f"{len(plan.steps)} steps in {before:.2f} ms, {len(fused.steps)} in {after:.2f}: {after / before:.2f}"
    )


if __name__ == "__main__":
    main()
