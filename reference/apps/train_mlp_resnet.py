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
    images = ndl.data.MNISTDataset(*mnist_files(data_dir(), "train"))
    batches = ndl.data.DataLoader(images, batch_size=100, shuffle=True)
    unseen = ndl.data.MNISTDataset(*mnist_files(data_dir(), "test"))
    test_batches = ndl.data.DataLoader(unseen, batch_size=100)
    np.random.seed(4)
    network = MLPResNet(dim=784, hidden_dim=100)
    adam = ndl.optim.Adam(network.parameters(), lr=0.001, weight_decay=0.001)
    rows = []
    print(HEADER)
    for number in range(1, options.epochs + 1):
        trained = epoch(progress(batches, f"epoch {number}"), network, adam)
        rows.append((*trained, *epoch(test_batches, network)))
        show_row(number, rows[-1])
    write_results(options, dataset, rows)


if __name__ == "__main__":
    main()
