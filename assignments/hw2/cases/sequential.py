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


def outcome_and_gradients(rng, model, calls):
    x = ndl.Tensor(rng.normal(size=(3, 2)).astype(np.float32))
    y = model(x)
    y.backward(ndl.Tensor(rng.normal(size=(3, 2)).astype(np.float32)))
    grads = [one.grad for one in model.parameters()]
    return {"y": y, "x": x.grad, "parameters": grads, "calls": calls, "modules": len(model.modules)}


@case()
def of_three_modules(rng):
    calls = []
    steps = [Step(rng, name, calls) for name in ("first", "second", "third")]
    return outcome_and_gradients(rng, ndl.nn.Sequential(*steps), calls)


@case()
def one_within_another_and_a_module_twice(rng):
    calls = []
    first, second, third = (Step(rng, name, calls) for name in ("first", "second", "third"))
    model = ndl.nn.Sequential(first, ndl.nn.Sequential(second, first), third, ndl.nn.Sequential())
    model.eval()
    training = [one.training for one in (model, first, second, third)]
    return {**outcome_and_gradients(rng, model, calls), "training": training}
