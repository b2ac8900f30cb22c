import numpy as np

import needle as ndl
from grader import case
from needle.autograd import find_topo_sort


def grown(rng, leaves, ops):
    """Return leaves, and values that random ops make of random earlier ones."""
    values = [ndl.Tensor(float(number)) for number in rng.normal(size=leaves)]
    for _ in range(ops):
        left, right = (values[at] for at in rng.integers(0, len(values), size=2))
        kind = rng.integers(0, 3)
        values.append(left * 0.5 if kind == 0 else left + right if kind == 1 else left * right)
    return values


def places(values, outputs):
    """Return where each value stands in the order, -1 if nowhere, and how long the order is."""
    order = find_topo_sort(outputs)
    index = {id(value): at for at, value in enumerate(order)}
    return {"places": np.array([index.get(id(value), -1) for value in values]), "length": len(order)}


@case()
def of_one_output(rng):
    values = grown(rng, 4, 14)
    return places(values, [values[-1]])


@case()
def of_several_outputs(rng):
    values = grown(rng, 5, 12)
    return places(values, [values[at] for at in rng.integers(5, 17, size=3)])


@case()
def of_many_users_of_few_values(rng):
    values = grown(rng, 2, 3)
    for _ in range(12):
        first, second = rng.permutation(5)[:2]
        values.append(values[-1] * values[first] if rng.random() < 0.5 else values[second] + values[-1])
    return places(values, [values[-1], values[-3]])


@case(seeds=128)
def of_a_deep_graph(rng):
    values = [ndl.Tensor(1.0)]
    for left in rng.integers(0, 2, size=1200):
        leaf, last = ndl.Tensor(1.0), values[-1]
        values += [leaf, leaf + last if left else last + leaf]
    return places(values, [values[-1]])
