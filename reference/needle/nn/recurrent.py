"""A recurrent network: a cell takes one step in time, and layers of cells read a sequence."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

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
        weights = draw_weights(input_size, hidden_size, hidden_size, bias, device, dtype)
        self.W_ih, self.W_hh, self.bias_ih, self.bias_hh = weights

    def forward(self, X: Tensor, h: Tensor | None = None) -> Tensor:
        require_shape("RNNCell", "X", X, batch=None, input_size=self.input_size)
        h = state_of("RNNCell", X, self.hidden_size, h)
        total = affine(X, self.W_ih, self.bias_ih) + affine(h, self.W_hh, self.bias_hh)
        return ops.tanh(total) if self.nonlinearity == "tanh" else ops.relu(total)


def draw_weights(
    input_size: int, hidden_size: int, out: int, bias: bool, device: Device | None, dtype: str
) -> list[Parameter | None]:
    """Draw what a cell learns, with `out` columns: both weights, and both biases or None."""
    bound = 1 / math.sqrt(hidden_size)
    shapes = [(input_size, out), (hidden_size, out), *[(out,)] * (2 * bias)]
    drawn = [init.rand(*shape, low=-bound, high=bound, device=device, dtype=dtype) for shape in shapes]
    return [*map(Parameter, drawn), *[None] * (4 - len(drawn))]


def affine(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return x @ weight + bias; without a bias, x @ weight."""
    out = x @ weight
    return out if bias is None else out + bias.broadcast_to(out.shape)


def state_of(layer: str, X: Tensor, hidden_size: int, h: Tensor | None, name: str = "h") -> Tensor:
    """Return a cell's state for a batch X: h itself, seen to fit, or zeros."""
    batch = X.shape[0]
    if h is None:
        return init.zeros(batch, hidden_size, device=X.device, dtype=X.dtype)
    require_shape(layer, name, h, batch=batch, hidden_size=hidden_size)
    return h


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
        states = layers_of("RNN", "h0", h0, X, self.rnn_cells, self.hidden_size)
        return unroll(self.rnn_cells, X, states)


def layers_of(
    layer: str, name: str, h: Tensor | None, X: Tensor, cells: Sequence[Module], hidden_size: int
) -> Iterable[Tensor | None]:
    """Return each layer's part of a state, seen to fit; None for each, if there is none."""
    if h is None:
        return [None] * len(cells)
    require_shape(layer, name, h, num_layers=len(cells), batch=X.shape[1], hidden_size=hidden_size)
    return ops.split(h, 0)


def unroll(cells: Sequence[Module], X: Tensor, states: Iterable[Any]) -> tuple[Tensor, Tensor]:
    """Let each cell take all steps; return the last one's states, and the states that each ends with."""
    steps: Iterable[Any] = ops.split(X, 0)
    last = []
    for cell, h in zip(cells, states, strict=True):
        below, steps = steps, []
        for x in below:
            h = cell(x, h)
            steps.append(h)
        last.append(h)
    return ops.stack(steps, 0), ops.stack(last, 0)
