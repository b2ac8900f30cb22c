"""Adam with weight decay apart from the gradient."""

from collections.abc import Iterable

from needle.autograd import Tensor
from needle.nn.module import Parameter
from needle.optim.adam import Adam


class AdamW(Adam):
    """Shrink the parameters by lr * decay, then step as Adam does without weight decay.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2017).
    """

    def __init__(
        self,
        params: Iterable[Parameter],
        lr: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, beta1, beta2, eps)
        self.decay = float(weight_decay)

    def step(self) -> None:
        """Update every parameter that has a gradient: theta <- (1 - lr * decay) * theta, then Adam's step."""
        for param in self.params:
            if param.grad is not None:
                param.data = Tensor.make_const(param.realize_cached_data() * (1 - self.lr * self.decay))
        super().step()
