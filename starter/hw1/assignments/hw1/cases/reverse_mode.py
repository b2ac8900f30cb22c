import numpy as np

import needle as ndl
from grader import case
from needle.autograd import TensorOp


def uniform(rng, *shape):
    return ndl.Tensor(rng.uniform(0.5, 1.5, size=shape).astype(np.float32))


class Noted(TensorOp):
    """An op that passes its input on, and notes what comes back through it."""

    def __init__(self, notes):
        self.notes = notes

    def compute(self, a):
        return a + 0

    def gradient(self, out_grad, node):
        self.notes.append(float(out_grad.numpy().sum()))
        return out_grad


@case()
def of_leaves_and_interior_values(rng):
    a, b, c = (uniform(rng, 3, 4) for _ in range(3))
    m = a * b
    n = m * 0.7 + c
    y = n * m + a * a
    y.backward(uniform(rng, 3, 4))
    grads = {name: value.grad for name, value in {"a": a, "b": b, "c": c, "m": m, "n": n, "y": y}.items()}
    return {**grads, "y itself": y}


@case()
def of_random_graphs(rng):
    leaves = [uniform(rng, 5) for _ in range(3)]
    values, notes = [*leaves], []
    for _ in range(10):
        left, right = values[-1], values[int(rng.integers(0, len(values)))]
        left, right = (left, right) if rng.random() < 0.5 else (right, left)
        made = left * right * 0.5 if rng.random() < 0.4 else left + right * 0.3
        values.append(Noted(notes)(made * 0.8))
    (values[-1] + leaves[0] * leaves[1] * leaves[2]).backward(uniform(rng, 5))
    return {"leaves": [leaf.grad for leaf in leaves], "notes": np.array(notes)}


@case()
def of_gradients(rng):
    x, z = uniform(rng, 6), uniform(rng, 6)
    derivatives = []
    (x * x * x * z).backward()
    for _ in range(3):
        derivatives.append(x.grad.detach())
        x.grad.backward(uniform(rng, 6))
    return derivatives


@case()
def asked_for_twice(rng):
    x, z = uniform(rng, 2, 3), uniform(rng, 2, 3)
    y = x * z + x
    y.backward(uniform(rng, 2, 3))
    first = {"x": x.grad, "z": z.grad}
    (y * x).backward(uniform(rng, 2, 3))
    return {"first": first, "second": {"x": x.grad, "z": z.grad, "y": y.grad}}


@case()
def through_tuples(rng):
    a, b = uniform(rng, 4), uniform(rng, 4)
    t = ndl.fused_add_scalars(a * b, 0.5, 2)
    u = ndl.make_tuple(a, b) + t
    (u[0] * u[1] * t[1]).backward(uniform(rng, 4))
    return [a.grad, b.grad]


@case(seeds=128)
def of_a_deep_graph(rng):
    x = ndl.Tensor(float(rng.uniform(0.5, 1.5)))
    y = x
    for factor in rng.uniform(0.99, 1.01, size=1200).tolist():
        y = y * factor
    (y * y).backward()
    return x.grad
