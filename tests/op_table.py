"""Every op of needle once: how it is called, what it is in NumPy and PyTorch, and which inputs it takes."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from backend_tested import FLOAT
from hypothesis import strategies as st

from needle import Tensor, ops

Shape = tuple[int, ...]


class Call(NamedTuple):
    """What an op is called with: the shapes of its inputs, and a setting such as its axes."""

    shapes: tuple[Shape, ...]
    setting: Any
    seed: int


class Row(NamedTuple):
    """An op. Its functions take the setting and then the inputs."""

    name: str  # of its class
    needle: Callable[..., Tensor]
    numpy: Callable[..., Any]
    torch: Callable[..., Any]  # from torch itself, the setting and the inputs
    calls: st.SearchStrategy[tuple[tuple[Shape, ...], Any]]
    positive: bool = False  # it takes no other numbers, or is not smooth at 0

    def call(self) -> st.SearchStrategy[Call]:
        return st.builds(lambda call, seed: Call(*call, seed), self.calls, st.integers(0, 999))

    def arrays(self, call: Call, dtype: str = "float64") -> list[np.ndarray]:
        """Draw inputs that every backend holds exactly.

        None is within 0.1 of 0, where relu has its kink and a logarithm its end.
        """
        rng = np.random.default_rng(call.seed)
        arrays = [rng.uniform(0.1, 2, size=shape) for shape in call.shapes]
        signs = [1 if self.positive else rng.choice([-1, 1], size=shape) for shape in call.shapes]
        return [(array * sign).astype(FLOAT).astype(dtype) for array, sign in zip(arrays, signs, strict=True)]


sides = st.integers(1, 4)
filled_shapes = st.lists(sides, max_size=4).map(tuple)
shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
nothing = st.none()
scalars = st.sampled_from([-2, 0.5, 3, np.float64(1.5), np.array([2.5]), np.array(2, dtype="int64")])


def _alike(
    count: int, shapes: st.SearchStrategy[Shape] = shapes, setting: st.SearchStrategy[Any] = nothing
) -> st.SearchStrategy[Any]:
    return st.tuples(shapes.map(lambda shape: (shape,) * count), setting)


@st.composite
def _swaps(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(st.integers(0, 4), min_size=2, max_size=4).map(tuple))
    axis = st.integers(-len(shape), len(shape) - 1)
    return (shape,), draw(st.none() | st.tuples(axis, axis))


@st.composite
def _reshapes(draw: st.DrawFn) -> tuple:
    old = draw(shapes)
    factors = [prime for side in old for prime in {0: (0,), 1: (), 4: (2, 2)}.get(side, (side,))]
    new = draw(st.permutations([*factors, *draw(st.just([]) | st.just([1]))]))
    cut = draw(st.integers(0, len(new)))
    return (old,), (math.prod(new[:cut]), *new[cut:]) if cut else tuple(new)


@st.composite
def _broadcasts(draw: st.DrawFn) -> tuple:
    new = draw(shapes)
    old = tuple(draw(st.sampled_from([1, side])) for side in new)
    return (old[draw(st.integers(0, len(new))) :],), new


@st.composite
def _reductions(draw: st.DrawFn, shapes: st.SearchStrategy[Shape] = shapes) -> tuple:
    shape = draw(shapes)
    if not shape:
        return (shape,), draw(st.sampled_from([None, ()]))
    axis = st.integers(-len(shape), len(shape) - 1)
    several = st.lists(axis, unique_by=lambda at: at % len(shape)).map(tuple)
    return (shape,), draw(st.none() | axis | several)


@st.composite
def _products(draw: st.DrawFn) -> tuple:
    batch = draw(st.lists(sides, max_size=2))
    n, k, m = draw(st.tuples(sides, st.integers(0, 4), sides))
    sizes = []
    for matrix in ((n, k), (k, m)):
        axes = [draw(st.sampled_from([1, side])) for side in batch]
        sizes.append((*axes[draw(st.integers(0, len(batch))) :], *matrix))
    return tuple(sizes), None


@st.composite
def _convolutions(draw: st.DrawFn) -> tuple:
    batch, channels, outputs = draw(st.tuples(st.integers(0, 2), sides, sides))
    stride, padding = draw(st.tuples(st.integers(1, 3), st.integers(0, 2)))
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    image = [draw(st.integers(max(1, side - 2 * padding), 6)) for side in kernel]
    return ((batch, *image, channels), (*kernel, channels, outputs)), (stride, padding)


@st.composite
def _indices(draw: st.DrawFn) -> tuple:
    """Draw indices that PyTorch takes too: no slice runs backwards."""
    shape = draw(st.lists(sides, min_size=1, max_size=3).map(tuple))
    which = draw(st.sampled_from(["integers and slices", "an array", "arrays that meet in one place"]))
    if which == "an array":
        return (shape,), np.array(
            draw(st.lists(st.integers(-shape[0], shape[0] - 1), min_size=1, max_size=5))
        )
    if which == "arrays that meet in one place":
        return (shape,), tuple(np.array([side - 1, 0, side - 1]) for side in shape)
    kept = draw(st.integers(1, len(shape)))
    parts = [st.integers(-side, side - 1) | st.slices(side).filter(_forwards) for side in shape[:kept]]
    return (shape,), tuple(draw(part) for part in parts)


def _forwards(part: slice) -> bool:
    return part.step is None or part.step > 0


@st.composite
def _placings(draw: st.DrawFn) -> tuple:
    (shape,), index = draw(_indices())
    return (np.zeros(shape)[index].shape,), (index, shape)


@st.composite
def _stacks(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(st.integers(0, 4), max_size=3).map(tuple))
    return (shape,) * draw(st.integers(1, 4)), draw(st.integers(-len(shape) - 1, len(shape)))


@st.composite
def _joins(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(sides, min_size=1, max_size=3))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    joined = []
    for length in draw(st.lists(st.integers(0, 3), min_size=1, max_size=4)):
        shape[axis] = length
        joined.append(tuple(shape))
    return tuple(joined), axis


def _flips() -> st.SearchStrategy[tuple]:
    return _reductions().map(lambda call: (call[0], () if call[1] is None else call[1]))


@st.composite
def _margins(draw: st.DrawFn) -> tuple:
    shape = draw(st.lists(sides, min_size=1, max_size=3).map(tuple))
    before = [draw(st.integers(-side, 2)) for side in shape]
    cropped = [side + min(width, 0) for side, width in zip(shape, before, strict=True)]
    return (shape,), [
        (width, draw(st.integers(-side, 2))) for side, width in zip(cropped, before, strict=True)
    ]


@st.composite
def _dilations(draw: st.DrawFn, *, undone: bool = False) -> tuple:
    """Draw axes, also one that is not there, and how many zeros."""
    ((shape,), axes), zeros = draw(_flips()), draw(st.integers(0, 2))
    axes = (axes,) if isinstance(axes, int) else (*axes, *draw(st.sampled_from([(), (len(shape) + 1,)])))
    spread = {axis % len(shape) for axis in axes if axis < len(shape)} if undone else ()
    return (tuple(side * (zeros + 1 if axis in spread else 1) for axis, side in enumerate(shape)),), (
        axes,
        zeros,
    )


def _kept(setting: Any, ndim: int) -> tuple[slice, ...]:
    """Return an index of the elements that a dilation has, or leaves, beside its zeros."""
    axes, zeros = setting
    there = {axis % ndim for axis in axes if axis < ndim}
    return tuple(slice(None, None, zeros + 1 if axis in there else 1) for axis in range(ndim))


def _dilated(new_zeros: Callable[[Shape], Any], setting: Any, a: Any) -> Any:
    kept = _kept(setting, a.ndim)
    out = new_zeros(tuple(side * (part.step or 1) for side, part in zip(a.shape, kept, strict=True)))
    out[kept] = a
    return out


def _numpy_pad(widths: Any, a: np.ndarray) -> np.ndarray:
    kept = [
        slice(max(-left, 0), side - max(-right, 0))
        for side, (left, right) in zip(a.shape, widths, strict=True)
    ]
    return np.pad(a[tuple(kept)], [(max(left, 0), max(right, 0)) for left, right in widths])


def _axes(setting: Any, a: Any) -> tuple[int, ...]:
    if setting is None:
        return tuple(range(a.ndim))
    return setting if isinstance(setting, tuple) else (setting,)


def _plain(setting: Any) -> float:
    return setting.item() if hasattr(setting, "item") else setting


def _numpy_put(setting: Any, a: np.ndarray) -> np.ndarray:
    index, shape = setting
    out = np.zeros(shape, dtype=a.dtype)
    for place, element in zip(np.arange(out.size).reshape(shape)[index].flat, a.flat, strict=True):
        out.flat[place] += element
    return out


def _torch_put(torch: Any, setting: Any, a: Any) -> Any:
    index, shape = setting
    places = torch.tensor(np.arange(math.prod(shape)).reshape(shape)[index]).reshape(-1)
    return torch.zeros(math.prod(shape), dtype=a.dtype).index_add(0, places, a.reshape(-1)).reshape(shape)


def _numpy_conv(setting: Any, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    stride, padding = setting
    margin = (padding, padding)
    padded = np.pad(a, ((0, 0), margin, margin, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, b.shape[:2], axis=(1, 2))
    return np.einsum("nrckij,ijko->nrco", windows[:, ::stride, ::stride], b)


def _torch_conv(torch: Any, setting: Any, a: Any, b: Any) -> Any:
    stride, padding = setting
    images, kernel = a.permute(0, 3, 1, 2), b.permute(3, 2, 0, 1)
    found = torch.nn.functional.conv2d(images, kernel, stride=stride, padding=padding)
    return found.permute(0, 2, 3, 1)


def _torch_reduce(name: str) -> Callable[..., Any]:
    def reduce(torch: Any, setting: Any, a: Any) -> Any:
        axes = _axes(setting, a)
        return getattr(torch, name)(a, dim=axes) if axes else a * 1

    return reduce


ROWS = [
    Row(
        "EWiseAdd",
        lambda _, a, b: ops.add(a, b),
        lambda _, a, b: a + b,
        lambda torch, _, a, b: a + b,
        _alike(2),
    ),
    Row(
        "AddScalar",
        lambda c, a: ops.add_scalar(a, c),
        lambda c, a: a + _plain(c),
        lambda torch, c, a: a + _plain(c),
        _alike(1, setting=scalars),
    ),
    Row(
        "EWiseMul",
        lambda _, a, b: ops.multiply(a, b),
        lambda _, a, b: a * b,
        lambda torch, _, a, b: a * b,
        _alike(2),
    ),
    Row(
        "MulScalar",
        lambda c, a: ops.mul_scalar(a, c),
        lambda c, a: a * _plain(c),
        lambda torch, c, a: a * _plain(c),
        _alike(1, setting=scalars),
    ),
    Row(
        "EWiseDiv",
        lambda _, a, b: ops.divide(a, b),
        lambda _, a, b: a / b,
        lambda torch, _, a, b: a / b,
        _alike(2),
    ),
    Row(
        "DivScalar",
        lambda c, a: ops.divide_scalar(a, c),
        lambda c, a: a / _plain(c),
        lambda torch, c, a: a / _plain(c),
        _alike(1, setting=scalars),
    ),
    Row(
        "EWisePow",
        lambda _, a, b: ops.power(a, b),
        lambda _, a, b: np.power(a, b),
        lambda torch, _, a, b: torch.pow(a, b),
        _alike(2),
        positive=True,
    ),
    Row(
        "PowerScalar",
        lambda c, a: ops.power_scalar(a, c),
        lambda c, a: np.power(a, _plain(c)),
        lambda torch, c, a: torch.pow(a, _plain(c)),
        _alike(1, setting=st.sampled_from([-2, -1, 0, 1, 2, 3, 0.5, -1.5, np.array([2.0]), np.float64(1.5)])),
        positive=True,
    ),
    Row("Negate", lambda _, a: ops.negate(a), lambda _, a: -a, lambda torch, _, a: -a, _alike(1)),
    Row(
        "Log",
        lambda _, a: ops.log(a),
        lambda _, a: np.log(a),
        lambda torch, _, a: torch.log(a),
        _alike(1),
        positive=True,
    ),
    Row("Exp", lambda _, a: ops.exp(a), lambda _, a: np.exp(a), lambda torch, _, a: torch.exp(a), _alike(1)),
    Row(
        "ReLU",
        lambda _, a: ops.relu(a),
        lambda _, a: np.where(a > 0, a, 0).astype(a.dtype),
        lambda torch, _, a: torch.relu(a),
        _alike(1),
    ),
    Row(
        "Transpose",
        lambda axes, a: ops.transpose(a, axes),
        lambda axes, a: np.swapaxes(a, *(axes or (-1, -2))),
        lambda torch, axes, a: torch.swapaxes(a, *(axes or (-1, -2))),
        _swaps(),
    ),
    Row(
        "Reshape",
        lambda shape, a: ops.reshape(a, shape),
        lambda shape, a: np.array(a.ravel().tolist(), dtype=a.dtype).reshape(shape),
        lambda torch, shape, a: torch.reshape(a, shape),
        _reshapes(),
    ),
    Row(
        "BroadcastTo",
        lambda shape, a: ops.broadcast_to(a, shape),
        lambda shape, a: a + np.zeros(shape, dtype=a.dtype),
        lambda torch, shape, a: torch.broadcast_to(a, shape),
        _broadcasts(),
    ),
    Row(
        "Summation",
        lambda axes, a: ops.summation(a, axes),
        lambda axes, a: np.sum(a, axis=axes),
        _torch_reduce("sum"),
        _reductions(),
    ),
    Row(
        "MatMul",
        lambda _, a, b: ops.matmul(a, b),
        lambda _, a, b: np.einsum("...nk,...km->...nm", a, b),
        lambda torch, _, a, b: torch.matmul(a, b),
        _products(),
    ),
    Row(
        "Conv",
        lambda setting, a, b: ops.conv(a, b, *setting),
        _numpy_conv,
        _torch_conv,
        _convolutions(),
    ),
    Row(
        "LogSumExp",
        lambda axes, a: ops.logsumexp(a, axes),
        lambda axes, a: np.log(np.sum(np.exp(a), axis=axes)),
        _torch_reduce("logsumexp"),
        _reductions(filled_shapes),
    ),
    Row(
        "LogSoftmax",
        lambda _, a: ops.logsoftmax(a),
        lambda _, a: a - np.log(np.sum(np.exp(a), axis=1, keepdims=True)),
        lambda torch, _, a: torch.log_softmax(a, dim=1),
        _alike(1, shapes=st.tuples(st.integers(0, 4), sides)),
    ),
    Row(
        "Max",
        lambda axes, a: ops.maximum_over(a, axes),
        lambda axes, a: np.max(a, axis=axes),
        _torch_reduce("amax"),
        _reductions(filled_shapes),
    ),
    Row(
        "GetItem",
        lambda index, a: ops.get_item(a, index),
        lambda index, a: a[index],
        lambda torch, index, a: a[index],
        _indices(),
    ),
    Row(
        "PutItem",
        lambda setting, a: ops.PutItem(*setting)(a),
        _numpy_put,
        _torch_put,
        _placings(),
    ),
    Row(
        "Tanh",
        lambda _, a: ops.tanh(a),
        lambda _, a: np.tanh(a),
        lambda torch, _, a: torch.tanh(a),
        _alike(1),
    ),
    Row(
        "Stack",
        lambda axis, *args: ops.stack(args, axis),
        lambda axis, *args: np.stack(args, axis),
        lambda torch, axis, *args: torch.stack(args, axis),
        _stacks(),
    ),
    Row(
        "Concat",
        lambda axis, *args: ops.concat(args, axis),
        lambda axis, *args: np.concatenate(args, axis),
        lambda torch, axis, *args: torch.cat(args, axis),
        _joins(),
    ),
    Row(
        "Flip",
        lambda axes, a: ops.flip(a, axes),
        lambda axes, a: np.flip(a, axes),
        lambda torch, axes, a: torch.flip(a, _axes(axes, a)),
        _flips(),
    ),
    Row(
        "Pad",
        lambda widths, a: ops.pad(a, widths),
        _numpy_pad,
        lambda torch, widths, a: torch.nn.functional.pad(
            a, [width for pair in widths[::-1] for width in pair]
        ),
        _margins(),
    ),
    Row(
        "Dilate",
        lambda setting, a: ops.dilate(a, *setting),
        lambda setting, a: _dilated(lambda shape: np.zeros(shape, a.dtype), setting, a),
        lambda torch, setting, a: _dilated(lambda shape: torch.zeros(shape, dtype=a.dtype), setting, a),
        _dilations(),
    ),
    Row(
        "UnDilate",
        lambda setting, a: ops.undilate(a, *setting),
        lambda setting, a: a[_kept(setting, a.ndim)],
        lambda torch, setting, a: a[_kept(setting, a.ndim)],
        _dilations(undone=True),
    ),
]
