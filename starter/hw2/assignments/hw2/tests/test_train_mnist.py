"""train_mnist: a few made images in files of MNIST's names, and optimizers that note how they are made."""

import gzip
import math

import numpy as np
import pytest
from mlp_resnet import train_mnist

import needle as ndl
from grader.expect import call

NAMES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}


@pytest.fixture
def folder(tmp_path):
    """Write MNIST's four files: 9 images to train with, of which 3 show a 3, and 5 to test, of which 4 do."""
    for part, labels in (("train", [3, 1, 7, 3, 0, 3, 9, 8, 2]), ("test", [3, 3, 5, 3, 3])):
        images = b"".join(picture(label) for label in labels)
        contents = {"images": (0x803, len(labels), 28, 28), "labels": (0x801, len(labels))}
        for name, header, data in zip(NAMES[part], contents.values(), (images, bytes(labels)), strict=True):
            numbers = b"".join(number.to_bytes(4, "big") for number in header)
            (tmp_path / name).write_bytes(gzip.compress(numbers + data))
    return str(tmp_path)


def picture(label):
    """Return 28 by 28 bytes, of which two rows are bright, another two for each label."""
    return bytes(255 if row // 2 == label else 0 for row in range(28) for _ in range(28))


class Settling:
    """An optimizer that notes how it is made; its step makes 0 of all, but for the last layer's bias at 3."""

    def __init__(self, params, **settings):
        self.params, self.settings, self.steps = list(params), settings, 0
        self.weights = [param.numpy().copy() for param in self.params]
        Settling.last = self

    def reset_grad(self):
        for param in self.params:
            param.grad = None

    def step(self):
        self.steps += 1
        for param in self.params:
            values = np.zeros(param.shape, dtype=np.float32)
            if param.shape == (1, 10):
                values[0, 3] = 2
            param.data = ndl.Tensor(values)


def test_it_returns_the_last_epochs_training_figures_and_then_those_of_the_test_data(folder):
    made = call(train_mnist, 4, 2, Settling, hidden_dim=6, data_dir=folder)
    because = "after its first step this model always answers 3: of 9 training labels 6 are others, of 5 "
    because += "test labels 1. The first epoch had figures of its own; those of the last are returned."
    made[0].returns(6 / 9, because=because)
    made[2].returns(1 / 5, because=because)
    because = (
        "the logits are 0, but 2 at class 3: the loss is log(9 + e^2) - 2 for a 3, and log(9 + e^2) else."
    )
    log_sum = math.log(9 + math.exp(2))
    made[1].returns(log_sum - 2 * 3 / 9, because=because)
    made[3].returns(log_sum - 2 * 4 / 5, because=because)


def test_the_optimizer_gets_all_parameters_the_learning_rate_and_the_weight_decay(folder):
    made = call(train_mnist, 5, 1, Settling, lr=0.25, weight_decay=0.125, hidden_dim=6, data_dir=folder)
    opt = Settling.last
    expected = {"lr": 0.25, "weight_decay": 0.125}
    if opt.settings != expected:
        because = "optimizer(parameters, lr=lr, weight_decay=weight_decay)."
        found = made.then("the settings of the optimizer", opt.settings)
        found.fail("they are wrong", f"{opt.settings}", f"{expected}", because)
    shapes = sorted(param.shape for param in opt.params)
    block = [(6, 3), (1, 3), (3,), (3,), (3, 6), (1, 6), (6,), (6,)]
    expected = sorted([(784, 6), (1, 6), *block * 3, (6, 10), (1, 10)])
    if shapes != expected:
        because = "the model is MLPResNet(784, 6), and all of its parameters learn."
        made.fail("the shapes of the parameters are wrong", f"{shapes}", f"{expected}", because)


def test_each_epoch_steps_once_for_each_batch_of_the_training_data(folder):
    for batch_size, epochs, steps in ((4, 2, 6), (9, 3, 3), (2, 1, 5)):
        made = call(train_mnist, batch_size, epochs, Settling, hidden_dim=4, data_dir=folder)
        because = (
            f"9 examples in batches of {batch_size}, the last maybe shorter, {epochs} times; none to test."
        )
        made.then("the number of steps", Settling.last.steps).returns(steps, because=because)


def test_the_training_data_come_shuffled_and_the_test_data_in_their_order(folder, monkeypatch):
    asked, item = {9: [], 5: []}, ndl.data.MNISTDataset.__getitem__

    def noting(dataset, index):
        asked[len(dataset)] += np.atleast_1d(index).tolist()
        return item(dataset, index)

    monkeypatch.setattr(ndl.data.MNISTDataset, "__getitem__", noting)
    made = call(train_mnist, 4, 2, Settling, hidden_dim=4, data_dir=folder)
    because = "each epoch begins with np.random.seed(4), after which a loader that shuffles has this order."
    found = made.then("numbers of the training examples, as they came", asked[9])
    found.returns([3, 4, 6, 2, 8, 0, 1, 5, 7] * 2, because=because)
    found = made.then("numbers of the test examples, as they came last", asked[5][-5:])
    found.returns([0, 1, 2, 3, 4], because="their order plays no part in the figures: nothing is shuffled.")


def test_the_model_is_drawn_right_after_numpy_is_seeded_with_4(folder):
    np.random.seed(0)
    made = call(train_mnist, 9, 1, Settling, hidden_dim=6, data_dir=folder)
    np.random.seed(4)
    weight = max(Settling.last.weights, key=np.size)
    because = "np.random.seed(4), and then MLPResNet(784, 6), whose first layer draws first."
    expected = ndl.nn.Linear(784, 6).weight
    made.then("the weight of the first layer, as drawn", weight).returns(expected, because=because)


def test_whatever_was_drawn_before_the_same_call_gives_the_same_figures(folder):
    np.random.seed(1)
    first = call(train_mnist, 3, 2, lr=0.01, hidden_dim=8, data_dir=folder)
    np.random.seed(2)
    again = call(train_mnist, 3, 2, lr=0.01, hidden_dim=8, data_dir=folder)
    for at in range(4):
        again[at].returns(first[at].value, because="training begins with np.random.seed(4).")


def test_adam_learns_to_tell_nine_images_apart(folder):
    made = call(train_mnist, 3, 30, lr=0.01, hidden_dim=20, data_dir=folder)
    because = "each label lights up two rows of its own; after 30 epochs of 3 steps nearly all is learned."
    for name, figure, bound in (
        ("train error", made[0], 0.3),
        ("train loss", made[1], 1.0),
        ("test loss", made[3], 1.5),
    ):
        if not figure.value <= bound:
            figure.fail(f"the {name} is too large", f"{figure.value}", f"at most {bound}", because)
