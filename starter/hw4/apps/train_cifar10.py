"""Training and evaluating a network that tells images apart."""

import needle as ndl
from needle import nn


def epoch_general_cifar10(dataloader, model, loss_fn=nn.SoftmaxLoss(), opt=None):  # noqa: B008 - has no state
    """Pass once over the data, and return the share of right answers and the loss.

    With an optimizer the model is in training mode, and each batch makes a step; otherwise it is in
    evaluation mode, and nothing changes. `loss_fn(logits, labels)` gives the mean loss of a batch. Both
    figures are means over all examples, floats, and are taken before each batch's step. NumPy's generator is
    seeded with 4 first. The images come to the model as they are.
    """
    raise NotImplementedError("not started: hw4/train_cifar10")


def train_cifar10(
    model,
    dataloader,
    n_epochs=1,
    optimizer=ndl.optim.Adam,
    lr=0.001,
    weight_decay=0.001,
    loss_fn=nn.SoftmaxLoss,
):
    """Train a model for some epochs, and return the (accuracy, loss) of the last one.

    `optimizer` and `loss_fn` are classes: one optimizer of all the model's parameters, made with lr and
    weight_decay, and one loss, made without arguments, serve all epochs.
    """
    raise NotImplementedError("not started: hw4/train_cifar10")


def evaluate_cifar10(model, dataloader, loss_fn=nn.SoftmaxLoss):
    """Return a model's (accuracy, loss) on the data, in evaluation mode; nothing is learned from them.

    `loss_fn` is a class, of which a loss is made without arguments.
    """
    raise NotImplementedError("not started: hw4/train_cifar10")
