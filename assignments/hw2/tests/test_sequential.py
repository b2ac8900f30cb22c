"""sequential: modules that note what they are given, in a row, in two, and in none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import backward, call, shown_as
from grader.expect.drawing import arrays, reproducible, shapes


class Step(ndl.nn.Module):
    """A module for tests that notes its input, multiplies it by a number and adds another one."""

    def __init__(self, times, plus, notes=None):
        super().__init__()
        self.times, self.plus, self.notes = times, plus, [] if notes is None else notes
        self.weight = ndl.nn.Parameter(ndl.Tensor([float(times)], dtype="float32"))

    def forward(self, x):
        self.notes.append((self, x.numpy().ravel().tolist()))
        return ndl.add_scalar(ndl.mul_scalar(x, self.times), self.plus)

    def __repr__(self):
        return f"Step(times={self.times}, plus={self.plus})"


def made_of(parts):
    """Return a Sequential of modules and lists of modules, of which each becomes a Sequential itself."""
    return ndl.nn.Sequential(*(made_of(part) if isinstance(part, list) else part for part in parts))


def written(parts):
    """Return the Python that makes it."""
    inside = ", ".join(written(part) if isinstance(part, list) else repr(part) for part in parts)
    return f"ndl.nn.Sequential({inside})"


def in_a_row(*parts):
    """Return a Sequential of them to be called."""
    return shown_as(written(parts), made_of(parts))


def test_each_module_gets_what_the_one_before_returned():
    because = "3 * 2 + 0 = 6, then 6 * 1 + 10 = 16. (In the other order: (3 + 10) * 2 = 26.)"
    x = ndl.Tensor([3], dtype="float32")
    call(in_a_row(Step(2, 0), Step(1, 10)), x).returns([16], because=because)


def test_every_module_is_called_once_and_in_order():
    notes = []
    modules = [Step(2, 0, notes), Step(1, 10, notes), Step(-1, 0, notes)]
    made = call(in_a_row(*modules), ndl.Tensor([3], dtype="float32"))
    made.returns([-16], because="3 * 2 = 6, 6 + 10 = 16 and 16 * -1 = -16.")
    expected = [(modules[0], [3.0]), (modules[1], [6.0]), (modules[2], [16.0])]
    if notes != expected:
        made.fail("the modules and what they were given are wrong", str(notes), str(expected))


def test_one_module_alone_is_called():
    x = ndl.Tensor([[1, 2]], dtype="float32")
    call(in_a_row(Step(5, 1)), x).returns([[6, 11]], because="1 * 5 + 1 and 2 * 5 + 1.")


def test_no_module_at_all_returns_the_input():
    x = ndl.Tensor([[1, -2]], dtype="float32")
    call(in_a_row(), x).returns([[1, -2]], because="nothing is there that could change it.").keeps()


def test_the_modules_are_kept_in_order_and_their_parameters_found():
    first, second, third = Step(2, 0), Step(3, 1), Step(4, 2)
    sequential = in_a_row(first, [second, third], first)
    made = call(sequential, ndl.Tensor([1], dtype="float32"))
    made.returns([60], because="1 * 2 = 2, 2 * 3 + 1 = 7, 7 * 4 + 2 = 30 and 30 * 2 = 60.")
    parameters = sequential.function.parameters()
    if sorted(map(id, parameters)) != sorted(id(step.weight) for step in (first, second, third)):
        because = "nn.Module finds what stands in attributes, also in lists and tuples of modules: each once."
        found = f"{len(parameters)} parameters: {parameters}"
        made.fail("parameters() is wrong", found, "the three weights 2, 3 and 4", because)
    kept = getattr(sequential.function, "modules", ())
    if not (len(kept) == 3 and kept[0] is first and kept[2] is first):
        made.fail("the attribute `modules` is wrong", str(kept), "the modules that it was made of, in order")


def test_training_and_use_reach_every_module():
    steps = [Step(2, 0), Step(3, 1)]
    sequential = in_a_row(steps[0], [steps[1]])
    made = call(sequential, ndl.Tensor([1], dtype="float32"))
    made.returns([7], because="1 * 2 = 2, 2 * 3 + 1 = 7.")
    because = "train() and eval() go through the attributes, as parameters() does."
    for method, expected in (("eval", False), ("train", True)):
        getattr(sequential.function, method)()
        reached = [sequential.function.training, *(step.training for step in steps)]
        if reached != [expected] * 3:
            what = f"{method}() does not reach all modules"
            made.fail(what, f"training = {reached}", f"{expected} for all", because)


def test_a_gradient_passes_through_all_modules():
    x = ndl.Tensor([3, 4], dtype="float32")
    because = "y = ((x * 2) * 5 + 1) * 7 rises by 2 * 5 * 7 = 70 with x, and the weights are 1 and 10."
    found = backward(in_a_row(Step(2, 0), Step(5, 1), Step(7, 0)), x, out_grad=[1, 10])
    found[0].returns([70, 700], because=because)


@reproducible
@given(
    arrays(shapes(0, 3, 3), -2, 2),
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=5),
)
def test_any_number_of_modules_works_as_one_after_the_other(x, numbers):
    expected = x.astype(np.float64)
    for times, plus in numbers:
        expected = expected * times + plus
    made = call(in_a_row(*(Step(*pair) for pair in numbers)), ndl.Tensor(x))
    made.returns(expected, because="from left to right: times the first number, plus the second.").keeps()


def test_one_within_another_is_called_as_one_module():
    because = "the inner one makes 1 * 2 + 10 = 12 of 1, and then 12 * 3 = 36."
    x = ndl.Tensor([1], dtype="float32")
    call(in_a_row([Step(2, 0), Step(1, 10)], Step(3, 0)), x).returns([36], because=because)
