"""Gated recurrent units: what an LSTM does, with one state and three gates."""

from needle import ops
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.activations import Sigmoid
from needle.nn.module import Module
from needle.nn.recurrent import affine, draw_weights, layers_of, state_of, unroll
from needle.nn.sequences import require_shape


class GRUCell(Module):
    """Take one step in time: h' = (1 - z) * n + z * h.

    X @ W_ih + bias_ih and h @ W_hh + bias_hh, both (B, 3 * hidden_size), hold the parts of r, z and n side by
    side. r and z are the sigmoids of the sums of theirs; n is tanh(the input's part + r * the state's part).
    Parameters, their order and how they are drawn are as RNNCell's, with 3 * hidden_size columns.
    Shapes: X (B, input_size), h (B, hidden_size) -> (B, hidden_size).
    Raises: ShapeError for an X or an h of other shapes.
    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder (2014).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.sigmoid = Sigmoid()
        weights = draw_weights(input_size, hidden_size, 3 * hidden_size, bias, device, dtype)
        self.W_ih, self.W_hh, self.bias_ih, self.bias_hh = weights

    def forward(self, X: Tensor, h: Tensor | None = None) -> Tensor:
        require_shape("GRUCell", "X", X, batch=None, input_size=self.input_size)
        h = state_of("GRUCell", X, self.hidden_size, h)
        shape = (X.shape[0], 3, self.hidden_size)
        r_x, z_x, n_x = ops.split(affine(X, self.W_ih, self.bias_ih).reshape(shape), 1)
        r_h, z_h, n_h = ops.split(affine(h, self.W_hh, self.bias_hh).reshape(shape), 1)
        z = self.sigmoid(z_x + z_h)
        n = ops.tanh(n_x + self.sigmoid(r_x + r_h) * n_h)
        return n + z * (h - n)


class GRU(Module):
    """Read a sequence, step by step, in one or more layers of GRU cells, kept as the list `gru_cells`.

    Shapes: X (T, B, input_size), h0 (num_layers, B, hidden_size) -> the last layer's states of all steps
    (T, B, hidden_size), and the last step's states of all layers h_n (num_layers, B, hidden_size).
    Raises: ShapeError for an X or an h0 of other shapes.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.gru_cells = [GRUCell(size, hidden_size, bias, device, dtype) for size in sizes]

    def forward(self, X: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        require_shape("GRU", "X", X, time=None, batch=None, input_size=self.input_size)
        states = layers_of("GRU", "h0", h0, X, self.gru_cells, self.hidden_size)
        return unroll(self.gru_cells, X, states)
