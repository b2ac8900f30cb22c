"""Gradients kept from growing too large."""

from collections.abc import Sequence

from needle.autograd import Tensor


def clip_grad_norm(params: Sequence[Tensor], max_norm: float = 0.25) -> float:
    """Scale all gradients by one number, so that their norm is at most max_norm, and return what it was.

    The norm is that of all gradients together, as if they were one long vector. Gradients whose norm is no
    more than max_norm stay as they are; the others are multiplied by max_norm / (norm + 1e-6). A parameter
    without a gradient is passed over. Each new `grad` is a Tensor of its old dtype with no graph behind it.
    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013).
    """
    raise NotImplementedError("not started: hw2/clip_grad_norm")
