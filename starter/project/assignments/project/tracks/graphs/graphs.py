"""Convolution on a graph."""

import numpy as np

import needle as ndl
from needle import nn


def normalized(edges: np.ndarray, nodes: int) -> np.ndarray:
    """Return D^(-1/2) (A + I) D^(-1/2). An edge counts once, whichever way and however often it is given.

    Shapes: edges (m, 2), whole numbers below `nodes` -> (nodes, nodes) float32.
    """
    raise NotImplementedError("not started: project/graphs: write normalized")


class GraphConvolution(nn.Module):
    """Mix the features of neighbours, then apply `linear`, an nn.Linear(in_features, out_features).

    Shapes: x (nodes, in_features), mixing (nodes, nodes) -> (nodes, out_features).
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x: ndl.Tensor, mixing: ndl.Tensor) -> ndl.Tensor:
        raise NotImplementedError("not started: project/graphs: write GraphConvolution.forward")
