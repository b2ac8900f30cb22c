import numpy as np

import needle as ndl
from grader import case


def drawn_labels(rng, z):
    rows, classes = z.shape
    return rng.integers(0, classes, size=rows)


def loss_and_gradient(z, labels, dtype=np.float32):
    """Return the loss, the logits' gradient, and the logits after the call."""
    z, y = ndl.Tensor(z.astype(dtype)), ndl.Tensor(labels, requires_grad=False)
    loss = ndl.nn.SoftmaxLoss()(z, y)
    loss.backward()
    return {"loss": loss, "gradient": z.grad, "logits": np.abs(z.numpy()).sum()}


def refused(z, label):
    try:
        ndl.nn.SoftmaxLoss()(z, ndl.Tensor([label], requires_grad=False))
    except ValueError:
        return "refused"
    return "accepted"


@case()
def a_small_batch(rng):
    z = rng.normal(size=(7, 5))
    return loss_and_gradient(z, drawn_labels(rng, z))


@case()
def wrong_by_hundreds(rng):
    z = rng.normal(scale=300, size=(6, 4))
    return loss_and_gradient(z, z.argmin(axis=1))


@case()
def in_double_precision_with_labels_of_floats(rng):
    z = rng.normal(size=(4, 4))
    return loss_and_gradient(z, drawn_labels(rng, z).astype(np.float32), np.float64)


@case()
def labels_that_are_no_class(rng):
    z = rng.normal(size=(2, 3))
    answers = [refused(ndl.Tensor(z[:1].astype(np.float32)), label) for label in (-1, 3)]
    return {**loss_and_gradient(z, drawn_labels(rng, z)), "labels": answers}
