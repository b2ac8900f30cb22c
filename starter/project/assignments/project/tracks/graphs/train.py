"""Find the communities of a graph from a few nodes whose community is known.

It prints a line of JSON for each step: the loss over the known nodes.
"""

import argparse
import json

import numpy as np

import needle as ndl
from needle import nn
from project.graphs import GraphConvolution, normalized

NODES, COMMUNITIES, FEATURES, KNOWN = 300, 3, 16, 10  # so many known of each community


def communities(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return edges, features and communities of a graph in which most edges stay inside a community."""
    rng = np.random.default_rng(seed)
    labels = np.arange(NODES) % COMMUNITIES
    chance = np.where(labels[:, None] == labels, 0.06, 0.008)
    edges = np.argwhere(np.triu(rng.uniform(size=(NODES, NODES)) < chance, 1))
    features = 0.4 * rng.normal(size=(COMMUNITIES, FEATURES))[labels] + rng.normal(size=(NODES, FEATURES))
    return edges, features.astype("float32"), labels


class Network(nn.Module):
    """Two graph convolutions; without a mixing matrix, two plain layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = GraphConvolution(FEATURES, 32), GraphConvolution(32, COMMUNITIES)

    def forward(self, x: ndl.Tensor, mixing: ndl.Tensor | None) -> ndl.Tensor:
        if mixing is None:
            return self.second.linear(ndl.relu(self.first.linear(x)))
        return self.second(ndl.relu(self.first(x, mixing)), mixing)


def train(steps: int, mixing: ndl.Tensor | None, features: np.ndarray, labels: np.ndarray) -> Network:
    np.random.seed(0)
    network, measure = Network(), nn.SoftmaxLoss()
    optimizer = ndl.optim.Adam(network.parameters(), lr=0.01)
    known = ndl.Tensor(np.eye(NODES, dtype="float32")[: KNOWN * COMMUNITIES])  # picks their rows
    for step in range(1, steps + 1):
        optimizer.reset_grad()
        loss = measure(
            known @ network(ndl.Tensor(features), mixing), ndl.Tensor(labels[: len(known.numpy())])
        )
        loss.backward()
        optimizer.step()
        print(json.dumps({"step": step, "loss": float(loss.numpy())}), flush=True)
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args()
    edges, features, labels = communities(seed=0)
    try:
        mixing = ndl.Tensor(normalized(edges, NODES))
    except NotImplementedError as missing:
        print(missing)
        mixing = None
    network = train(options.steps, mixing, features, labels)
    found = network(ndl.Tensor(features), mixing).numpy().argmax(axis=1)
    unknown = slice(KNOWN * COMMUNITIES, None)
    print(f"right on the unknown nodes: {(found[unknown] == labels[unknown]).mean():.3f}")


if __name__ == "__main__":
    main()
