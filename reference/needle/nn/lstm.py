"""Long short-term memory: a recurrent network that decides what to keep, what to forget, what to show.

What it takes is checked by `require_shape`, of `needle.nn.sequences`.
"""

import math

from needle import init, ops
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.activations import Sigmoid
from needle.nn.module import Module, Parameter
from needle.nn.sequences import require_shape

State = tuple[Tensor, Tensor]  # h, what the cell shows, and c, what it remembers


class LSTMCell(Module):
    """Take one step in time, of a state h and a memory c.

    X @ W_ih + bias_ih + h @ W_hh + bias_hh (B, 4 * hidden_size) holds four gates side by side: columns 0 to
    hidden_size - 1 are i, then f, g and o. With sigmoid for i, f and o, and tanh for g,
    c' = f * c + i * g and h' = o * tanh(c').

    The Parameters are `W_ih` (input_size, 4 * hidden_size), `W_hh` (hidden_size, 4 * hidden_size), `bias_ih`
    and `bias_hh` (4 * hidden_size,), drawn in this order from U(-b, b) with b = 1 / sqrt(hidden_size).
    Without a bias the last two are None. Forward also takes weights that were replaced by Tensors.
    `h` is the pair (h0, c0), or None for zeros.
    Shapes: X (B, input_size), h0 and c0 (B, hidden_size) -> (h', c'), both (B, hidden_size).
    Raises: ShapeError by `require_shape("LSTMCell", "X", X, batch=None, input_size=...)`, and by
    `require_shape("LSTMCell", "h0", h0, batch=..., hidden_size=...)`, for c0 as "c0", where there is an h.
    Source: Hochreiter and Schmidhuber, Long Short-Term Memory (1997); Gers et al., Learning to Forget (2000).
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

        self.W_ih = drawn(input_size, 4 * hidden_size)
        self.W_hh = drawn(hidden_size, 4 * hidden_size)
        self.bias_ih = drawn(4 * hidden_size) if bias else None
        self.bias_hh = drawn(4 * hidden_size) if bias else None

    def forward(self, X: Tensor, h: State | None = None) -> State:
        require_shape("LSTMCell", "X", X, batch=None, input_size=self.input_size)
        batch = X.shape[0]
        if h is None:
            zeros = init.zeros(batch, self.hidden_size, device=X.device, dtype=X.dtype)
            h = zeros, zeros
        h0, c0 = h
        require_shape("LSTMCell", "h0", h0, batch=batch, hidden_size=self.hidden_size)
        require_shape("LSTMCell", "c0", c0, batch=batch, hidden_size=self.hidden_size)
        gates = X @ self.W_ih + h0 @ self.W_hh
        if self.bias_ih is not None:
            gates = gates + (self.bias_ih + self.bias_hh).broadcast_to(gates.shape)
        i, f, g, o = ops.split(gates.reshape((batch, 4, self.hidden_size)), 1)
        c = self.sigmoid(f) * c0 + self.sigmoid(i) * ops.tanh(g)
        return self.sigmoid(o) * ops.tanh(c), c


class LSTM(Module):
    """Read a sequence, step by step, in one or more layers of LSTM cells.

    The first layer's cell reads X, each further one the states h of the layer below it. Each begins with its
    part of (h0, c0), and with zeros where h is None. The LSTMCells are kept as the list `lstm_cells`, made
    from the first layer on; bias, device and dtype go to each.
    Shapes: X (T, B, input_size), h None or (h0, c0), both (num_layers, B, hidden_size) -> the last layer's
    states h of all steps (T, B, hidden_size), and the pair (h_n, c_n), what the last step leaves in all
    layers, both (num_layers, B, hidden_size).
    Raises: ShapeError by `require_shape("LSTM", "X", X, time=None, batch=None, input_size=...)`, and by
    `require_shape("LSTM", "h0", h0, num_layers=..., batch=..., hidden_size=...)`, for c0 as "c0", where there
    is an h.
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
        self.lstm_cells = [LSTMCell(size, hidden_size, bias, device, dtype) for size in sizes]

    def forward(self, X: Tensor, h: State | None = None) -> tuple[Tensor, State]:
        require_shape("LSTM", "X", X, time=None, batch=None, input_size=self.input_size)
        layers = len(self.lstm_cells)
        states = [None] * layers
        if h is not None:
            for name, part in zip(("h0", "c0"), h, strict=True):
                sizes = {"num_layers": layers, "batch": X.shape[1], "hidden_size": self.hidden_size}
                require_shape("LSTM", name, part, **sizes)
            states = zip(*[ops.split(part, 0) for part in h], strict=True)
        steps = ops.split(X, 0)
        last = []
        for cell, state in zip(self.lstm_cells, states, strict=True):
            below, steps = steps, []
            for x in below:
                state = cell(x, state)
                steps.append(state[0])
            last.append(state)
        h_n, c_n = (ops.stack(part, 0) for part in zip(*last, strict=True))
        return ops.stack(steps, 0), (h_n, c_n)
