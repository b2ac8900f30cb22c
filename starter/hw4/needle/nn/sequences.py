"""What the modules on sequences take: shapes axis by axis, and tokens of a vocabulary."""

from typing import Any

import numpy as np

from needle.autograd import Tensor
from needle.errors import LabelError
from needle.ops.shapes import refuse


def require_shape(layer: str, name: str, x: Any, **axes: int | None) -> None:
    """Compare a tensor's axes, in their order, with lengths; None stands for any from 1 on.

    Raises: ShapeError, which names the layer, the tensor and each axis.
    """
    found = x.shape if isinstance(x, Tensor) else None
    if found is None or len(found) != len(axes) or not all(map(_fits, found, axes.values())):
        said = [f"{axis} >= 1" if size is None else f"{axis} = {size}" for axis, size in axes.items()]
        advice = "See which axis differs, and that they stand in this order"
        refuse(layer, f"{name} is {found or 'a ' + type(x).__name__}", f"({', '.join(said)})", advice)


def _fits(size: int, wanted: int | None) -> bool:
    return size > 0 if wanted is None else size == wanted


def require_tokens(layer: str, x: Tensor, num_embeddings: int) -> None:
    """Raises: LabelError, which names the layer, for an element that is no whole number of the vocabulary."""
    found = x.numpy()
    known = (found >= 0) & (found < num_embeddings) & (found == np.floor(found))  # NaN is none of these
    if not known.all():
        raise LabelError(
            f"{layer}: found the token {found[~known][0]:g}. Expected whole numbers from 0 to "
            f"{num_embeddings - 1}, as num_embeddings is {num_embeddings}. Is it of another dictionary?"
        )
