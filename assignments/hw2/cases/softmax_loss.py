import numpy as np

import needle as ndl
from grader import case


def loss_and_gradient(rng, z, dtype=np.float32, label_dtype=np.int64):
    """Return the loss for drawn labels, the logits' gradient, and the logits after the call."""
    rows, classes = z.shape
    z = ndl.Tensor(z.astype(dtype))
    y = ndl.Tensor(rng.integers(0, classes, size=rows).astype(label_dtype), requires_grad=False)
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
    return loss_and_gradient(rng, rng.normal(size=(7, 5)))


@case()
def logits_far_apart(rng):
    return loss_and_gradient(rng, rng.normal(scale=300, size=(6, 4)))


@case()
def in_double_precision_with_labels_of_floats(rng):
    return loss_and_gradient(rng, rng.normal(size=(4, 4)), np.float64, np.float32)


@case()
def labels_that_are_no_class(rng):
    z = rng.normal(size=(1, 3))
    answers = [refused(ndl.Tensor(z.astype(np.float32)), label) for label in (-1, 3)]
    return {**loss_and_gradient(rng, z), "labels": answers}
