"""Training and evaluating a network that tells images apart."""

import numpy as np

import needle as ndl
from needle import nn


def epoch_general_cifar10(dataloader, model, loss_fn=nn.SoftmaxLoss(), opt=None):  # noqa: B008 - has no state
    """Pass once over the data, and return the share of right answers and the loss.

    With an optimizer the model is in training mode, and each batch makes a step; otherwise it is in
    evaluation mode, and nothing changes. `loss_fn(logits, labels)` gives the mean loss of a batch. Both
    figures are means over all examples, floats, and are taken before each batch's step. NumPy's generator is
    seeded with 4 first. The images come to the model as they are.
    """
    np.random.seed(4)
    if opt is None:
        model.eval()
    else:
        model.train()
    examples, right, total_loss = 0, 0, 0.0
    with ndl.first_order():
        for images, labels in dataloader:
            logits = model(images)
            loss = loss_fn(logits, labels)
            if opt is not None:
                opt.reset_grad()
                loss.backward()
                opt.step()
            examples += labels.shape[0]
            right += (logits.numpy().argmax(axis=1) == labels.numpy()).sum().item()
            total_loss += loss.numpy().item() * labels.shape[0]
    return right / examples, total_loss / examples


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
    opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    loss = loss_fn()
    for _ in range(n_epochs):
        figures = epoch_general_cifar10(dataloader, model, loss, opt)
    return figures


def evaluate_cifar10(model, dataloader, loss_fn=nn.SoftmaxLoss):
    """Return a model's (accuracy, loss) on the data, in evaluation mode; nothing is learned from them.

    `loss_fn` is a class, of which a loss is made without arguments.
    """
    return epoch_general_cifar10(dataloader, model, loss_fn())
