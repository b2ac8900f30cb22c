import numpy as np
from train_cifar10 import epoch_general_cifar10, evaluate_cifar10, train_cifar10

import needle as ndl
from grader import case


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


class Net(ndl.nn.Module):
    """A model of images that drops hidden units in training, and notes in which mode it is called."""

    def __init__(self, rng, features=12, hidden=5, classes=4):
        super().__init__()
        first, second = normal(rng, features, hidden), normal(rng, hidden, classes)
        self.first, self.second = (ndl.nn.Parameter(ndl.Tensor(one)) for one in (first, second))
        self.modes = []

    def forward(self, images):
        self.modes.append(f"{'training' if self.training else 'evaluation'} {images.shape}")
        rows = images.reshape((images.shape[0], self.first.shape[0]))
        hidden = ndl.relu(rows @ self.first)
        kept = (np.random.rand(*hidden.shape) < (0.75 if self.training else 1)).astype(np.float32)
        return (hidden * ndl.Tensor(kept, requires_grad=False)) @ self.second


class Linear(ndl.nn.Module):
    """A model of one matrix: without a relu's corner, where two orders of summation might part."""

    def __init__(self, rng):
        super().__init__()
        self.weight = ndl.nn.Parameter(ndl.Tensor(normal(rng, 12, 4)))

    def forward(self, images):
        return images.reshape((images.shape[0], 12)) @ self.weight


class Bounded(ndl.optim.Optimizer):
    """An optimizer whose steps are bounded by tanh, which notes what is asked of it, and gradients."""

    made = None  # the last one, to be found after a training

    def __init__(self, params, lr=0.5, weight_decay=0.0):
        super().__init__(params)
        self.lr, self.weight_decay = lr, weight_decay
        self.calls, self.gradients = [], []
        Bounded.made = self

    def reset_grad(self):
        self.calls.append("reset_grad")
        super().reset_grad()

    def step(self):
        self.calls.append("step")
        for param in self.params:
            grad = param.grad.numpy()
            self.gradients.append(grad.copy())
            shrunk = param.numpy() * np.float32(1 - self.lr * self.weight_decay)
            param.data = ndl.Tensor(shrunk - np.float32(self.lr) * np.tanh(grad))


class Margin:
    """A loss that is twice the mean of the first logits."""

    def __call__(self, logits, labels):
        first = np.zeros(logits.shape, dtype=np.float32)
        first[:, 0] = 2 / len(first)
        return (logits * ndl.Tensor(first, requires_grad=False)).sum()


def figures(returned):
    accuracy, loss = returned
    return {"accuracy": float(accuracy), "loss": float(loss)}


def batches(rng, *counts):
    """Return batches of so many images of 3 by 2 by 2 numbers, and labels below 4."""
    made = [(normal(rng, count, 3, 2, 2), rng.integers(0, 4, size=count)) for count in counts]
    return [
        (ndl.Tensor(images, requires_grad=False), ndl.Tensor(labels, dtype="float32", requires_grad=False))
        for images, labels in made
    ]


@case()
def evaluation(rng):
    net = Net(rng)
    result = figures(evaluate_cifar10(net, batches(rng, 8, 8, 3)))
    other = figures(evaluate_cifar10(net, batches(rng, 4, 9), Margin))
    again = figures(epoch_general_cifar10(batches(rng, 5, 2), net, Margin()))
    return {"softmax": result, "margin": other, "epoch": again, "modes": net.modes, "first": net.first}


@case(rtol=1e-3)
def one_epoch(rng):
    net = Net(rng)
    net.eval()
    opt = Bounded(net.parameters())
    result = figures(epoch_general_cifar10(batches(rng, 6, 6, 2), net, opt=opt))
    seen = {"modes": net.modes, "calls": opt.calls, "gradients": opt.gradients, "following": np.random.rand()}
    return {**result, **seen, "ends": [net.first, net.second]}


@case(rtol=1e-3)
def several_epochs(rng):
    net = Linear(rng)
    settings = {"optimizer": Bounded, "lr": 0.125, "weight_decay": 0.25}
    result = figures(train_cifar10(net, batches(rng, 7, 7, 3), n_epochs=2, **settings))
    opt = Bounded.made
    return {**result, "settings": [opt.lr, opt.weight_decay], "calls": opt.calls, "end": net.weight}


@case(rtol=1e-3)
def training_with_another_loss(rng):
    net = Linear(rng)
    settings = {"optimizer": Bounded, "lr": 0.0625, "weight_decay": 0.5, "loss_fn": Margin}
    result = figures(train_cifar10(net, batches(rng, 4, 4, 4, 1), n_epochs=3, **settings))
    return {**result, "gradients": Bounded.made.gradients, "end": net.weight}
