"""clip_grad_norm: 3, 4, 5 by hand, over all parameters together, and any gradients."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import runner, seen
from grader.expect.drawing import arrays, reproducible, shapes

ran = runner(ndl=ndl)


def with_gradient(name, numbers):
    """Return Python that makes a parameter, a little different from its gradient, and sets that."""
    numbers = np.asarray(numbers, dtype=np.float64)
    parameter = f"{name} = ndl.nn.Parameter(ndl.Tensor({(numbers + 0.5).tolist()}, dtype='float32'))"
    return f"{parameter}; {name}.grad = ndl.Tensor({numbers.tolist()}, dtype='float32')"


def becomes(*lines, because, **expected):
    """Expect these numbers in the gradients of these parameters after Python that clipped them."""
    made, text = ran(*lines)
    for name, numbers in expected.items():
        found = seen(f"{text}; {name}.grad", made[name].grad)
        found.has_type(ndl.Tensor).has_dtype(np.float32, because="float32 stays float32.")
        found.returns(numbers, because=because)
    return made, text


def test_a_gradient_that_is_too_long_keeps_its_direction():
    lines = with_gradient("p", [3, 4]), "ndl.optim.clip_grad_norm([p], max_norm=1.0)"
    because = "the norm of [3, 4] is sqrt(9 + 16) = 5; a fifth of it has the norm 1."
    becomes(*lines, p=[0.6, 0.8], because=because)
    lines = with_gradient("p", [-3, 4]), "ndl.optim.clip_grad_norm([p])"
    because = "by default max_norm is 0.25, a twentieth of the norm 5."
    becomes(*lines, p=[-0.15, 0.2], because=because)


def test_the_norm_is_that_of_all_gradients_together():
    lines = with_gradient("p", [3]), with_gradient("q", [[4]])
    because = "[3] and [[4]] together are as long as [3, 4], 5: both are divided by 5, not each by its own."
    becomes(*lines, "ndl.optim.clip_grad_norm([p, q], 1.0)", p=[0.6], q=[[0.8]], because=because)
    because = "each alone is no longer than 4.5, but together they are: 5. Both are multiplied by 0.9."
    becomes(*lines, "ndl.optim.clip_grad_norm([p, q], 4.5)", p=[2.7], q=[[3.6]], because=because)


def test_gradients_that_are_short_enough_stay_as_they_are():
    lines = with_gradient("p", [3]), with_gradient("q", [4])
    for max_norm in (5.0, 100.0):
        because = f"the norm, 5, is no more than {max_norm}: nothing is made longer."
        becomes(*lines, f"ndl.optim.clip_grad_norm([p, q], {max_norm})", p=[3], q=[4], because=because)
    lines = with_gradient("p", [0, 0]), "ndl.optim.clip_grad_norm([p], 1.0)"
    becomes(*lines, p=[0, 0], because="the norm is 0: nothing may be divided by it.")


def test_what_comes_back_is_the_norm_before():
    lines = with_gradient("p", [3]), with_gradient("q", [4])
    for max_norm in (1.0, 100.0):
        made, text = ran(*lines, f"norm = ndl.optim.clip_grad_norm([p, q], {max_norm})")
        because = "it tells whether the training is about to blow up: sqrt(9 + 16), clipped or not."
        seen(f"{text}; norm", made["norm"]).returns(5, because=because)


def test_a_parameter_without_a_gradient_is_passed_over():
    lines = with_gradient("p", [3, 4]), "q = ndl.nn.Parameter(ndl.Tensor([7.0], dtype='float32'))"
    because = "q.grad is None, so q has no part in the norm, 5."
    made, text = becomes(*lines, "ndl.optim.clip_grad_norm([q, p], 1.0)", p=[0.6, 0.8], because=because)
    seen(f"{text}; q.grad", made["q"].grad).returns_nothing(because="there was nothing to clip.")
    made, text = ran(lines[1], "norm = ndl.optim.clip_grad_norm([q], 1.0)")
    seen(f"{text}; norm", made["norm"]).returns(0, because="no gradient at all has the norm 0.")


def test_an_optimizer_clips_the_gradients_of_its_parameters():
    lines = with_gradient("p", [3]), with_gradient("q", [4]), "opt = ndl.optim.SGD([p, q], lr=0.1)"
    because = "opt.clip_grad_norm hands its parameters on: their norm, 5, becomes 1."
    becomes(*lines, "opt.clip_grad_norm(max_norm=1.0)", p=[0.6], q=[0.8], because=because)


def test_the_parameters_stay_as_they_are_and_the_gradients_hold_on_to_no_graph():
    made, text = ran(with_gradient("p", [3, 4]), "ndl.optim.clip_grad_norm([p], max_norm=1.0)")
    seen(f"{text}; p", made["p"]).returns([3.5, 4.5], because="only p.grad is clipped.")
    because = "a clipped gradient that leads to the unclipped one keeps that, and its graph, in memory."
    seen(f"{text}; p.grad", made["p"].grad).retains_no_graph(because=because)


@reproducible
@given(st.lists(arrays(shapes(0, 3, 3)), min_size=1, max_size=3), st.sampled_from([0.5, 2, 8]))
def test_any_gradients_are_multiplied_by_one_number(gradients, max_norm):
    names = ["p", "q", "r"][: len(gradients)]
    lines = [with_gradient(name, one) for name, one in zip(names, gradients, strict=True)]
    lines += [f"norm = ndl.optim.clip_grad_norm([{', '.join(names)}], {max_norm})"]
    norm = math.sqrt(math.fsum(float(number) ** 2 for one in gradients for number in one.flat))
    share = max_norm / norm if norm > max_norm else 1.0
    expected = {
        name: np.reshape([float(number) * share for number in one.flat], one.shape)
        for name, one in zip(names, gradients, strict=True)
    }
    because = f"the norm of all numbers is {norm:.4f}: each is multiplied by {share:.4f}."
    made, text = becomes(*lines, because=because, **expected)
    seen(f"{text}; norm", made["norm"]).returns(norm, because="that is the norm before.")
