"""A recurrent network: a cell takes one step in time, and layers of cells read a sequence.

What they take is checked by `require_shape`, of `needle.nn.sequences`.
"""

from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.nn.module import Module


class RNNCell(Module):
    """Take one step in time: h' = tanh(X @ W_ih + bias_ih + h @ W_hh + bias_hh).

    With nonlinearity="relu", relu takes the place of tanh. Without an h, it is zeros.

    The Parameters are `W_ih` (input_size, hidden_size), `W_hh` (hidden_size, hidden_size), `bias_ih` and
    `bias_hh` (hidden_size,), drawn in this order from U(-b, b) with b = 1 / sqrt(hidden_size). Without a bias
    the last two are None. Forward also takes weights that were replaced by Tensors.
    Shapes: X (B, input_size), h (B, hidden_size) -> (B, hidden_size).
    Raises: SettingError (a ValueError) for any other nonlinearity, when the cell is made. ShapeError by
    `require_shape("RNNCell", "X", X, batch=None, input_size=...)`, and by `require_shape("RNNCell", "h", h,
    batch=..., hidden_size=...)` where there is an h.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        raise NotImplementedError("not started: hw4/rnn_cell")

    def forward(self, X: Tensor, h: Tensor | None = None) -> Tensor:
        raise NotImplementedError("not started: hw4/rnn_cell")


class RNN(Module):
    """Read a sequence, step by step, in one or more layers of cells.

    The first layer's cell reads X, each further one the states of the layer below it. Each begins with its
    part of h0, and with zeros where there is no h0. The RNNCells are kept as the list `rnn_cells`, made from
    the first layer on; bias, nonlinearity, device and dtype go to each.
    Shapes: X (T, B, input_size), h0 (num_layers, B, hidden_size) -> the last layer's states of all steps
    (T, B, hidden_size), and the last step's states of all layers h_n (num_layers, B, hidden_size).
    Raises: ShapeError by `require_shape("RNN", "X", X, time=None, batch=None, input_size=...)`, and by
    `require_shape("RNN", "h0", h0, num_layers=..., batch=..., hidden_size=...)` where there is an h0.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Device | None = None,
        dtype: str = "float32",
    ) -> None:
        raise NotImplementedError("not started: hw4/rnn")

    def forward(self, X: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        raise NotImplementedError("not started: hw4/rnn")
