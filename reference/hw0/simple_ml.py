"""Softmax regression and a two-layer network in plain NumPy.

Shapes: N examples, D features, H hidden units, K classes; one example a row.
"""

import argparse
import gzip
import json
import math
import os
import sys
from pathlib import Path

import numpy as np


def add(x, y):
    """Return the sum of two numbers, or of two arrays element by element."""
    return x + y


def _read_idx(filename, dimensions):
    """Return the bytes of a gzipped idx file as an array of that many dimensions."""
    with gzip.open(filename, "rb") as file:
        content = file.read()
    start = 4 * (dimensions + 1)
    magic, *shape = (int.from_bytes(content[at : at + 4], "big") for at in range(0, start, 4))
    expected = 0x0800 + dimensions  # 08: unsigned bytes
    if magic != expected:
        raise ValueError(f"{filename}: the magic number is {magic}. Expected {expected}. Is it another file?")
    if len(content) != start + math.prod(shape):
        raise ValueError(
            f"{filename}: found {len(content)} bytes. Expected {start + math.prod(shape)}. Fetch it again."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def parse_mnist(image_filename, label_filename):
    """Read images and labels from two gzipped files in MNIST's idx format.

    Shapes: X (N, rows * columns) float32, from 0 to 1; y (N,) uint8.
    """
    images, labels = _read_idx(image_filename, 3), _read_idx(label_filename, 1)
    if len(images) != len(labels):
        raise ValueError(
            f"{label_filename}: found {len(labels)} labels. Expected {len(images)}, one an image."
        )
    count, rows, columns = images.shape
    return images.reshape(count, rows * columns).astype(np.float32) / np.float32(255), labels


def softmax_loss(Z, y):
    """Return the softmax (cross-entropy) loss, averaged over the examples.

    Shapes: logits Z (N, K), labels y (N,) whole numbers -> a number.
    """
    shifted = Z - Z.max(axis=1, keepdims=True)  # the loss stays the same, and exp can't overflow
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y])


def _loss_gradient(Z, y):
    """Return the gradient of softmax_loss with respect to the logits.

    Shapes: Z (N, K), y (N,) -> (N, K).
    """
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    gradient = exponentials / exponentials.sum(axis=1, keepdims=True)
    gradient[np.arange(len(y)), y] -= 1
    return gradient / len(y)


def softmax_regression_epoch(X, y, theta, lr=0.1, batch=100):
    """Pass once over the data in their order, with one SGD step on theta for each minibatch.

    theta changes in place. The last minibatch holds what is left, and may be shorter.

    Shapes: X (N, D) float32, y (N,) uint8, theta (D, K) float32 -> None.
    """
    for start in range(0, len(X), batch):
        X_batch, y_batch = X[start : start + batch], y[start : start + batch]
        gradient = X_batch.T @ _loss_gradient(X_batch @ theta, y_batch)
        theta -= lr * gradient


def nn_epoch(X, y, W1, W2, lr=0.1, batch=100):
    """Pass once over the data in their order, with SGD on a network with logits relu(X W1) W2.

    W1 and W2 change in place. The last minibatch holds what is left, and may be shorter.

    Shapes: X (N, D) float32, y (N,) uint8, W1 (D, H) float32, W2 (H, K) float32 -> None.
    """
    for start in range(0, len(X), batch):
        inputs, labels = X[start : start + batch], y[start : start + batch]
        hidden = np.maximum(inputs @ W1, 0)
        logit_gradient = _loss_gradient(hidden @ W2, labels)
        hidden_gradient = (logit_gradient @ W2.T) * (hidden > 0)
        W1 -= lr * (inputs.T @ hidden_gradient)
        W2 -= lr * (hidden.T @ logit_gradient)


def loss_err(h, y):
    """Return the softmax loss of the logits h, and the share of examples that they put in a wrong class."""
    return softmax_loss(h, y), np.mean(h.argmax(axis=1) != y)


