"""Tensors on devices: where they are made, moved to and refused, and what float32 alone can hold."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from backend_tested import of_several_dtypes

import needle as ndl
from needle import Tensor, init, nn, optim
from needle.backend_selection import BACKEND
from needle.errors import DeviceError, DTypeError

of_own_arrays = pytest.mark.skipif(BACKEND != "nd", reason="NumPy's arrays lie on one device")

if BACKEND == "nd":
    HERE = [device for device in ndl.all_devices() if device.enabled()]
    OTHERS = [device for device in HERE if device != ndl.default_device()]
else:
    HERE, OTHERS = ndl.all_devices(), []

here = pytest.mark.parametrize("device", HERE, ids=str)
other = pytest.mark.parametrize("device", OTHERS, ids=str)


def test_the_default_device_is_one_for_tensors_and_for_init() -> None:
    default = ndl.default_device()
    assert Tensor([1.0]).device == init.rand(2).device == init.ones(2).device == default
    assert default in ndl.all_devices()
    assert default.enabled()


@here
def test_a_network_is_made_trained_and_evaluated_on_a_device(device: ndl.Device) -> None:
    np.random.seed(0)
    model = nn.Sequential(
        nn.Linear(4, 6, device=device), nn.BatchNorm1d(6, device=device), nn.ReLU(), nn.Dropout(0.1)
    )
    head = nn.Linear(6, 3, device=device)
    X = Tensor(np.random.randn(8, 4), device=device, dtype="float32", requires_grad=False)
    y = Tensor(np.arange(8) % 3, device=device, requires_grad=False)
    opt = optim.Adam([*model.parameters(), *head.parameters()], lr=0.05)
    losses = []
    for _ in range(20):
        opt.reset_grad()
        loss = nn.SoftmaxLoss()(head(model(X)), y)
        loss.backward()
        opt.step()
        losses.append(loss.numpy().item())
    assert losses[-1] < losses[0] / 2
    kept = [*model.state_dict().values(), *(one.grad for one in opt.params), loss]
    assert {one.device for one in kept} == {device}


@other
def test_a_tensor_moves_with_its_numbers_and_stays_where_its_array_lies(device: ndl.Device) -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]]).transpose()
    moved = Tensor(x, device=device)
    assert (moved.device, x.device) == (device, ndl.default_device())
    np.testing.assert_array_equal(moved.numpy(), [[1, 3], [2, 4]])
    assert Tensor(moved).device == Tensor(moved.realize_cached_data()).device == device
    assert init.zeros_like(moved).device == device
    back = Tensor(moved, device=ndl.default_device())
    np.testing.assert_array_equal(back.numpy(), x.numpy())


@other
def test_gradients_lie_where_their_tensors_lie(device: ndl.Device) -> None:
    x = Tensor([[1.0, 3.0, 3.0]], device=device)
    (x.max(1) * x[:, 0] + ndl.relu(x)[:, [1, 1]].sum(1)).sum().backward()
    assert x.grad.device == device
    np.testing.assert_allclose(x.grad.numpy(), [[3, 2.5, 0.5]])


@other
@pytest.mark.parametrize(
    "expression",
    [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a**b, lambda a, b: a @ b],
)
def test_an_op_on_tensors_of_two_devices_is_refused_with_both_names(
    device: ndl.Device, expression: Callable[[Tensor, Tensor], Tensor]
) -> None:
    a, b = Tensor(np.ones((2, 2))), Tensor(np.ones((2, 2)), device=device)
    text = f"one array lies on {a.device}, the other on {device}. Expected one device. Move one of them"
    with pytest.raises(DeviceError, match=re.escape(text)):
        expression(a, b)


@other
def test_a_state_is_loaded_to_where_the_module_lies(device: ndl.Device) -> None:
    one, another = nn.Linear(2, 3), nn.Linear(2, 3, device=device)
    another.load_state_dict(one.state_dict())
    assert another.weight.device == device
    np.testing.assert_array_equal(another.weight.numpy(), one.weight.numpy())


@other
def test_random_numbers_are_the_same_on_every_device(device: ndl.Device) -> None:
    for maker in (init.rand, init.randn, init.randb, init.xavier_uniform, init.kaiming_normal):
        drawn = []
        for place in (ndl.default_device(), device):
            np.random.seed(3)
            drawn.append(maker(5, 4, device=place).numpy())
        np.testing.assert_array_equal(*drawn)


@of_own_arrays
def test_a_device_that_is_not_here_is_refused_with_what_to_do() -> None:
    missing = [device for device in ndl.all_devices() if not device.enabled()]
    for device in missing:
        with pytest.raises(DeviceError, match=rf"{device.name}\(\): the module .* can't be imported"):
            Tensor([1.0], device=device)


@of_own_arrays
def test_double_precision_is_refused_by_name() -> None:
    for refused in (lambda: Tensor([1.0], dtype="float64"), lambda: init.rand(2, dtype="float64")):
        with pytest.raises(DTypeError, match=r"found dtype float64\. Expected float32"):
            refused()
    with pytest.raises(DTypeError, match=r"gradcheck: .* Expected float64: .* NEEDLE_BACKEND=np"):
        ndl.gradcheck(ndl.exp, Tensor([1.0]))


@of_own_arrays
def test_integers_booleans_and_doubles_become_float32() -> None:
    for data in ([1, 2], [True, False], np.float64([0.1, 3]), np.array([5, 7], dtype="uint8")):
        assert Tensor(data).dtype == "float32"
        np.testing.assert_array_equal(Tensor(data).numpy(), np.asarray(data, dtype="float32"))


@of_several_dtypes
def test_numpys_arrays_have_one_device() -> None:
    assert [repr(device) for device in ndl.all_devices()] == ["needle.cpu()"]
