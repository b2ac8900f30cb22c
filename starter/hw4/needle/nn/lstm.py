"""Long short-term memory: a recurrent network that decides what to keep, what to forget, what to show.

What it takes is checked by `require_shape`, of `needle.nn.sequences`.
"""

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module

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
        raise NotImplementedError("not started: hw4/lstm_cell")

    def forward(self, X: Tensor, h: State | None = None) -> State:
        raise NotImplementedError("not started: hw4/lstm_cell")


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
        raise NotImplementedError("not started: hw4/lstm")

    def forward(self, X: Tensor, h: State | None = None) -> tuple[Tensor, State]:
        raise NotImplementedError("not started: hw4/lstm")
