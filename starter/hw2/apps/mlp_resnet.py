"""A residual network of linear layers, trained on MNIST."""

import needle as ndl
from needle import nn


def ResidualBlock(dim, hidden_dim, norm=nn.BatchNorm1d, drop_prob=0.1):  # noqa: N802 - called as a module is
    """Return a block that adds to its input what two linear layers make of it, and ends with a ReLU.

    Sequential(Residual(Sequential(Linear, norm, ReLU, Dropout, Linear, norm)), ReLU), from dim to hidden_dim
    and back; the modules are made in this order, which is that of the random draws.
    """
    raise NotImplementedError("not started: hw2/residual_block")


def MLPResNet(  # noqa: N802 - as above
    dim, hidden_dim=100, num_blocks=3, num_classes=10, norm=nn.BatchNorm1d, drop_prob=0.1
):
    """Return a network from dim features to the logits of num_classes classes.

    Sequential(Linear, ReLU, num_blocks blocks, Linear), where a block is ResidualBlock(hidden_dim,
    hidden_dim // 2, norm, drop_prob); the modules are made in this order.
    """
    raise NotImplementedError("not started: hw2/mlp_resnet")


def epoch(dataloader, model, opt=None):
    """Pass once over the data, and return the share of wrong answers and the softmax loss.

    With an optimizer the model is in training mode, and each batch makes a step; otherwise it is in
    evaluation mode, and nothing changes. Both figures are means over all examples, floats, and are taken
    before each batch's step. NumPy's generator is seeded with 4 first. The images are flattened.
    """
    raise NotImplementedError("not started: hw2/epoch")


def train_mnist(
    batch_size=100,
    epochs=10,
    optimizer=ndl.optim.Adam,
    lr=0.001,
    weight_decay=0.001,
    hidden_dim=100,
    data_dir="data",
):
    """Train an MLPResNet on MNIST, and return its last (train error, train loss, test error, test loss).

    NumPy's generator is seeded with 4 first, and the model is made next, MLPResNet(784, hidden_dim). Each
    epoch goes over the training data in shuffled batches; the test data, in order, come once at the end.
    `mnist_files(data_dir, "train")`, from `training`, gives the names of the two files of training data,
    and with "test" those of the test data.
    """
    raise NotImplementedError("not started: hw2/train_mnist")
