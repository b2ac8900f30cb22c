"""Measure what a small op costs beside PyTorch's: on arrays, in a graph, in a long chain, in a training step.

On needle's own arrays first, and once more on NumPy's, unless NEEDLE_BACKEND names one of them.
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import os
import subprocess
import sys

from side_by_side import HEADER, ROOT, compare, require_pytorch

require_pytorch()
sys.path.insert(0, str(ROOT / "build" / "lib"))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from mlp_resnet import MLPResNet  # noqa: E402
from pytorch_models import mlp_resnet  # noqa: E402

import needle as ndl  # noqa: E402
from needle import nn  # noqa: E402
from needle.backend_selection import BACKEND, NDArray  # noqa: E402

CHAIN = 1_000


def main() -> int:
    print(f"NEEDLE_BACKEND={BACKEND}, {ndl.default_device()}\n{HEADER}")
    if BACKEND == "nd":
        array_ops()
    small_ops()
    long_chain()
    training_step()
    if "NEEDLE_BACKEND" in os.environ:
        return 0
    return subprocess.run([sys.executable, __file__], env=os.environ | {"NEEDLE_BACKEND": "np"}).returncode


def array_ops() -> None:
    """Compare NDArray's own ops. The goal is 3 us each on a quiet machine, the aim 1.5."""
    arrays = np.random.default_rng(0).normal(size=(2, 4, 4)).astype("float32")
    a, b = map(NDArray, arrays)
    c, d = map(torch.tensor, arrays)
    row, torch_row = NDArray(arrays[0, 0]), torch.tensor(arrays[0, 0])
    compare("NDArray a + b, 4 x 4", lambda: a + b, lambda: c + d, 200, 20, goal=None, calls=200)
    compare("NDArray a * 2.0", lambda: a * 2.0, lambda: c * 2.0, 200, 20, goal=None, calls=200)
    compare("NDArray a + row", lambda: a + row, lambda: c + torch_row, 200, 20, goal=None, calls=200)
    compare("NDArray exp(a)", a.exp, c.exp, 200, 20, goal=None, calls=200)
    compare("NDArray a.sum(1)", lambda: a.sum(1), lambda: c.sum(1), 200, 20, goal=None, calls=200)
    compare("NDArray a @ b", lambda: a @ b, lambda: c @ d, 200, 20, goal=None, calls=200)
    compare("NDArray a.permute((1, 0))", lambda: a.permute((1, 0)), c.t, 200, 20, goal=None, calls=200)


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
