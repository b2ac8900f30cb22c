"""Training on images: the figures and the weights of a network as PyTorch trains its twin."""

from typing import Any

import numpy as np
import pytest
from train_cifar10 import epoch_general_cifar10, evaluate_cifar10, train_cifar10

from needle import Tensor, data, nn, optim

CLASSES = 3
COUNTS = (8, 8, 5)


class Net(nn.Module):
    """Linear layers with a batch normalization between them, on images that are made rows."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(12, 6), nn.BatchNorm1d(6), nn.Linear(6, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def images() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(sum(COUNTS), 3, 2, 2)).astype("float32")
    return X, X.mean(axis=(2, 3)).argmax(axis=1)


def loader() -> data.DataLoader:
    return data.DataLoader(data.NDArrayDataset(*images()), batch_size=COUNTS[0])


def twin(ours: Net, torch: Any) -> Any:
    """Return the same network in PyTorch, with the same weights."""
    theirs = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(12, 6), torch.nn.BatchNorm1d(6), torch.nn.Linear(6, CLASSES)
    )
    linear, _, last = ours.layers.modules[1:]
    with torch.no_grad():
        for one, other in ((linear, theirs[1]), (last, theirs[3])):
            other.weight.copy_(torch.tensor(one.weight.numpy().T.copy()))
            other.bias.copy_(torch.tensor(one.bias.numpy().ravel()))
    return theirs


def pytorchs_figures(model: Any, torch: Any, opt: Any = None) -> tuple[float, float]:
    """Return the accuracy and the loss of one pass, and make a step a batch with an optimizer."""
    X, y = images()
    right, total = 0, 0.0
    for start in range(0, len(y), COUNTS[0]):
        inputs, labels = (torch.tensor(array[start : start + COUNTS[0]]) for array in (X, y))
        logits = model(inputs)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        if opt is not None:
            opt.zero_grad()
            loss.backward()
            opt.step()
        right += (logits.argmax(axis=1) == labels).sum().item()
        total += loss.item() * len(labels)
    return right / len(y), total / len(y)


def test_training_has_pytorchs_figures_and_ends_with_its_weights() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what the training is compared with")
    np.random.seed(0)
    ours = Net()
    theirs = twin(ours, torch)
    found = train_cifar10(ours, loader(), n_epochs=3, lr=0.01, weight_decay=0.001)
    opt = torch.optim.Adam(theirs.parameters(), lr=0.01, weight_decay=0.001)
    theirs.train()
    for _ in range(3):
        expected = pytorchs_figures(theirs, torch, opt)
    assert found == pytest.approx(expected, rel=1e-3)
    weight = theirs[3].weight.detach().numpy().T
    np.testing.assert_allclose(ours.layers.modules[3].weight.numpy(), weight, rtol=1e-3, atol=1e-4)


def test_evaluation_has_pytorchs_figures_and_changes_nothing() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what the evaluation is compared with")
    np.random.seed(0)
    ours = Net()
    theirs = twin(ours, torch).eval()
    before = {name: tensor.numpy().copy() for name, tensor in ours.state_dict().items()}
    found = evaluate_cifar10(ours, loader())
    assert found == pytest.approx(pytorchs_figures(theirs, torch), rel=1e-4)
    for name, tensor in ours.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])


def test_a_network_learns_to_tell_images_apart() -> None:
    np.random.seed(0)
    model = Net()
    opt = optim.Adam(model.parameters(), lr=0.02)
    first = epoch_general_cifar10(loader(), model, opt=opt)
    for _ in range(30):
        last = epoch_general_cifar10(loader(), model, opt=opt)
    assert last[0] > first[0]
    assert last[1] < first[1] / 2
