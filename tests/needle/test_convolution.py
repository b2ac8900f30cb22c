"""Convolution, batch normalization of images, and ResNet9 beside PyTorch's; what they refuse, and say."""

import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st
from resnet9 import ResNet9

from needle import Tensor, init, nn, ops
from needle.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

import pytorch_models  # noqa: E402
from beside_pytorch import assert_alike, close, numbers  # noqa: E402

sides = st.integers(1, 3)


def tensor(*shape: int) -> Tensor:
    return Tensor(np.ones(shape, dtype="float32"))


def set_parameters(module: nn.Module, seed: int) -> None:
    for at, parameter in enumerate(module.parameters()):
        parameter.data = Tensor(numbers(parameter.shape, seed + at))


@quickly
@given(
    channels=st.tuples(sides, sides, sides),
    image=st.tuples(st.integers(4, 7), st.integers(4, 7)),
    kernel=st.integers(1, 4),
    stride=sides,
    bias=st.booleans(),
)
def test_a_layer_is_pytorchs(
    channels: tuple[int, int, int], image: tuple[int, int], kernel: int, stride: int, bias: bool
) -> None:
    examples, ins, outs = channels
    ours = nn.Conv(ins, outs, kernel, stride, bias, dtype=FLOAT)
    theirs = torch.nn.Conv2d(ins, outs, kernel, stride, kernel // 2, bias=bias, dtype=torch.float64)
    set_parameters(ours, kernel)
    pytorch_models.copy_parameters(ours, theirs)
    assert_alike(ours, theirs, numbers((examples, ins, *image), stride))


@quickly
@given(image=st.tuples(st.integers(2, 3), sides, sides, sides), eps=st.sampled_from([1e-5, 0.1]))
def test_batch_norm_of_images_is_pytorchs(image: tuple[int, ...], eps: float) -> None:
    ours = nn.BatchNorm2d(image[1], eps, dtype=FLOAT)
    theirs = torch.nn.BatchNorm2d(image[1], eps, dtype=torch.float64)
    set_parameters(ours, 2)
    pytorch_models.copy_parameters(ours, theirs)
    if image[2] * image[3] > 1:  # of two equal pixels nothing is left to compare
        assert_alike(ours, theirs, numbers(image, 3))
    ours.eval()
    theirs.eval()
    theirs.running_mean.copy_(torch.from_numpy(ours.running_mean.numpy()))
    theirs.running_var.copy_(torch.from_numpy(ours.running_var.numpy()))
    assert_alike(ours, theirs, numbers(image, 4))


def test_a_layer_draws_its_weight_and_then_its_bias() -> None:
    np.random.seed(1)
    layer = nn.Conv(2, 3, (5, 9), (2, 9))
    np.random.seed(1)
    weight = init.kaiming_uniform(50, 75, shape=(5, 5, 2, 3))
    bias = init.rand(3, low=-(50**-0.5), high=50**-0.5)
    np.testing.assert_array_equal(layer.weight.numpy(), weight.numpy())
    np.testing.assert_array_equal(layer.bias.numpy(), bias.numpy())
    assert layer.stride == 2
    assert [type(one) for one in (layer.weight, layer.bias)] == [nn.Parameter] * 2


def test_a_gradient_of_data_that_need_none_is_not_computed() -> None:
    data, kernel = Tensor(np.ones((1, 3, 3, 1)), requires_grad=False), tensor(2, 2, 1, 1)
    out = ops.conv(data, kernel, 1, 0)
    grad_data, grad_kernel = out.op.gradient_as_tuple(tensor(*out.shape), out)
    assert grad_data is None
    np.testing.assert_array_equal(grad_kernel.numpy().ravel(), [4] * 4)


@pytest.mark.skipif(os.environ.get("NEEDLE_DEVICE") == "cuda_sim", reason="it takes the simulator minutes")
def test_a_training_of_resnet9_is_pytorchs() -> None:
    np.random.seed(0)
    ours, theirs = ResNet9(dtype=FLOAT), pytorch_models.resnet9().double()
    pytorch_models.copy_parameters(ours, theirs)
    X, y = numbers((6, 3, 32, 32), 1), np.arange(6)
    for _ in range(3):
        loss = nn.SoftmaxLoss()(ours(Tensor(X)), Tensor(y))
        expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y))
        assert loss.numpy().item() == pytest.approx(expected.item(), rel=1e-3)
        loss.backward()
        expected.backward()
        _step(ours, theirs)
    ours.eval()
    logits = ours(Tensor(X)).numpy()
    assert logits.shape == (6, 10)
    assert np.isfinite(logits).all()