def train_softmax(X_tr, y_tr, X_te, y_te, epochs=10, lr=0.5, batch=100, cpp=False):
    """Train softmax regression from zeros, and return the last epoch's figures as loss_err gives them."""
    epoch = softmax_regression_epoch
    if cpp:
        from simple_ml_ext import softmax_regression_epoch_cpp as epoch
    theta = np.zeros((X_tr.shape[1], int(y_tr.max()) + 1), dtype=np.float32)
    return _train(
        lambda: epoch(X_tr, y_tr, theta, lr=lr, batch=batch),
        lambda: (*loss_err(X_tr @ theta, y_tr), *loss_err(X_te @ theta, y_te)),
        epochs,
    )


def train_nn(X_tr, y_tr, X_te, y_te, hidden_dim=500, epochs=10, lr=0.5, batch=100):
    """Train the two-layer network, and return the last epoch's figures as loss_err gives them."""
    features, classes = X_tr.shape[1], int(y_tr.max()) + 1
    W1 = np.random.randn(features, hidden_dim).astype(np.float32) / np.float32(np.sqrt(hidden_dim))
    W2 = np.random.randn(hidden_dim, classes).astype(np.float32) / np.float32(np.sqrt(classes))

    def logits(X):
        return np.maximum(X @ W1, 0) @ W2

    return _train(
        lambda: nn_epoch(X_tr, y_tr, W1, W2, lr=lr, batch=batch),
        lambda: (*loss_err(logits(X_tr), y_tr), *loss_err(logits(X_te), y_te)),
        epochs,
    )


def _train(epoch, figures, epochs):
    """Run the epochs, print a row of figures for each, and return the last row."""
    row = figures()
    print("epoch | train loss | train error | test loss | test error")
    for number in range(1, epochs + 1):
        epoch()
        row = figures()
        print("{:5d} | {:10.4f} | {:11.4f} | {:9.4f} | {:10.4f}".format(number, *row))
    return tuple(float(figure) for figure in row)


def load_mnist(folder):
    """Return (X_tr, y_tr, X_te, y_te) from a folder with MNIST's four files.

    Raises: SystemExit, with what to do, when a file is missing.
    """
    names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
    paths = [Path(folder) / f"{name}-ubyte.gz" for name in names]
    for path in paths:
        if not path.exists():
            raise SystemExit(
                f"{path}: not found. Run `make data DATASET=mnist`, "
                f"or `make data DATASET=mnist SYNTHETIC=1` for a stand-in that needs no network."
            )
    return *parse_mnist(*paths[:2]), *parse_mnist(*paths[2:])


def main():
    """Train on MNIST from the command line."""
    parser = argparse.ArgumentParser(description="Train softmax regression and a two-layer network on MNIST.")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--model", choices=["softmax", "mlp", "both"], default="both")
    parser.add_argument("--cpp", action="store_true", help="softmax regression with your C++ code")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the test errors to FILE")
    options = parser.parse_args()

    folder = Path(os.environ.get("NEEDLE_DATA_DIR", "data")) / "mnist"
    data = load_mnist(folder)
    dataset = "synthetic" if (folder / "SYNTHETIC.txt").exists() else "real"
    print(f"Data: {'real MNIST' if dataset == 'real' else 'the synthetic stand-in for MNIST'}, from {folder}")
    sys.path.append("build/lib")  # where `make build` puts simple_ml_ext
    summary = {"dataset": dataset}
    if options.model in ("softmax", "both"):
        print(f"\nSoftmax regression{' in C++' if options.cpp else ''}")
        summary["softmax_error"] = train_softmax(*data, epochs=options.epochs, lr=0.2, cpp=options.cpp)[3]
    if options.model in ("mlp", "both"):
        np.random.seed(0)
        print("\nTwo-layer network, 400 hidden units")
        summary["mlp_error"] = train_nn(*data, hidden_dim=400, epochs=options.epochs, lr=0.2)[3]
    if options.json:
        options.json.write_text(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
    main()
