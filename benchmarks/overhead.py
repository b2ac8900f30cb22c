"""Measure what needle's graph costs beside PyTorch's: small ops, a long chain of them, a training step."""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import sys

from side_by_side import HEADER, compare, require_pytorch

require_pytorch()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from mlp_resnet import MLPResNet  # noqa: E402
from pytorch_models import mlp_resnet  # noqa: E402

import needle as ndl  # noqa: E402
from needle import nn  # noqa: E402

CHAIN = 1_000


def main() -> int:
    print(HEADER)
    small_ops()
    long_chain()
    training_step()
    return 0


def small_ops() -> None:
    arrays = np.random.default_rng(0).normal(size=(2, 4, 4)).astype("float32")
    a, b = map(ndl.Tensor, arrays)
    c, d = (torch.tensor(array, requires_grad=True) for array in arrays)

    def needle() -> None:
        ((a + b) * b).sum().backward()

    def needle_first_order() -> None:
        with ndl.first_order():
            needle()

    def pytorch() -> None:
        ((c + d) * d).sum().backward()

    compare("((a + b) * b).sum(), 4 x 4", needle, pytorch, 100, 10, goal=2.5, calls=100)
    compare("the same in first_order()", needle_first_order, pytorch, 100, 10, goal=2.5, calls=100)


def long_chain() -> None:
    array = np.ones((4, 4), dtype="float32")
    a, b = ndl.Tensor(array), torch.tensor(array, requires_grad=True)

    def needle() -> None:
        x = a
        for _ in range(CHAIN // 2):
            x = x * 1.01 + a
        with ndl.first_order():
            x.sum().backward()

    def pytorch() -> None:
        x = b
        for _ in range(CHAIN // 2):
            x = x * 1.01 + b
        x.sum().backward()

    compare(f"a chain of {CHAIN} small ops", needle, pytorch, 50, 5, goal=None)


def training_step() -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.random((100, 784), dtype="float32"), rng.integers(0, 10, 100)
    ours, theirs = MLPResNet(784), mlp_resnet(784)
    our_opt = ndl.optim.Adam(ours.parameters(), lr=1e-3, weight_decay=1e-3)
    their_opt = torch.optim.Adam(theirs.parameters(), lr=1e-3, weight_decay=1e-3)
    X, y = ndl.Tensor(images, requires_grad=False), ndl.Tensor(labels, requires_grad=False)
    X_torch, y_torch = torch.from_numpy(images), torch.from_numpy(labels)

    def needle() -> None:
        with ndl.first_order():
            our_opt.reset_grad()
            nn.SoftmaxLoss()(ours(X), y).backward()
            our_opt.step()

    def pytorch() -> None:
        their_opt.zero_grad()
        torch.nn.functional.cross_entropy(theirs(X_torch), y_torch).backward()
        their_opt.step()

    compare("a step of MLPResNet(784), batch 100, Adam", needle, pytorch, 30, 3, goal=1.5, calls=10)


if __name__ == "__main__":
    sys.exit(main())
