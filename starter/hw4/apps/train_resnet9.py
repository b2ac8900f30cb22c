"""Train ResNet9 on CIFAR-10: `python apps/train_resnet9.py --epochs 5 --checkpoint resnet9.safetensors`."""

from pathlib import Path

import numpy as np
from checkpoints import add_checkpoint_options, done_before, save_checkpoint
from resnet9 import ResNet9
from train_cifar10 import epoch_general_cifar10, evaluate_cifar10
from training import announce, data_dir, option_parser, progress, write_results

import needle as ndl

BATCH = 128
EPOCHS = 5


def cifar10_folder() -> Path:
    """Return the folder with the batches. Raises: SystemExit, with what to do, when they are not there."""
    folder = data_dir() / "cifar-10-batches-py"
    if not (folder / "test_batch").exists():
        raise SystemExit(
            f"{folder / 'test_batch'}: not found. Run `make data DATASET=cifar10`, "
            f"or `make data DATASET=cifar10 SYNTHETIC=1` for a stand-in that needs no network."
        )
    return folder


def say(number: int, row: list[float]) -> None:
    """Print an epoch's figures."""
    print("{:5d} | {:14.4f} | {:10.4f} | {:13.4f} | {:9.4f}".format(number, *row), flush=True)


def main() -> None:
    parser = option_parser("Train a residual network of convolutions on CIFAR-10.", epochs=EPOCHS)
    add_checkpoint_options(parser)
    options = parser.parse_args()
    folder = cifar10_folder()
    dataset = announce("CIFAR-10", folder)
    np.random.seed(4)
    model = ResNet9()
    opt = ndl.optim.Adam(model.parameters(), lr=0.001, weight_decay=0.001)
    rows = done_before(options, model, opt) or []
    train, test = (ndl.data.CIFAR10Dataset(folder, train=part) for part in (True, False))
    batches, tests = ndl.data.DataLoader(train, BATCH, shuffle=True), ndl.data.DataLoader(test, BATCH)
    print("epoch | train accuracy | train loss | test accuracy | test loss")
    for number, row in enumerate(rows, 1):
        say(number, row)
    for number in range(len(rows) + 1, options.epochs + 1):
        figures = epoch_general_cifar10(progress(batches, f"epoch {number}"), model, opt=opt)
        rows.append([*figures, *evaluate_cifar10(model, progress(tests, "test"))])
        say(number, rows[-1])
        if options.checkpoint:
            save_checkpoint(options.checkpoint, model, opt, rows)
    train_accuracy, train_loss, test_accuracy, test_loss = rows[-1]
    figures = 1 - train_accuracy, train_loss, 1 - test_accuracy, test_loss
    losses = {"training data": [row[1] for row in rows], "test data": [row[3] for row in rows]}
    write_results(options, dataset, figures, losses)


if __name__ == "__main__":
    main()
