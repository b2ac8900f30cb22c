"""Train a language model on a text that `batchify` has laid out in columns.

A batch is a few rows. The next one goes on where it ended: so it begins with the state in which the model was
left, but without the graph behind that, which would reach back to the beginning of the text. That is
truncated backpropagation through time.
Source: Williams and Peng, An efficient gradient-based algorithm for on-line training of recurrent network
trajectories (1990).
"""

import needle as ndl
from needle import nn


def epoch_general_ptb(
    data,
    model,
    seq_len=40,
    loss_fn=nn.SoftmaxLoss(),  # noqa: B008 - one for all calls: a loss has no state
    opt=None,
    clip=None,
    device=None,
    dtype="float32",
):
    """Pass once over a text, and return the share of words that were predicted rightly, and the mean loss.

    The batches are `get_batch` of seq_len rows each, from row 0 to the last row that another follows; the
    last batch may be shorter. The model is called as model(x, h) and returns (logits, h): h is None for the
    first batch, and for the others the state that the batch before left, detached.

    With an optimizer the model is in training mode, and each batch makes a step; before it, if `clip` is a
    number, the gradients' norm is clipped to it (`opt.clip_grad_norm`). Without one the model is in
    evaluation mode, and nothing changes. Both figures are floats, means over all predicted words, and are
    taken before each batch's step. NumPy's generator is seeded with 4 first.
    Shapes: data (nbatch, B), as `batchify` made it.
    """
    raise NotImplementedError("not started: hw4/train_ptb")


def train_ptb(
    model,
    data,
    seq_len=40,
    n_epochs=1,
    optimizer=ndl.optim.SGD,
    lr=4.0,
    weight_decay=0.0,
    loss_fn=nn.SoftmaxLoss,
    clip=None,
    device=None,
    dtype="float32",
):
    """Train a model for some epochs, and return the last one's accuracy and loss.

    NumPy's generator is seeded with 4 first. One `optimizer`, of the model's parameters, lr and weight_decay,
    and one `loss_fn()` serve all epochs, each of which is an `epoch_general_ptb`.
    """
    raise NotImplementedError("not started: hw4/train_ptb")


def evaluate_ptb(model, data, seq_len=40, loss_fn=nn.SoftmaxLoss, device=None, dtype="float32"):
    """Return a model's accuracy and loss on a text, in evaluation mode; NumPy is seeded with 4 first."""
    raise NotImplementedError("not started: hw4/train_ptb")
