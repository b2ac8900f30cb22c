"""Stochastic gradient descent with momentum."""

from collections.abc import Iterable

from needle.autograd import NDArray
from needle.nn.module import Parameter
from needle.optim.optimizer import Optimizer


class SGD(Optimizer):
    """Move each parameter against a running mean of its gradients.

    `u` holds that mean as an array for each parameter, and nothing before the parameter's first step.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 0.01,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        self.lr = float(lr)  # NumPy's own numbers would turn float32 into float64
        self.momentum = float(momentum)
        self.weight_decay = float(weight_decay)
        self.u: dict[Parameter, NDArray] = {}

    def step(self) -> None:
        """Update every parameter theta that has a gradient, and its u, which begins as 0.

        g = gradient + weight_decay * theta
        u <- momentum * u + (1 - momentum) * g
        theta <- theta - lr * u

        `param.grad` stays as it is, dtypes stay, and no graph is kept: compute on the arrays
        (`realize_cached_data()`) or on detached tensors (`.data`).
        """
        raise NotImplementedError("not started: hw2/sgd")
