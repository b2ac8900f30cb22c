"""Checkpoints: a training that was stopped goes on as if it never had been, or says why it can't."""

import argparse
from pathlib import Path

import numpy as np
import pytest
from checkpoints import add_checkpoint_options, done_before, load_checkpoint, save_checkpoint

import needle as ndl
from needle import nn, optim
from needle.errors import FileFormatError, StateError

OPTIMIZERS = {
    "sgd": lambda params: optim.SGD(params, lr=0.1, momentum=0.9, weight_decay=0.01),
    "adam": lambda params: optim.Adam(params, lr=0.0103, weight_decay=0.01),
    "rmsprop": lambda params: optim.RMSprop(params, lr=0.01),
}
of_each_optimizer = pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS.keys())


def model() -> nn.Module:
    """Return a model with parameters, running statistics and draws of its own in each step."""
    layers = nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)
    return nn.Sequential(*layers)


def train(net: nn.Module, opt: optim.Optimizer, steps: int) -> list[float]:
    """Train on data that NumPy's generator draws, and return the losses."""
    losses = []
    with ndl.first_order():
        for _ in range(steps):
            inputs = ndl.Tensor(np.random.randn(5, 6).astype("float32"), requires_grad=False)
            loss = nn.SoftmaxLoss()(net(inputs), ndl.Tensor(np.random.randint(0, 3, size=5)))
            opt.reset_grad()
            loss.backward()
            opt.step()
            losses.append(loss.numpy().item())
    return losses


@of_each_optimizer
def test_a_resumed_training_goes_on_as_if_it_never_stopped(make, tmp_path: Path) -> None:
    np.random.seed(1)
    net = model()
    opt = make(net.parameters())
    train(net, opt, 3)
    save_checkpoint(tmp_path / "state", net, opt, 3)
    expected, last = train(net, opt, 3), net.state_dict()
    np.random.seed(2)
    resumed = model()
    opt = make(resumed.parameters())
    opt.lr = 7.0  # comes back with the rest
    train(resumed, opt, 1)
    assert load_checkpoint(tmp_path / "state", resumed, opt) == 3
    assert train(resumed, opt, 3) == expected
    for name, tensor in resumed.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), last[name].numpy(), strict=True)


def test_what_was_done_comes_back_as_json_has_it(tmp_path: Path) -> None:
    net = model()
    done = [[0.1, 0.2], [1e-17, 3]]
    save_checkpoint(tmp_path / "state", net, optim.SGD(net.parameters()), done)
    assert load_checkpoint(tmp_path / "state", net, optim.SGD(net.parameters())) == done


def test_numbers_come_back_exactly_whatever_the_arrays_hold(tmp_path: Path) -> None:
    net = model()
    opt = optim.Adam(net.parameters(), lr=1 / 3)
    opt.t = 2**24 + 1  # no float32
    save_checkpoint(tmp_path / "state", net, opt, 0)
    resumed = optim.Adam(net.parameters())
    load_checkpoint(tmp_path / "state", net, resumed)
    assert (resumed.lr, resumed.t) == (1 / 3, 2**24 + 1)


def test_another_optimizer_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    net = model()
    save_checkpoint(tmp_path / "state", net, optim.Adam(net.parameters()), 1)
    other = model()
    before = other.modules[0].weight.numpy().copy()
    with pytest.raises(StateError, match=r"was saved with Adam\. Expected SGD of 6 parameters"):
        load_checkpoint(tmp_path / "state", other, optim.SGD(other.parameters()))
    np.testing.assert_array_equal(other.modules[0].weight.numpy(), before)


def test_an_optimizer_of_other_parameters_is_refused_by_the_name_of_what_does_not_fit(tmp_path: Path) -> None:
    net = model()
    opt = optim.SGD(net.parameters(), momentum=0.5)
    train(net, opt, 1)
    save_checkpoint(tmp_path / "state", net, opt, 1)
    with pytest.raises(StateError, match=r"with optimizer\.u\.0 of shape \(6, 8\)"):
        load_checkpoint(tmp_path / "state", net, optim.SGD(net.parameters()[1:]))


def test_another_model_is_refused_with_the_names_that_do_not_fit(tmp_path: Path) -> None:
    net, other = model(), nn.Linear(6, 8)
    save_checkpoint(tmp_path / "state", net, optim.SGD(net.parameters()), 1)
    with pytest.raises(StateError, match=r"missing weight, missing bias, extra .*modules\.0\.weight"):
        load_checkpoint(tmp_path / "state", other, optim.SGD(other.parameters()))


def test_a_file_of_tensors_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    net = model()
    opt = optim.SGD(net.parameters())
    for rest in ({}, {"rest": ndl.Tensor([1.0])}, {"rest": ndl.Tensor(list(b'{"done": 1}'))}):
        ndl.save({**net.state_dict(), **rest}, tmp_path / "state")
        with pytest.raises(FileFormatError, match="Name a file that save_checkpoint wrote"):
            load_checkpoint(tmp_path / "state", net, opt)


def test_an_optimizer_that_holds_tensors_gets_tensors_back(tmp_path: Path) -> None:
    net = model()
    opt = optim.SGD(net.parameters())
    opt.u = {param: param.data for param in net.parameters()}
    save_checkpoint(tmp_path / "state", net, opt, 1)
    resumed = optim.SGD(net.parameters())
    load_checkpoint(tmp_path / "state", net, resumed)
    for param in net.parameters():
        assert isinstance(resumed.u[param], ndl.Tensor)
        np.testing.assert_array_equal(resumed.u[param].numpy(), param.numpy())


def test_state_that_belongs_to_no_parameter_is_refused_when_it_is_saved(tmp_path: Path) -> None:
    net = model()
    opt = optim.SGD(net.parameters())
    opt.u = {0: net.parameters()[0].data}
    with pytest.raises(StateError, match=r"SGD\.u holds something for 0\. Expected its parameters alone"):
        save_checkpoint(tmp_path / "state", net, opt, 1)
    assert not (tmp_path / "state").exists()


def ask(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_checkpoint_options(parser)
    return parser.parse_args(arguments)


def test_a_program_goes_on_from_its_checkpoint_only_when_asked(tmp_path: Path) -> None:
    net, file = model(), str(tmp_path / "state")
    opt = optim.SGD(net.parameters())
    save_checkpoint(file, net, opt, 4)
    assert done_before(ask("--checkpoint", file), net, opt) is None
    assert done_before(ask("--checkpoint", file, "--resume"), net, opt) == 4


def test_a_program_that_can_not_go_on_ends_with_the_reason(tmp_path: Path) -> None:
    net = model()
    opt = optim.SGD(net.parameters())
    (tmp_path / "cut").write_bytes(b"123")
    for arguments, said in (
        (["--resume"], "found no --checkpoint"),
        (["--resume", "--checkpoint", str(tmp_path / "none")], "Leave out --resume to begin"),
        (["--resume", "--checkpoint", str(tmp_path / "cut")], "can't be read"),
    ):
        with pytest.raises(SystemExit, match=said):
            done_before(ask(*arguments), net, opt)
