"""Adam: steps scaled by running means of each gradient and of its square."""

from collections.abc import Iterable

from needle.autograd import NDArray
from needle.nn.module import Parameter
from needle.optim.optimizer import Optimizer


class Adam(Optimizer):
    """Move each parameter by the mean of its gradients, divided by their size.

    `t` counts the steps. `m` and `v` hold the running means of gradients and of their squares as an array
    for each parameter, and nothing before the parameter's first step.
    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization (2014).
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 0.01,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        self.lr = float(lr)  # NumPy's own numbers would turn float32 into float64
        self.beta1 = float(beta1)
        self.beta2 = float(beta2)
        self.eps = float(eps)
        self.weight_decay = float(weight_decay)
        self.t = 0
        self.m: dict[Parameter, NDArray] = {}
        self.v: dict[Parameter, NDArray] = {}

    def step(self) -> None:
        """Update every parameter theta that has a gradient, and its m and v, which begin as 0.

        t <- t + 1, once a call
        g = gradient + weight_decay * theta
        m <- beta1 * m + (1 - beta1) * g
        v <- beta2 * v + (1 - beta2) * g^2
        theta <- theta - lr * m' / (sqrt(v') + eps),  m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t)

        `param.grad` stays as it is, dtypes stay, and no graph is kept: compute on the arrays
        (`realize_cached_data()`) or on detached tensors (`.data`).
        """
        raise NotImplementedError("not started: hw2/adam")
