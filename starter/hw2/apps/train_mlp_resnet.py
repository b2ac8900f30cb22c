"""Train MLPResNet on MNIST: `python apps/train_mlp_resnet.py --epochs 10 --plot losses.png`."""

import numpy as np
from mlp_resnet import MLPResNet, epoch
from training import (
    HEADER,
    announce_mnist,
    data_dir,
    mnist_files,
    parse_options,
    progress,
    show_row,
    write_results,
)

import needle as ndl


def main() -> None:
    options = parse_options("Train a residual network of linear layers on MNIST.")
    dataset = announce_mnist()
    train, test = (ndl.data.MNISTDataset(*mnist_files(data_dir(), part)) for part in ("train", "test"))
    batches = ndl.data.DataLoader(train, batch_size=100, shuffle=True)
    test_batches = ndl.data.DataLoader(test, batch_size=100)
    np.random.seed(4)
    model = MLPResNet(784, hidden_dim=100)
    opt = ndl.optim.Adam(model.parameters(), lr=0.001, weight_decay=0.001)
    rows = []
    print(HEADER)
    for number in range(1, options.epochs + 1):
        trained = epoch(progress(batches, f"epoch {number}"), model, opt)
        rows.append((*trained, *epoch(test_batches, model)))
        show_row(number, rows[-1])
    write_results(options, dataset, rows)


if __name__ == "__main__":
    main()
