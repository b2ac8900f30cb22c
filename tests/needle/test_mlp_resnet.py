"""MLPResNet: built, differentiated and trained as its twin in PyTorch, and trained on small files."""

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlp_resnet import MLPResNet, ResidualBlock, epoch, train_mnist
from simple_ml import nn_epoch, parse_mnist, softmax_loss
from small_mnist import write_mnist

from needle import Tensor, autograd, data, first_order, nn, optim, relu

quickly = settings(derandomize=True, deadline=None, database=None, max_examples=8)


@pytest.fixture(scope="module")
def twin() -> Any:
    pytest.importorskip("torch", reason="PyTorch is what the network is compared with")
    import pytorch_models

    return pytorch_models


def task(examples: int, features: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(examples, features)).astype("float32")
    return X, (X @ rng.normal(size=(features, classes))).argmax(axis=1)


@quickly
@given(dim=st.integers(2, 6), half=st.integers(1, 4), blocks=st.integers(0, 3), classes=st.integers(2, 5))
def test_the_network_computes_and_learns_as_pytorchs(
    twin: Any, dim: int, half: int, blocks: int, classes: int
) -> None:
    """Layer normalization and no dropout: so nothing is drawn, and no batch is too small."""
    import torch

    ours = MLPResNet(dim, 2 * half, blocks, classes, nn.LayerNorm1d, 0.0)
    theirs = twin.mlp_resnet(dim, 2 * half, blocks, classes, torch.nn.LayerNorm, 0.0)
    twin.copy_parameters(ours, theirs)
    our_opt = optim.SGD(ours.parameters(), lr=0.1)
    their_opt = torch.optim.SGD(theirs.parameters(), lr=0.1)
    X, y = task(5, dim, classes, seed=dim)
    for _ in range(3):
        loss = nn.SoftmaxLoss()(ours(Tensor(X)), Tensor(y))
        expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y))
        assert loss.numpy().item() == pytest.approx(expected.item(), rel=2e-3, abs=1e-4)
        loss.backward()
        our_opt.step()
        their_opt.zero_grad()
        expected.backward()
        their_opt.step()


def kinds(module: nn.Module) -> list[Any]:
    """Return what a module is made of, in order."""
    if isinstance(module, nn.Sequential):
        return [kinds(one) for one in module.modules]
    return [type(module).__name__, *([kinds(module.fn)] if isinstance(module, nn.Residual) else [])]


def test_a_block_and_a_network_have_their_modules_in_order() -> None:
    layers = ["Linear"], ["LayerNorm1d"], ["ReLU"], ["Dropout"], ["Linear"], ["LayerNorm1d"]
    block = [["Residual", [*layers]], ["ReLU"]]
    assert kinds(ResidualBlock(4, 2, nn.LayerNorm1d)) == block
    network = MLPResNet(5, 4, 2, 3, nn.LayerNorm1d)
    assert kinds(network) == [["Linear"], ["ReLU"], block, block, ["Linear"]]


def test_weights_are_drawn_in_the_order_of_execution() -> None:
    np.random.seed(2)
    network = MLPResNet(5, 4, 1, 3)
    np.random.seed(2)
    expected = [nn.Linear(5, 4), nn.Linear(4, 2), nn.Linear(2, 4), nn.Linear(4, 3)]
    found = [one for one in network._children() if isinstance(one, nn.Linear)]
    for mine, reference in zip(found, expected, strict=True):
        np.testing.assert_array_equal(mine.weight.numpy(), reference.weight.numpy())


def test_an_epoch_without_an_optimizer_changes_nothing_and_counts_every_example() -> None:
    X, y = task(10, 6, 3, seed=0)
    model = MLPResNet(6, 4, 1, 3)
    before = {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
    error, loss = epoch(data.DataLoader(data.NDArrayDataset(X, y), 4), model)
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])
    logits = model(Tensor(X))
    assert error == np.mean(logits.numpy().argmax(axis=1) != y)
    assert loss == pytest.approx(nn.SoftmaxLoss()(logits, Tensor(y)).numpy().item(), rel=1e-5)


