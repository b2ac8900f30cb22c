"""Fused kernels for images give what the composed ops give: values, gradients and trained weights."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import assert_close, quickly
from hypothesis import given
from hypothesis import strategies as st
from resnet9 import ResNet9

import needle as ndl
from needle import nn, ops, optim
from needle.backend_selection import BACKEND, default_device
from needle.errors import GradientError, ShapeError

KERNELS = getattr(default_device(), "fast", None)
pytestmark = pytest.mark.skipif(
    BACKEND != "nd" or not hasattr(KERNELS, "normalize"), reason="needs a device with fused kernels"
)
of_convolutions = pytest.mark.skipif(
    not hasattr(KERNELS, "convolve"), reason="needs a device with a kernel of convolutions"
)

sizes = st.integers(1, 9)
channels = st.sampled_from([1, 3, 8, 17])


@of_convolutions
@quickly
@given(st.data(), st.integers(1, 9), sizes, sizes, channels, channels, st.booleans())
def test_a_convolution_and_its_gradients_are_the_composed_ones(
    data: st.DataObject, count: int, height: int, width: int, ins: int, outs: int, turned: bool
) -> None:
    kernel, padding = data.draw(st.tuples(*[st.integers(1, 4)] * 2)), data.draw(st.integers(0, 3))
    height, width = (max(size, k - 2 * padding) for size, k in zip((height, width), kernel, strict=True))
    shape = (count, width, height, ins) if turned else (count, height, width, ins)
    x, weight = tensor(shape, 0), tensor((*kernel, ins, outs), 1)
    stride = data.draw(st.integers(1, 4))

    def convolve() -> ndl.Tensor:
        return ops.conv(ops.transpose(x, (1, 2)) if turned else x, weight, stride, padding)

    compare(convolve, [x, weight])


@of_convolutions
@quickly
@given(
    st.integers(1, 9), sizes, sizes, channels, channels, st.integers(1, 5), st.integers(1, 4), st.booleans()
)
def test_a_layer_of_convolutions_and_its_gradients_are_the_composed_ones(
    count: int, height: int, width: int, ins: int, outs: int, kernel: int, stride: int, bias: bool
) -> None:
    layer = nn.Conv(ins, outs, kernel, stride, bias)
    x = tensor((count, ins, height + kernel, width + kernel), 0)
    compare(lambda: layer(x), [x, *layer.parameters()])


@quickly
@given(st.integers(1, 40), st.one_of(st.just(()), st.tuples(sizes, sizes)), channels, st.integers(0, 2))
def test_batch_norm_its_gradients_and_its_running_figures_are_the_composed_ones(
    count: int, image: tuple[int, ...], features: int, order: int
) -> None:
    make = nn.BatchNorm2d if image else nn.BatchNorm1d
    layers = [make(features, momentum=0.3) for _ in range(2)]
    for layer in layers:
        layer.weight.data, layer.bias.data = tensor((features,), 1), tensor((features,), 2)
    x = tensor((count, features, *image), 3, shift=5.0)
    if image and order:  # as another layer would leave it, channels last, or the other way round
        turn = [(0, 2, 3, 1), (0, 3, 1, 2)] if order == 1 else [(3, 2, 1, 0), (3, 2, 1, 0)]
        lain = x.realize_cached_data().permute(turn[0]).copy().permute(turn[1])
        x = ndl.Tensor.make_const(lain, requires_grad=True)
    found = [results(lambda: layers[0](x), [x, *layers[0].parameters()])]
    with ndl.fused.composed():
        found.append(results(lambda: layers[1](x), [x, *layers[1].parameters()]))
    for one, other in zip(*found, strict=True):
        assert_close(one, other, 1e-4)
    for figures in ("running_mean", "running_var"):
        assert_close(getattr(layers[0], figures).numpy(), getattr(layers[1], figures).numpy())


def test_batch_norm_of_numbers_far_from_zero_keeps_their_variance() -> None:
    layer = nn.BatchNorm1d(3)
    x = np.random.default_rng(0).normal(1000.0, 0.01, size=(500, 3)).astype("float32")
    with ndl.first_order():
        layer(ndl.Tensor(x))
    exact = 0.1 * x.astype("float64").var(0) + 0.9
    np.testing.assert_allclose(layer.running_var.numpy(), exact, rtol=1e-6)


def test_batch_norm_in_use_takes_its_running_figures_and_keeps_them() -> None:
    layer, x = nn.BatchNorm2d(3), tensor((4, 3, 5, 6), 0)
    layer.eval()
    with ndl.first_order():
        out = layer(x)
    assert_close(out.numpy(), x.numpy() / np.sqrt(1 + layer.eps))
    np.testing.assert_array_equal(layer.running_mean.numpy(), np.zeros(3))


STEPS: list[Callable[[Any], Any]] = [
    lambda params: optim.Adam(params, lr=0.1, weight_decay=0.01),
    lambda params: optim.Adam(params, lr=0.01, beta1=0.5, beta2=0.7, eps=1e-3),
    lambda params: optim.AdamW(params, lr=0.1),
    lambda params: optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.01),
    lambda params: optim.SGD(params, lr=0.1),
]


@pytest.mark.parametrize("make", STEPS)
def test_steps_of_an_optimizer_are_the_composed_ones(make: Callable[[Any], Any]) -> None:
    values = [stepped(make)]
    with ndl.fused.composed():
        values.append(stepped(make))
    for one, other in zip(*values, strict=True):
        assert_close(one, other)


def stepped(make: Callable[[Any], Any]) -> list[np.ndarray]:
    shapes = (3, 7), (41_003,), (), (2, 3, 4, 5)
    params = [nn.Parameter(tensor(shape, seed)) for seed, shape in enumerate(shapes)]
    opt = make(params)
    for number in range(5):
        for param in params[: 3 if number == 0 else None]:  # the last one has no gradient at first
            param.grad = tensor(param.shape, number)
        params[0].grad = ndl.Tensor.make_const(tensor((7, 3), number).realize_cached_data().permute((1, 0)))
        opt.step()
    return [param.numpy() for param in params]


def test_a_step_leaves_what_was_taken_from_a_parameter_before_it() -> None:
    param = nn.Parameter(tensor((5,), 0))
    before, taken = param.numpy(), param.detach()
    opt = optim.Adam([param])
    param.grad = tensor((5,), 1)
    opt.step()
    np.testing.assert_array_equal(taken.numpy(), before)
    assert (param.numpy() != before).all()


@pytest.mark.parametrize("make", STEPS)
def test_an_optimizer_without_parameters_takes_steps(make: Callable[[Any], Any]) -> None:
    opt = make([])
    opt.step()
    assert opt.params == []


def test_sums_and_relu_of_images_with_channels_last_stay_so() -> None:
    last = ops.transpose(tensor((2, 5, 6, 3), 0), (1, 3)).realize_cached_data()  # (2, 3, 6, 5)
    x = ndl.Tensor.make_const(last, requires_grad=True)
    with ndl.first_order():
        summed, positive = x + x, ops.relu(x)
        (positive + positive).backward(x.detach())
    for made in (summed, positive, x.grad):
        assert made.realize_cached_data().strides == last.strides
    np.testing.assert_array_equal(summed.numpy(), 2 * x.numpy())
    np.testing.assert_array_equal(positive.numpy(), np.maximum(x.numpy(), 0))
    np.testing.assert_array_equal(x.grad.numpy(), 2 * np.maximum(x.numpy(), 0))


def test_sums_of_views_that_lie_otherwise_are_right() -> None:
    a = tensor((4, 6), 0)
    pieces = [a, ops.transpose(tensor((6, 4), 1)), tensor((1, 6), 2).broadcast_to((4, 6))]
    for one in pieces:
        for other in pieces:
            np.testing.assert_array_equal((one + other).numpy(), one.numpy() + other.numpy())
    part = ndl.Tensor.make_const(tensor((9, 6), 3).realize_cached_data()[5:9])
    np.testing.assert_array_equal((part + a).numpy(), part.numpy() + a.numpy())
    np.testing.assert_array_equal(ops.relu(part).numpy(), np.maximum(part.numpy(), 0))


def test_a_training_of_resnet9_is_the_composed_one() -> None:
    losses = [trained()]
    with ndl.fused.composed():
        losses.append(trained())
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def trained() -> list[float]:
    np.random.seed(0)
    model, rng = ResNet9(), np.random.default_rng(0)
    images = ndl.Tensor(rng.random((8, 3, 32, 32), dtype="float32"), requires_grad=False)
    labels = ndl.Tensor(rng.integers(0, 10, 8).astype("float32"), requires_grad=False)
    opt, losses = optim.Adam(model.parameters(), lr=1e-3), []
    with ndl.first_order():
        for _ in range(3):
            opt.reset_grad()
            loss = nn.SoftmaxLoss()(model(images), labels)
            loss.backward()
            opt.step()
            losses.append(float(loss.numpy()))
    return losses


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Conv(3, 4, 3), (2, 4, 5, 6)),
        (lambda: nn.Conv(3, 4, 3), (2, 3, 5)),
        (lambda: nn.Conv(3, 4, 8), (2, 3, 5, 6)),
        (lambda: nn.Conv(3, 4, 2), (2, 3, 0, 6)),
        (lambda: nn.BatchNorm2d(3), (2, 4, 5, 6)),
        (lambda: nn.BatchNorm2d(3), (2, 3)),
    ],
)
def test_what_does_not_fit_is_refused_in_the_words_of_the_composed_layer(
    layer: Callable[[], Any], shape: tuple[int, ...]
) -> None:
    errors = []
    for block in (ndl.first_order, ndl.fused.composed):
        made = layer()
        with block():
            try:
                made(tensor(shape, 0))
                errors.append("")
            except ShapeError as error:
                errors.append(str(error))
    assert errors[0] == errors[1]


@of_convolutions
def test_a_gradient_asked_outside_first_order_is_refused() -> None:
    layer = nn.Conv(3, 4, 3)
    with ndl.first_order():
        out = layer(tensor((2, 3, 5, 6), 0)).sum()
    with pytest.raises(GradientError, match="ImageConvolution: its gradient is asked outside first_order"):
        out.backward()


def tensor(shape: tuple[int, ...], seed: int, shift: float = 0.0) -> ndl.Tensor:
    drawn = np.random.default_rng(seed).normal(shift, size=shape)
    return ndl.Tensor(np.asarray(drawn, dtype="float32"))


def compare(function: Callable[[], ndl.Tensor], inputs: list[Any]) -> None:
    fused = results(function, inputs)
    with ndl.fused.composed():
        composed = results(function, inputs)
    for one, other in zip(fused, composed, strict=True):
        assert_close(one, other)


def results(function: Callable[[], ndl.Tensor], inputs: list[Any]) -> list[np.ndarray]:
    """Return a function's value, and the gradients of its inputs for weights that are drawn."""
    for one in inputs:
        one.grad = None
    with ndl.first_order():
        out = function()
        out.backward(tensor(out.shape, 9))
    return [out.numpy(), *(one.grad.numpy() for one in inputs)]
