"""A language model: it reads words, and says after each how likely every word is to come next."""

import needle as ndl
from needle import nn


class LanguageModel(nn.Module):
    """Predict the next word: an embedding of the words, a sequence model, and a linear layer to logits.

    The modules are made in this order:
    `embedding`, an nn.Embedding(output_size, embedding_size);
    `seq_model`, which is for "rnn" an nn.RNN and for "lstm" an nn.LSTM, each (embedding_size, hidden_size,
    num_layers), and for "transformer" an nn.Transformer(embedding_size, hidden_size, num_layers,
    sequence_len=seq_len); device and dtype go to all;
    `linear`, an nn.Linear from the sequence model's features to output_size logits. They are hidden_size
    many, but a Transformer returns as many as it gets.
    Raises: SettingError (a ValueError) for a seq_model that there is not.
    """

    def __init__(
        self,
        embedding_size: int,
        output_size: int,
        hidden_size: int,
        num_layers: int = 1,
        seq_model: str = "rnn",
        seq_len: int = 40,
        device: ndl.Device | None = None,
        dtype: str = "float32",
    ) -> None:
        raise NotImplementedError("not started: hw4/language_model")

    def forward(self, x: ndl.Tensor, h=None):
        """Return the logits of the word after each word, and the sequence model's state after the last.

        h is the state that an earlier call returned, from where the text goes on, or None at its beginning.
        Shapes: x (T, B), numbers of words -> logits (T * B, output_size), row by row; the state as the
        sequence model returns it.
        """
        raise NotImplementedError("not started: hw4/language_model")
