from functools import reduce
from operator import add

import numpy as np
from train_ptb import epoch_general_ptb, evaluate_ptb, train_ptb

import needle as ndl
from grader import case
from grader.expect import reachable


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def text(rng, rows, columns, words):
    return rng.integers(0, words, size=(rows, columns)).astype(np.float32)


class Recurrent(ndl.nn.Module):
    """A linear recurrence over the words' rows of a matrix, which notes how it is called."""

    def __init__(self, rows, step, out, paired=False):
        super().__init__()
        parts = (ndl.nn.Parameter(ndl.Tensor(one)) for one in (rows, step, out))
        self.rows, self.step, self.out = parts
        self.paired, self.modes, self.sizes, self.nodes, self.states = paired, [], [], [], []

    def forward(self, x, h):
        self.modes.append("training" if self.training else "evaluation")
        self.sizes.append(list(x.shape))
        state = h[1] if self.paired and h is not None else h
        self.nodes.append(0 if state is None else len(reachable(state)))
        words, outputs = x.numpy(), []
        for row in words:
            here = ndl.init.one_hot(self.rows.shape[0], row) @ self.rows
            state = here if state is None else here + state @ self.step
            outputs.append(state @ self.out)
        self.states.append(state.numpy().copy())
        places = np.eye(words.size, dtype=np.float32).reshape(len(words), -1, words.size)
        parts = [
            ndl.Tensor(place.T, requires_grad=False) @ output
            for place, output in zip(places, outputs, strict=True)
        ]
        logits = reduce(add, parts)
        dropped = logits * float(np.random.rand() + 0.5) if self.training else logits
        return dropped, (state * 3.0, state) if self.paired else state

    def noted(self):
        return {"modes": self.modes, "sizes": self.sizes, "nodes": self.nodes, "states": self.states}


def recurrent(rng, words, hidden, paired=False):
    return Recurrent(
        normal(rng, words, hidden), normal(rng, hidden, hidden) * 0.3, normal(rng, hidden, words), paired
    )


class Bounded(ndl.optim.Optimizer):
    """An optimizer whose steps are bounded by tanh, which notes what is asked of it, and gradients."""

    def __init__(self, params, lr=0.1, weight_decay=0.0):
        super().__init__(params)
        self.lr, self.weight_decay = lr, weight_decay
        self.calls, self.gradients = [], []
        Bounded.last = self

    def reset_grad(self):
        self.calls.append("reset_grad")
        super().reset_grad()

    def clip_grad_norm(self, max_norm=0.25):
        self.calls.append(f"clip {max_norm}")
        for param in self.params:
            param.grad = ndl.Tensor(param.grad.numpy() * np.float32(max_norm))
        return 1.0

    def step(self):
        self.calls.append("step")
        for param in self.params:
            grad = param.grad.numpy()
            self.gradients.append(grad.copy())
            kept = param.numpy() * np.float32(1 - self.lr * self.weight_decay)
            param.data = ndl.Tensor(kept - np.float32(self.lr) * np.tanh(grad))


def figures(returned):
    accuracy, loss = returned
    return {"accuracy": float(accuracy), "loss": float(loss)}


@case()
def in_evaluation(rng):
    model = recurrent(rng, 5, 3)
    result = figures(epoch_general_ptb(text(rng, 9, 4, 5), model, seq_len=3))
    return {**result, **model.noted(), "rows": model.rows, "following": np.random.rand()}


@case(rtol=1e-3, seeds=256)
def in_training_with_clipping(rng):
    model = recurrent(rng, 4, 3, paired=True)
    model.eval()
    opt = Bounded(model.parameters())
    result = figures(epoch_general_ptb(text(rng, 8, 3, 4), model, seq_len=3, opt=opt, clip=0.5))
    ends = [param.numpy() for param in model.parameters()]
    return {
        **result,
        **model.noted(),
        "calls": opt.calls,
        "gradients": opt.gradients,
        "ends": ends,
        "following": np.random.rand(),
    }


@case(rtol=1e-3, seeds=128)
def trained_and_evaluated(rng):
    model, train, test = recurrent(rng, 4, 3), text(rng, 8, 2, 4), text(rng, 6, 3, 4)
    settings = {"seq_len": 2, "n_epochs": 2, "optimizer": Bounded, "lr": 0.05, "weight_decay": 0.5}
    trained = figures(train_ptb(model, train, **settings, clip=0.75))
    tested = figures(evaluate_ptb(model, test, seq_len=4))
    return {"trained": trained, "tested": tested, **model.noted(), "calls": Bounded.last.calls}


@case(figure="error_rate", at_most=0.1, seeds=64)
def learns_which_word_follows(rng):
    order = rng.permutation(12)
    asked = rng.integers(0, 12, size=100)
    following = dict(zip(order.tolist(), np.roll(order, -1).tolist(), strict=True))
    words = [int(order[0])]
    for turn in rng.integers(0, 10, size=239):  # once in ten times, any word follows
        words.append(following[words[-1]] if turn else int(rng.integers(0, 12)))
    columns = np.array(words, dtype=np.float32).reshape(8, 30).T
    nothing = np.zeros((12, 12), dtype=np.float32)
    model = Recurrent(np.eye(12, dtype=np.float32), nothing, nothing)
    train_ptb(model, columns, seq_len=3, n_epochs=4, optimizer=Bounded, lr=0.25)
    return np.argmax(model.rows.numpy()[asked] @ model.out.numpy(), axis=1)
