"""A vector for each word of a vocabulary, which `require_tokens`, of `needle.nn.sequences`, checks."""

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module


class Embedding(Module):
    """Put, in the place of each number of a word, the row of `weight` of this number.

    `weight` is a Parameter (num_embeddings, embedding_dim), drawn from N(0, 1). Its gradient reaches it
    through the product of one-hot rows with it (`init.one_hot`). Forward also takes a weight that was
    replaced by a Tensor.
    Shapes: x (*S), such as (T, B), whole numbers below num_embeddings -> (*S, embedding_dim).
    Raises: LabelError (a ValueError) by `require_tokens("Embedding", x, num_embeddings)`, for others.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        raise NotImplementedError("not started: hw4/embedding")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("not started: hw4/embedding")
