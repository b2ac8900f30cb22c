"""First weights of a layer: random, and scaled so that a signal keeps its size through the layers.

fan_in and fan_out are how many numbers a unit of the layer takes in, and how many it feeds. All keywords that
are not named here (device, dtype, requires_grad) go to `rand` or `randn`.
"""

import math
from typing import Any

from needle.autograd import Tensor
from needle.init.basic import rand, randn


def xavier_uniform(fan_in: int, fan_out: int, gain: float = 1.0, **kwargs: Any) -> Tensor:
    """Draw from U(-a, a) with a = gain * sqrt(6 / (fan_in + fan_out)).

    Shapes: (fan_in, fan_out).
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks
    (2010).
    """
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return rand(fan_in, fan_out, low=-bound, high=bound, **kwargs)


def xavier_normal(fan_in: int, fan_out: int, gain: float = 1.0, **kwargs: Any) -> Tensor:
    """Draw from N(0, std^2) with std = gain * sqrt(2 / (fan_in + fan_out)).

    Shapes: (fan_in, fan_out).
    Source: Glorot and Bengio (2010), as xavier_uniform.
    """
    return randn(fan_in, fan_out, std=gain * math.sqrt(2 / (fan_in + fan_out)), **kwargs)


def kaiming_uniform(
    fan_in: int,
    fan_out: int,
    nonlinearity: str = "relu",
    shape: tuple[int, ...] | None = None,
    **kwargs: Any,
) -> Tensor:
    """Draw from U(-a, a) with a = sqrt(2) * sqrt(3 / fan_in), for layers before a ReLU.

    Shapes: `shape`, by default (fan_in, fan_out).
    Source: He et al., Delving Deep into Rectifiers (2015).
    """
    bound = math.sqrt(2) * math.sqrt(3 / fan_in)
    return rand(*(shape or (fan_in, fan_out)), low=-bound, high=bound, **kwargs)


def kaiming_normal(fan_in: int, fan_out: int, nonlinearity: str = "relu", **kwargs: Any) -> Tensor:
    """Draw from N(0, std^2) with std = sqrt(2) / sqrt(fan_in), for layers before a ReLU.

    Shapes: (fan_in, fan_out).
    Source: He et al. (2015), as kaiming_uniform.
    """
    return randn(fan_in, fan_out, std=math.sqrt(2 / fan_in), **kwargs)
