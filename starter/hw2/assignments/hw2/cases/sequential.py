import numpy as np

import needle as ndl
from grader import case


class Step(ndl.nn.Module):
    """Note the input, multiply it by a weight, and add a number."""

    def __init__(self, rng, name, calls):
        super().__init__()
        self.weight = ndl.nn.Parameter(ndl.Tensor(np.array(rng.uniform(0.5, 2), dtype=np.float32)))
        self.plus, self.name, self.calls = float(rng.normal()), name, calls

    def forward(self, x):
        self.calls.append([self.name, x.numpy().copy()])
        return ndl.add_scalar(ndl.multiply(x, ndl.broadcast_to(self.weight, x.shape)), self.plus)


def outcome_and_gradients(rng, model, steps):
    x = ndl.Tensor(rng.normal(size=(3, 2)).astype(np.float32))
    y = model(x)
    y.backward(ndl.Tensor(rng.normal(size=(3, 2)).astype(np.float32)))
    weights = {step.name: step.weight.grad for step in steps}
    found = len(model.parameters()), len(model.modules)
    return {"y": y, "x": x.grad, "weights": weights, "calls": steps[0].calls, "found": found}


@case()
def of_three_modules(rng):
    calls = []
    steps = [Step(rng, name, calls) for name in ("first", "second", "third")]
    return outcome_and_gradients(rng, ndl.nn.Sequential(*steps), steps)


@case()
def with_a_module_twice_and_others_within(rng):
    calls = []
    steps = [Step(rng, name, calls) for name in ("first", "second", "third")]
    first, second, third = steps
    model = ndl.nn.Sequential(first, ndl.nn.Sequential(second, third), first, ndl.nn.Sequential())
    model.eval()
    training = [one.training for one in (model, *steps)]
    return {**outcome_and_gradients(rng, model, steps), "training": training}
