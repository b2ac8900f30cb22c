"""Train a small network of convolutions on MNIST: `python apps/train_cnn.py --plot losses.png`."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from train_cifar10 import epoch_general_cifar10, evaluate_cifar10
from training import announce_mnist, data_dir, mnist_files, option_parser, progress, write_results

import needle as ndl
from needle import nn

BATCH = 100
EPOCHS = 6


class OneChannel(nn.Module):
    """Let grey images, whose one channel comes last, have it first."""

    def forward(self, x: ndl.Tensor) -> ndl.Tensor:
        count, rows, columns, _ = x.shape
        return x.reshape((count, 1, rows, columns))


def small_cnn() -> nn.Module:
    """Return a network of three convolutions and two linear layers.

    Shapes: (N, 28, 28, 1) -> (N, 10)
    """
    layers: list[nn.Module] = [OneChannel()]
    for channels, outputs, kernel, stride in ((1, 16, 5, 2), (16, 32, 3, 2), (32, 64, 3, 1)):
        layers += [nn.Conv(channels, outputs, kernel, stride), nn.BatchNorm2d(outputs), nn.ReLU()]
    layers += [nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.3), nn.Linear(128, 10)]
    return nn.Sequential(*layers)


def seeded(batches: Iterable[Any], seed: int) -> Iterator[Any]:
    """Begin a pass with another seed than an epoch's own: its own order, and its own shifts of images."""
    np.random.seed(seed)
    yield from batches


def main() -> None:
    options = option_parser("Train a small network of convolutions on MNIST.", EPOCHS).parse_args()
    dataset = announce_mnist()
    shifts = [ndl.data.RandomCrop(2)]
    train = ndl.data.MNISTDataset(*mnist_files(data_dir(), "train"), transforms=shifts)
    test = ndl.data.MNISTDataset(*mnist_files(data_dir(), "test"))
    batches, tests = ndl.data.DataLoader(train, BATCH, shuffle=True), ndl.data.DataLoader(test, BATCH)
    np.random.seed(4)
    model = small_cnn()
    opt = ndl.optim.Adam(model.parameters(), lr=0.002, weight_decay=1e-5)
    schedule = ndl.optim.CosineAnnealingLR(opt, options.epochs)
    rows = []
    print("epoch | train error | train loss | test error | test loss")
    for number in range(1, options.epochs + 1):
        steps = seeded(progress(batches, f"epoch {number}"), number)
        accuracy, loss = epoch_general_cifar10(steps, model, opt=opt)
        test_accuracy, test_loss = evaluate_cifar10(model, progress(tests, "test"))
        schedule.step()
        rows.append((1 - accuracy, loss, 1 - test_accuracy, test_loss))
        print("{:5d} | {:11.4f} | {:10.4f} | {:10.4f} | {:9.4f}".format(number, *rows[-1]), flush=True)
    losses = {"training data": [row[1] for row in rows], "test data": [row[3] for row in rows]}
    write_results(options, dataset, rows[-1], losses)


if __name__ == "__main__":
    main()
