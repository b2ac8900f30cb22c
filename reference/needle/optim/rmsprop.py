"""RMSprop: gradients divided by their running size."""

from collections.abc import Iterable

from needle.autograd import NDArray, Tensor
from needle.nn.module import Parameter
from needle.optim.optimizer import Optimizer


class RMSprop(Optimizer):
    """Move each parameter by its gradient, divided by the root of a running mean of its square.

    `v` holds that mean as an array for each parameter, and nothing before the parameter's first step.
    Source: Hinton, Neural Networks for Machine Learning (2012), lecture 6e.
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params)
        self.lr = float(lr)  # NumPy's own numbers would turn float32 into float64
        self.alpha = float(alpha)
        self.eps = float(eps)
        self.weight_decay = float(weight_decay)
        self.v: dict[Parameter, NDArray] = {}

    def step(self) -> None:
        """Update every parameter theta that has a gradient, and its v, which begins as 0.

        g = gradient + weight_decay * theta
        v <- alpha * v + (1 - alpha) * g^2
        theta <- theta - lr * g / (sqrt(v) + eps)
        """
        for param in self.params:
            if param.grad is None:
                continue
            theta = param.realize_cached_data()
            g = param.grad.realize_cached_data() + self.weight_decay * theta
            v = self.v[param] = self.alpha * self.v.get(param, 0) + (1 - self.alpha) * (g * g)
            param.data = Tensor.make_const(theta - self.lr * g / (v**0.5 + self.eps))
