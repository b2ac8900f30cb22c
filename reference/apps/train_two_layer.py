"""Train the two-layer network on MNIST: `python apps/train_two_layer.py --epochs 10 --plot losses.png`."""

import numpy as np
from training import announce_mnist, data_dir, mnist_files, parse_options, progress, write_results
from two_layer import nn_epoch, parse_mnist, softmax_loss

import needle as ndl

HIDDEN = 400
PIECE = 2_000  # examples between two moves of the progress bar: whole minibatches of 100


def first_weights(features: int, classes: int) -> tuple[ndl.Tensor, ndl.Tensor]:
    """Return weights with which the signal keeps about its size."""
    np.random.seed(0)
    return (
        ndl.init.randn(features, HIDDEN, std=HIDDEN**-0.5, requires_grad=True),
        ndl.init.randn(HIDDEN, classes, std=classes**-0.5, requires_grad=True),
    )


def error_and_loss(X: np.ndarray, y: np.ndarray, W1: ndl.Tensor, W2: ndl.Tensor) -> tuple[float, float]:
    labels = ndl.Tensor(y, requires_grad=False)
    logits = ndl.relu(ndl.Tensor(X, requires_grad=False) @ W1.detach()) @ W2.detach()
    truth = ndl.init.one_hot(W2.shape[1], labels)
    loss = softmax_loss(logits, truth)
    return float(np.mean(logits.numpy().argmax(axis=1) != y)), loss.numpy().item()


def main() -> None:
    options = parse_options("Train a network of two layers on MNIST.")
    dataset = announce_mnist()
    X, y = parse_mnist(*mnist_files(data_dir(), "train"))
    X_test, y_test = parse_mnist(*mnist_files(data_dir(), "test"))
    W1, W2 = first_weights(X.shape[1], int(y.max()) + 1)
    rows = []
    print("epoch | train error | train loss | test error | test loss")
    for number in range(1, options.epochs + 1):
        for start in progress(range(0, len(X), PIECE), f"epoch {number}"):
            piece = slice(start, start + PIECE)
            W1, W2 = nn_epoch(X[piece], y[piece], W1, W2, lr=0.2)
        rows.append((*error_and_loss(X, y, W1, W2), *error_and_loss(X_test, y_test, W1, W2)))
        print("{:5d} | {:11.4f} | {:10.4f} | {:10.4f} | {:9.4f}".format(number, *rows[-1]), flush=True)
    losses = {"training data": [row[1] for row in rows], "test data": [row[3] for row in rows]}
    write_results(options, dataset, rows[-1], losses)


if __name__ == "__main__":
    main()
