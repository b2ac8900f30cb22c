"""A recurrent network: a cell takes one step in time, and layers of cells read a sequence.

What they take is checked by `require_shape`, of `needle.nn.sequences`.
"""

import math

from needle import init, ops
from needle.autograd import Tensor
from needle.backend_selection import Device
from needle.errors import SettingError
from needle.nn.module import Module, Parameter
from needle.nn.sequences import require_shape


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
        super().__init__()
        if nonlinearity not in ("tanh", "relu"):
            raise SettingError(
                f"RNNCell: found nonlinearity {nonlinearity!r}. Expected 'tanh' or 'relu'. Take one of them."
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.nonlinearity = nonlinearity
        bound = 1 / math.sqrt(hidden_size)

        def drawn(*shape: int) -> Parameter:
            return Parameter(init.rand(*shape, low=-bound, high=bound, device=device, dtype=dtype))

        self.W_ih = drawn(input_size, hidden_size)
        self.W_hh = drawn(hidden_size, hidden_size)
        self.bias_ih = drawn(hidden_size) if bias else None
        self.bias_hh = drawn(hidden_size) if bias else None

    def forward(self, X: Tensor, h: Tensor | None = None) -> Tensor:
        require_shape("RNNCell", "X", X, batch=None, input_size=self.input_size)
        batch = X.shape[0]
        if h is None:
            h = init.zeros(batch, self.hidden_size, device=X.device, dtype=X.dtype)
        require_shape("RNNCell", "h", h, batch=batch, hidden_size=self.hidden_size)
        total = X @ self.W_ih + h @ self.W_hh
        if self.bias_ih is not None:
            total = total + (self.bias_ih + self.bias_hh).broadcast_to(total.shape)
        return ops.tanh(total) if self.nonlinearity == "tanh" else ops.relu(total)


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
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.rnn_cells = [RNNCell(size, hidden_size, bias, nonlinearity, device, dtype) for size in sizes]

    def forward(self, X: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        require_shape("RNN", "X", X, time=None, batch=None, input_size=self.input_size)
        layers = len(self.rnn_cells)
        states = [None] * layers
        if h0 is not None:
            require_shape("RNN", "h0", h0, num_layers=layers, batch=X.shape[1], hidden_size=self.hidden_size)
            states = ops.split(h0, 0)
        steps, last = ops.split(X, 0), []
        for cell, h in zip(self.rnn_cells, states, strict=True):
            below, steps = steps, []
            for x in below:
                h = cell(x, h)
                steps.append(h)
            last.append(h)
        return ops.stack(steps, 0), ops.stack(last, 0)
