import needle as ndl
from grader import case


def multiplied(rng, left, right, dtype="float32"):
    """Return the product of two drawn tensors, and the tensors as they are after the call."""
    a, b = (ndl.Tensor(rng.normal(size=shape).astype(dtype)) for shape in (left, right))
    return {"product": ndl.matmul(a, b), "a": a, "b": b}


@case()
def of_matrices(rng):
    return {"square": multiplied(rng, (3, 3), (3, 3)), "oblong": multiplied(rng, (2, 5), (5, 4))}


@case()
def of_stacks(rng):
    return multiplied(rng, (3, 2, 4), (3, 4, 2), dtype="float64")


@case()
def of_a_stack_and_one_matrix(rng):
    return {"right": multiplied(rng, (3, 2, 4), (4, 3)), "left": multiplied(rng, (2, 2), (3, 2, 2))}


@case()
def of_batches_that_broadcast(rng):
    return {"both": multiplied(rng, (2, 1, 3, 4), (5, 4, 2)), "one": multiplied(rng, (3, 4, 2), (1, 2, 4))}