def test_epochs_with_an_optimizer_learn_and_repeat_exactly() -> None:
    X, y = task(200, 6, 3, seed=0)
    runs = []
    for _ in range(2):
        np.random.seed(0)
        model = MLPResNet(6, 16, 1, 3)
        opt = optim.Adam(model.parameters(), lr=0.01)
        loader = data.DataLoader(data.NDArrayDataset(X, y), 32, shuffle=True)
        runs.append([epoch(loader, model, opt) for _ in range(10)])
    assert runs[0] == runs[1]
    assert runs[0][-1][1] < runs[0][0][1] / 2
    assert runs[0][-1][0] < 0.15


def test_an_epoch_in_lazy_mode_gives_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = task(20, 6, 3, seed=0)
    figures = []
    for lazy in (False, True):
        monkeypatch.setattr(autograd, "LAZY_MODE", lazy)
        np.random.seed(0)
        model = MLPResNet(6, 4, 1, 3)
        loader = data.DataLoader(data.NDArrayDataset(X, y), 8)
        figures.append(epoch(loader, model, optim.SGD(model.parameters(), 0.1)))
        figures.append(epoch(loader, model))
    assert figures[:2] == figures[2:]


def test_training_reads_the_files_and_learns_in_either_folder(tmp_path: Path) -> None:
    write_mnist(tmp_path / "mnist")
    settings = {"batch_size": 20, "epochs": 3, "lr": 0.005, "hidden_dim": 20}
    figures = train_mnist(data_dir=tmp_path, **settings)
    assert figures == train_mnist(data_dir=str(tmp_path / "mnist"), **settings)
    train_error, train_loss, test_error, test_loss = figures
    assert train_error < 0.2
    assert test_error < 0.05
    assert test_loss < train_loss


def test_training_without_files_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"mnist/train-images-idx3-ubyte.gz: not found. Run `make data"):
        train_mnist(data_dir=tmp_path)


def test_the_two_layer_network_learns(tmp_path: Path) -> None:
    write_mnist(tmp_path / "mnist")
    names = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
    X, y = parse_mnist(*(tmp_path / "mnist" / name for name in names))
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((600, 784), "float32", (600,), "uint8")
    rng = np.random.default_rng(0)
    W1 = Tensor(rng.normal(size=(784, 30)) / 30, dtype="float32")
    W2 = Tensor(rng.normal(size=(30, 10)) / 5, dtype="float32")
    one_hot = Tensor(np.eye(10)[y], dtype="float32", requires_grad=False)

    losses = []
    for _ in range(4):
        W1, W2 = nn_epoch(X, y, W1, W2, lr=0.2, batch=64)
        losses.append(softmax_loss(relu(Tensor(X) @ W1) @ W2, one_hot).numpy().item())
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 1
    assert W1.is_leaf()
    assert W1.dtype == "float32"


def live_bytes() -> int:
    """Return how much memory is in use, without the small objects that Python keeps for use again.

    A collection gives those back; what is frozen it leaves alone, and so it ends no cycle.
    """
    gc.freeze()
    gc.collect()
    gc.unfreeze()
    return tracemalloc.get_traced_memory()[0]


def test_a_thousand_steps_take_no_more_memory_than_half_of_them() -> None:
    """Without the garbage collector: a step leaves no cycle."""
    X, y = (Tensor(array, requires_grad=False) for array in task(8, 4, 3, seed=0))
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3))
    opt = optim.Adam(model.parameters())

    def after_500_steps() -> tuple[int, int]:
        with first_order():
            for _ in range(500):
                opt.reset_grad()
                nn.SoftmaxLoss()(model(X), y).backward()
                opt.step()
        return autograd.TENSOR_COUNTER, live_bytes()

    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        tensors, size = after_500_steps()
        more_tensors, larger = after_500_steps()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert more_tensors == tensors
    assert larger < size + 10_000, "the smallest object a step would be 12,000 bytes"
