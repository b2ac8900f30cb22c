import needle as ndl
from grader import case


def reshaped(a, *shapes):
    """Return the tensor in several shapes, and as it is after the calls."""
    return {"reshaped": [ndl.reshape(a, shape) for shape in shapes], "a": a}


@case()
def of_a_matrix(rng):
    a = ndl.Tensor(rng.normal(size=(4, 6)).astype("float32"))
    return reshaped(a, (6, 4), (24,), (2, 3, 4), (1, 8, 1, 3))


@case()
def of_an_array_that_lies_by_columns(rng):
    return reshaped(ndl.Tensor(rng.normal(size=(3, 4)).T), (3, 4), (2, 6), (12,))


@case()
def of_a_single_number(rng):
    a = ndl.Tensor(rng.uniform(2, 9, size=(1, 1)).astype("float32"))
    return reshaped(a, (), (1,), (1, 1, 1))
