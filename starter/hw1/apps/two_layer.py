"""A network of two layers on needle: reading MNIST, the loss, and an epoch of SGD.

Shapes: N examples, D features, H hidden units, K classes; one example a row.
"""


def parse_mnist(image_filesname, label_filename):
    """Read images and labels from two gzipped files in MNIST's idx format.

    `needle.idx.mnist_contents` gives the bytes of both files, checked.
    Shapes: X (N, rows * columns) float32, from 0 to 1; y (N,) uint8. Both are NumPy arrays.
    """
    raise NotImplementedError("not started: hw1/parse_mnist")


def softmax_loss(Z, y_one_hot):
    """Return the softmax (cross-entropy) loss, log(sum_k exp(z_k)) - z_y, averaged over the examples.

    Shapes: logits Z (N, K), y_one_hot (N, K) with a 1 at each example's label and 0 elsewhere -> ().
    Z and y_one_hot are Tensors, and so is the loss.
    """
    raise NotImplementedError("not started: hw1/softmax_loss")


def nn_epoch(X, y, W1, W2, lr=0.1, batch=100):
    """Pass once over the data in their order, with SGD on a network with logits relu(X W1) W2.

    The last minibatch holds what is left, and may be shorter. Return the weights after the last step, as
    Tensors with no graph behind them: W1 and W2 themselves, updated, or new ones.

    Shapes: X (N, D) float32 and y (N,) whole numbers, NumPy arrays; W1 (D, H) and W2 (H, K), float32 Tensors
    -> (W1, W2).
    """
    raise NotImplementedError("not started: hw1/nn_epoch")
