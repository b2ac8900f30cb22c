"""Measure an epoch of MLPResNet on MNIST beside PyTorch's: reading batches, forward, backward and Adam.

PyTorch indexes the arrays batch by batch itself: its own loader would take several times as long.
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import argparse
import os
import sys
from pathlib import Path

from side_by_side import HEADER, ROOT, Work, compare, require_pytorch

require_pytorch()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from mlp_resnet import MLPResNet, epoch  # noqa: E402
from pytorch_models import mlp_resnet  # noqa: E402
from training import mnist_files  # noqa: E402

import needle as ndl  # noqa: E402

BATCH = 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=3, help="how many are measured")
    options = parser.parse_args()
    folder = Path(os.environ.get("NEEDLE_DATA_DIR", ROOT / "data"))
    dataset = ndl.data.MNISTDataset(*mnist_files(folder, "train"))
    print(HEADER)
    compare("an epoch of MLPResNet on MNIST", needle(dataset), pytorch(dataset), options.epochs, 1, goal=1.5)
    return 0


def needle(dataset: ndl.data.MNISTDataset) -> Work:
    model = MLPResNet(784)
    opt = ndl.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    loader = ndl.data.DataLoader(dataset, BATCH, shuffle=True)
    return lambda: epoch(loader, model, opt)


def pytorch(dataset: ndl.data.MNISTDataset) -> Work:
    model = mlp_resnet(784)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    images = torch.from_numpy(dataset.images).flatten(1)
    labels = torch.from_numpy(dataset.labels.astype(np.int64))

    def run() -> tuple[float, float]:
        wrong, total = 0, 0.0
        for indices in torch.randperm(len(labels)).split(BATCH):
            logits = model(images[indices])
            loss = torch.nn.functional.cross_entropy(logits, labels[indices])
            opt.zero_grad()
            loss.backward()
            opt.step()
            wrong += int((logits.argmax(1) != labels[indices]).sum())
            total += loss.item() * len(indices)
        return wrong / len(labels), total / len(labels)

    return run


if __name__ == "__main__":
    sys.exit(main())
