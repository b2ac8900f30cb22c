"""Recurrent layers that read a whole sequence in one call, and pull gradients back through it in another."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from needle import init, ops
from needle.autograd import Tensor, TensorTuple
from needle.backend_selection import NDArray
from needle.fused.dispatch import fused
from needle.fused.once_differentiable import KernelTupleOp, grads, whole
from needle.nn import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell

Sizes = tuple[int, int, int, int]
Layer = Callable[[Any, Tensor, Any], TensorTuple]  # of a cell, all steps and a first state


def _sizes(x: Any, W_hh: Any) -> Sizes:
    """Return T, B, the inputs and the hidden units."""
    return (*x.shape, W_hh.shape[0])


class FusedRNN(KernelTupleOp):
    """Read x (T, B, I) from h0 (B, H) on: all states (T, B, H), and the last one."""

    def __init__(self, kernels: Any, relu: bool) -> None:
        super().__init__(kernels)
        self.relu = relu

    def compute(self, x: NDArray, W_ih: NDArray, W_hh: NDArray, bias: NDArray, h0: NDArray) -> Any:
        sizes, of = _sizes(x, W_hh), map(whole, (x, W_ih, W_hh, bias, h0))
        self.out, h_n = self.kernels.rnn(sizes, self.relu, *of)
        out = NDArray.made((*x.shape[:2], sizes[3]), x.device, self.out)
        return out, NDArray.made(h0.shape, x.device, h_n)

    def pull_back(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        x, W_ih, W_hh, _, h0 = node.inputs
        of = (*map(whole, (x, W_ih, W_hh, h0)), self.out, *map(whole, out_grad))
        return grads(self.kernels.rnn_gradient(_sizes(x, W_hh), self.relu, *of), node.inputs)


class FusedLSTM(KernelTupleOp):
    """Read x (T, B, I) from h0 and c0 (B, H) on: all states (T, B, H), the last one and the last memory."""

    def compute(
        self, x: NDArray, W_ih: NDArray, W_hh: NDArray, bias: NDArray, h0: NDArray, c0: NDArray
    ) -> Any:
        sizes, of = _sizes(x, W_hh), map(whole, (x, W_ih, W_hh, bias, h0, c0))
        out, h_n, c_n, self.gates, self.cells = self.kernels.lstm(sizes, *of)
        self.out = out
        last = [NDArray.made(h0.shape, x.device, handle) for handle in (h_n, c_n)]
        return NDArray.made((*x.shape[:2], sizes[3]), x.device, out), *last

    def pull_back(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        x, W_ih, W_hh, _, h0, c0 = node.inputs
        of = (*map(whole, (x, W_ih, W_hh, h0, c0)), self.gates, self.cells, self.out, *map(whole, out_grad))
        return grads(self.kernels.lstm_gradient(_sizes(x, W_hh), *of), node.inputs)


class FusedGRU(KernelTupleOp):
    """Read x (T, B, I) from h0 (B, H) on: all states (T, B, H), and the last one."""

    def compute(
        self, x: NDArray, W_ih: NDArray, W_hh: NDArray, bias_ih: NDArray, bias_hh: NDArray, h0: NDArray
    ) -> Any:
        sizes, of = _sizes(x, W_hh), map(whole, (x, W_ih, W_hh, bias_ih, bias_hh, h0))
        self.out, h_n, self.gates, self.inner = self.kernels.gru(sizes, *of)
        out = NDArray.made((*x.shape[:2], sizes[3]), x.device, self.out)
        return out, NDArray.made(h0.shape, x.device, h_n)

    def pull_back(self, out_grad: TensorTuple, node: TensorTuple) -> tuple[Tensor, ...]:
        x, W_ih, W_hh, _, _, h0 = node.inputs
        of = (*map(whole, (x, W_ih, W_hh, h0)), self.gates, self.inner, self.out, *map(whole, out_grad))
        return grads(self.kernels.gru_gradient(_sizes(x, W_hh), *of), node.inputs)


def _fits(X: Tensor, cells: Sequence[Any], gates: int, states: Iterable[Any] = ()) -> bool:
    """Say whether everything has the shape and the device that kernels need; else the layer itself is asked.

    Shapes: X (..., B, inputs), each state (..., B, hidden units) with one part for each cell.
    """
    size, hidden = X.shape[-1] if X.shape else 0, cells[0].hidden_size
    wanted = []
    for cell in cells:
        wide = gates * hidden
        shapes = (size, wide), (hidden, wide), (wide,), (wide,)
        wanted += zip((cell.W_ih, cell.W_hh, cell.bias_ih, cell.bias_hh), shapes, strict=True)
        size = hidden
    leading = () if len(X.shape) == 2 else (len(cells),)
    wanted += [(state, (*leading, *X.shape[-2:-1], hidden)) for state in states]
    return 0 not in (*X.shape, hidden) and all(
        value is None or (isinstance(value, Tensor) and value.shape == shape and value.device == X.device)
        for value, shape in wanted
    )


def _zeros(X: Tensor, size: int) -> Tensor:
    return init.zeros(X.shape[1], size, device=X.device, dtype=X.dtype)


def _bias(bias: Tensor | None, weight: Tensor) -> Tensor:
    if bias is None:
        return init.zeros(weight.shape[1], device=weight.device, dtype=weight.dtype)
    return bias


def _sum_of_biases(cell: Any) -> Tensor:
    bias = _bias(cell.bias_ih, cell.W_ih)
    return bias if cell.bias_hh is None else bias + cell.bias_hh


def _rnn_layer(kernels: Any, cell: RNNCell, X: Tensor, h: Tensor | None) -> TensorTuple:
    h0 = _zeros(X, cell.hidden_size) if h is None else h
    relu = cell.nonlinearity == "relu"
    return FusedRNN(kernels, relu)(X, cell.W_ih, cell.W_hh, _sum_of_biases(cell), h0)


def _lstm_layer(kernels: Any, cell: LSTMCell, X: Tensor, h: Any) -> TensorTuple:
    h0, c0 = h or (_zeros(X, cell.hidden_size),) * 2
    return FusedLSTM(kernels)(X, cell.W_ih, cell.W_hh, _sum_of_biases(cell), h0, c0)


def _gru_layer(kernels: Any, cell: GRUCell, X: Tensor, h: Tensor | None) -> TensorTuple:
    h0 = _zeros(X, cell.hidden_size) if h is None else h
    biases = _bias(cell.bias_ih, cell.W_ih), _bias(cell.bias_hh, cell.W_hh)
    return FusedGRU(kernels)(X, cell.W_ih, cell.W_hh, *biases, h0)


def _one_state_cell(run: Layer, cell: Any, gates: int, X: Tensor, h: Any) -> Any:
    """Take one step of an RNN's cell, or of a GRU's."""
    if len(X.shape) != 2 or not _fits(X, [cell], gates, [h]):
        return NotImplemented
    return run(cell, X.reshape((1, *X.shape)), h)[1]


def _one_state_layers(run: Layer, cells: Sequence[Any], gates: int, X: Tensor, h0: Any) -> Any:
    """Read a sequence by the layers of an RNN, or of a GRU."""
    if len(X.shape) != 3 or not _fits(X, cells, gates, [h0]):
        return NotImplemented
    states = [None] * len(cells) if h0 is None else ops.split(h0, 0)
    last = []
    for cell, state in zip(cells, states, strict=True):
        X, h = run(cell, X, state)
        last.append(h)
    return X, ops.stack(last, 0)


@fused(RNNCell, "forward", kernel="rnn")
def rnn_cell(kernels: Any, cell: RNNCell, X: Tensor, h: Any = None) -> Any:
    return _one_state_cell(partial(_rnn_layer, kernels), cell, 1, X, h)


@fused(RNN, "forward", kernel="rnn")
def rnn(kernels: Any, layer: RNN, X: Tensor, h0: Any = None) -> Any:
    return _one_state_layers(partial(_rnn_layer, kernels), layer.rnn_cells, 1, X, h0)


@fused(LSTMCell, "forward", kernel="lstm")
def lstm_cell(kernels: Any, cell: LSTMCell, X: Tensor, h: Any = None) -> Any:
    if len(X.shape) != 2 or not _fits(X, [cell], 4, h or ()):
        return NotImplemented
    made = _lstm_layer(kernels, cell, X.reshape((1, *X.shape)), h)
    return made[1], made[2]


@fused(LSTM, "forward", kernel="lstm")
def lstm(kernels: Any, layer: LSTM, X: Tensor, h: Any = None) -> Any:
    cells = layer.lstm_cells
    if len(X.shape) != 3 or not _fits(X, cells, 4, h or ()):
        return NotImplemented
    states = [None] * len(cells) if h is None else zip(*[ops.split(part, 0) for part in h], strict=True)
    last = []
    for cell, state in zip(cells, states, strict=True):
        made = _lstm_layer(kernels, cell, X, state)
        X = made[0]
        last.append((made[1], made[2]))
    h_n, c_n = (ops.stack(part, 0) for part in zip(*last, strict=True))
    return X, (h_n, c_n)


@fused(GRUCell, "forward", kernel="gru")
def gru_cell(kernels: Any, cell: GRUCell, X: Tensor, h: Any = None) -> Any:
    return _one_state_cell(partial(_gru_layer, kernels), cell, 3, X, h)


@fused(GRU, "forward", kernel="gru")
def gru(kernels: Any, layer: GRU, X: Tensor, h0: Any = None) -> Any:
    return _one_state_layers(partial(_gru_layer, kernels), layer.gru_cells, 3, X, h0)
