"""The layer with a graph of every step: to compare with, and to train until the other one is written."""

import numpy as np

import needle as ndl
from needle import ops
from project.implicit import Equilibrium


class Unrolled(Equilibrium):
    """Apply z <- tanh(z W + x U + b) `steps` times, 100 where nothing else is said."""

    def forward(self, x: ndl.Tensor) -> ndl.Tensor:
        pushed = z = self.from_input(x)
        for _ in range(self.steps or 100):
            z = ops.tanh(z @ self.inside + pushed)
        return z

    def contract(self) -> None:
        """Leave W as it is: so many steps end whether or not there is a solution."""


def layer_to_train(in_features: int, features: int) -> Equilibrium:
    """Return the layer that solves the equation, or until it is written, the one that takes 20 steps."""
    layer = Equilibrium(in_features, features)
    try:
        layer(ndl.Tensor(np.zeros((1, in_features), dtype="float32"))).sum().backward()
        layer.contract()
    except NotImplementedError as missing:
        print(missing)
        layer = Unrolled(in_features, features)
        layer.steps = 20
    return layer
