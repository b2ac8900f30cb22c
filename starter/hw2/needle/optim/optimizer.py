"""What every optimizer is."""

from collections.abc import Iterable

from needle.nn.module import Parameter
from needle.optim.clipping import clip_grad_norm


class Optimizer:
    """Change parameters, in `step`, by the gradients that a backward pass left in their `grad`."""

    def __init__(self, params: Iterable[Parameter]) -> None:
        self.params = list(params)

    def step(self) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no method step.")

    def reset_grad(self) -> None:
        """Forget the gradients of the last backward pass."""
        for param in self.params:
            param.grad = None

    def clip_grad_norm(self, max_norm: float = 0.25) -> float:
        """Clip the gradients of all parameters together, as `needle.optim.clipping` says."""
        return clip_grad_norm(self.params, max_norm)
