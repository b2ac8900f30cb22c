"""Kernels that do in one call what a taught method composes of many ops; never released."""

from needle.backend_selection import BACKEND
from needle.fused.dispatch import composed

if BACKEND == "nd":
    from needle.fused import (
        attention,
        convolution,
        embedding,
        layer_norm,
        layouts,
        linear,
        losses,
        normalization,
        optimizers,
        recurrent,
    )
