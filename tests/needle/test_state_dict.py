"""What a module has learned, as named tensors."""

import numpy as np
import pytest
from backend_tested import of_several_dtypes
from mlp_resnet import MLPResNet

from needle import Tensor, nn
from needle.errors import StateError


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1, bias=False))


def x() -> Tensor:
    return Tensor(np.arange(8).reshape(4, 2), dtype="float32")


def test_the_state_names_parameters_and_running_statistics() -> None:
    assert list(network().state_dict()) == [
        "modules.0.weight",
        "modules.0.bias",
        "modules.1.weight",
        "modules.1.bias",
        "modules.1.running_mean",
        "modules.1.running_var",
        "modules.3.weight",
    ]


def test_a_loaded_state_gives_the_same_outputs() -> None:
    np.random.seed(1)
    one, other = network(), network()
    one(x())
    other.load_state_dict(one.state_dict())
    for module in (one, other):
        module.eval()
    np.testing.assert_array_equal(other(x()).numpy(), one(x()).numpy())


def test_a_loaded_state_is_a_copy_and_parameters_stay_the_same_objects() -> None:
    one, other = MLPResNet(4, 4), MLPResNet(4, 4)
    before = [id(parameter) for parameter in other.parameters()]
    other.load_state_dict(one.state_dict())
    assert [id(parameter) for parameter in other.parameters()] == before
    assert all(parameter.requires_grad for parameter in other.parameters())
    for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
        assert not np.shares_memory(mine.numpy(), theirs.numpy())


@of_several_dtypes
def test_a_state_of_another_precision_becomes_the_modules() -> None:
    module = network()
    state = {name: Tensor(tensor, dtype="float64") for name, tensor in module.state_dict().items()}
    module.load_state_dict(state)
    assert {tensor.dtype for tensor in module.state_dict().values()} == {np.dtype("float32")}


def test_every_key_that_does_not_fit_is_named_and_nothing_changes() -> None:
    module = network()
    before = {name: tensor.numpy().copy() for name, tensor in module.state_dict().items()}
    state = {name: tensor + 1 for name, tensor in module.state_dict().items()}
    del state["modules.0.bias"], state["modules.1.running_var"]
    state["head"] = Tensor([1.0])
    state["modules.3.weight"] = Tensor(np.ones((1, 3)))
    with pytest.raises(StateError) as caught:
        module.load_state_dict(state)
    assert str(caught.value) == (
        "load_state_dict: found missing modules.0.bias, missing modules.1.running_var, extra head, "
        "modules.3.weight is (1, 3) instead of (3, 1). Expected the names and shapes of "
        "Sequential.state_dict(). Build the module as it was when it was saved."
    )
    for name, tensor in module.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])


def test_what_a_forward_pass_left_in_a_module_is_no_state() -> None:
    module = nn.Linear(2, 2)
    module.last = module(x())
    assert list(module.state_dict()) == ["weight", "bias"]
