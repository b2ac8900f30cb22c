"""Softmax regression and a two-layer network in plain NumPy.

Shapes: N examples, D features, H hidden units, K classes; one example a row.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np


def add(x, y):
    """Return the sum of two numbers, or of two arrays element by element."""
    raise NotImplementedError("not started: hw0/add")


def parse_mnist(image_filename, label_filename):
    """Read images and labels from two gzipped files in MNIST's idx format.

    Shapes: X (N, rows * columns) float32, from 0 to 1; y (N,) uint8.
    """
    raise NotImplementedError("not started: hw0/parse_mnist")


def softmax_loss(Z, y):
    """Return the softmax (cross-entropy) loss, averaged over the examples.

    Shapes: logits Z (N, K), labels y (N,) whole numbers -> a number.
    """
    raise NotImplementedError("not started: hw0/softmax_loss")


def softmax_regression_epoch(X, y, theta, lr=0.1, batch=100):
    """Pass once over the data in their order, with one SGD step on theta for each minibatch.

    theta changes in place. The last minibatch holds what is left, and may be shorter.

    Shapes: X (N, D) float32, y (N,) uint8, theta (D, K) float32 -> None.
    """
    raise NotImplementedError("not started: hw0/softmax_regression_epoch")


def nn_epoch(X, y, W1, W2, lr=0.1, batch=100):
    """Pass once over the data in their order, with SGD on a network with logits relu(X W1) W2.

    W1 and W2 change in place. The last minibatch holds what is left, and may be shorter.

    Shapes: X (N, D) float32, y (N,) uint8, W1 (D, H) float32, W2 (H, K) float32 -> None.
    """
    raise NotImplementedError("not started: hw0/nn_epoch")


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