def _step(ours: nn.Module, theirs: Any, lr: float = 0.01) -> None:
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        own.data = own.data - own.grad.data * lr
        with torch.no_grad():
            other -= other.grad * lr
        other.grad = None


def test_resnet9_draws_in_the_order_of_its_layers() -> None:
    np.random.seed(2)
    found = [one.weight.numpy() for one in ResNet9()._children() if isinstance(one, nn.Conv | nn.Linear)]
    sizes = [(3, 16, 7), (16, 32, 3), *[(32, 32, 3)] * 2, (32, 64, 3), (64, 128, 3), *[(128, 128, 3)] * 2]
    np.random.seed(2)
    made = [*(nn.Conv(*size) for size in sizes), nn.Linear(128, 128), nn.Linear(128, 10)]
    for mine, layer in zip(found, made, strict=True):
        np.testing.assert_array_equal(mine, layer.weight.numpy())


def test_a_layer_computes_the_same_on_a_transposed_view() -> None:
    layer, x = nn.Conv(3, 2, 3, dtype=FLOAT), numbers((2, 5, 4, 3), 0)
    view = ops.transpose(ops.transpose(Tensor(x), (2, 3)), (1, 2))
    close(layer(view), layer(Tensor(x.transpose(0, 3, 1, 2))).numpy())


REFUSED = [
    (
        lambda: ops.conv(tensor(4, 4, 1), tensor(3, 3, 1, 1)),
        "Conv: a is (4, 4, 1), b is (3, 3, 1, 1). Expected images (N, H, W, C) and a kernel (K, L, C, O). "
        "Reshape them.",
    ),
    (lambda: ops.conv(tensor(1, 4, 4, 1), tensor(3, 3, 1)), "Conv: a is (1, 4, 4, 1), b is (3, 3, 1)."),
    (
        lambda: ops.conv(tensor(1, 3, 4, 4), tensor(3, 3, 3, 5)),
        "Conv: a is (1, 3, 4, 4), b is (3, 3, 3, 5). Expected as many channels in images, here 4, as the "
        "kernel takes, here 3. Images have their channels last; is axis 1 theirs? Transpose.",
    ),
    (
        lambda: ops.conv(tensor(1, 2, 9, 1), tensor(5, 5, 1, 1), 1, 1),
        "Conv: a is (1, 2, 9, 1), b is (5, 5, 1, 1). Expected a kernel no larger than the image with its "
        "padding of 1, nor empty. Pad more, or take a smaller kernel.",
    ),
    (lambda: ops.conv(tensor(1, 2, 9, 1), tensor(2, 0, 1, 1)), "Expected a kernel no larger than the image"),
    (
        lambda: ops.conv(tensor(1, 3, 3, 1), tensor(2, 2, 1, 1), stride=0),
        "Conv: stride 0, padding 1. Expected a stride of 1 or more, a padding of 0 or more.",
    ),
    (lambda: ops.conv(tensor(1, 3, 3, 1), tensor(2, 2, 1, 1), 1, -1), "Conv: stride 1, padding -1."),
    (
        lambda: nn.Conv(3, 8, 3)(tensor(2, 32, 32, 3)),
        "Conv: x is (2, 32, 32, 3). Expected (N, 3, H, W), images of 3 channels. Put the channels on axis 1,",
    ),
    (lambda: nn.Conv(3, 8, 3)(tensor(3, 32, 32)), "Conv: x is (3, 32, 32). Expected images (N, 3, H, W)"),
    (
        lambda: nn.BatchNorm2d(4)(tensor(2, 3, 4, 4)),
        "BatchNorm2d: x is (2, 3, 4, 4). Expected (N, 4, H, W), images of 4 channels.",
    ),
]


@pytest.mark.parametrize(("refused", "text"), REFUSED)
def test_images_that_do_not_fit_are_refused_by_the_layers_name(
    refused: Callable[[], Tensor], text: str
) -> None:
    with pytest.raises(ShapeError, match=re.escape(text)):
        refused()
