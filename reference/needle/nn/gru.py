"""Gated recurrent units: what an LSTM does, with one state and three gates."""

import math

from needle import init, ops
from needle.autograd import Tensor, TensorTuple
from needle.backend_selection import Device
from needle.nn.activations import Sigmoid
from needle.nn.module import Module, Parameter
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
        bound = 1 / math.sqrt(hidden_size)

        def drawn(*shape: int) -> Parameter:
            return Parameter(init.rand(*shape, low=-bound, high=bound, device=device, dtype=dtype))

        self.W_ih = drawn(input_size, 3 * hidden_size)
        self.W_hh = drawn(hidden_size, 3 * hidden_size)
        self.bias_ih = drawn(3 * hidden_size) if bias else None
        self.bias_hh = drawn(3 * hidden_size) if bias else None

    def forward(self, X: Tensor, h: Tensor | None = None) -> Tensor:
        require_shape("GRUCell", "X", X, batch=None, input_size=self.input_size)
        if h is None:
            h = init.zeros(X.shape[0], self.hidden_size, device=X.device, dtype=X.dtype)
        require_shape("GRUCell", "h", h, batch=X.shape[0], hidden_size=self.hidden_size)
        r_x, z_x, n_x = self._parts(X, self.W_ih, self.bias_ih)
        r_h, z_h, n_h = self._parts(h, self.W_hh, self.bias_hh)
        z = self.sigmoid(z_x + z_h)
        n = ops.tanh(n_x + self.sigmoid(r_x + r_h) * n_h)
        return n + z * (h - n)

    def _parts(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> TensorTuple:
        """Return x @ weight + bias, taken apart into the three gates."""
        out = x @ weight
        if bias is not None:
            out = out + bias.broadcast_to(out.shape)
        return ops.split(out.reshape((x.shape[0], 3, self.hidden_size)), 1)


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
        layers = len(self.gru_cells)
        states = [None] * layers
        if h0 is not None:
            require_shape("GRU", "h0", h0, num_layers=layers, batch=X.shape[1], hidden_size=self.hidden_size)
            states = ops.split(h0, 0)
        steps, last = ops.split(X, 0), []
        for cell, h in zip(self.gru_cells, states, strict=True):
            below, steps = steps, []
            for x in below:
                h = cell(x, h)
                steps.append(h)
            last.append(h)
        return ops.stack(steps, 0), ops.stack(last, 0)
