"""xavier_uniform: draws of a seeded NumPy, spread as worked by hand, and how the fans change them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import reproducible

fans = st.integers(1, 8)


def seeded(seed=0):
    """Seed NumPy, and return the initializer, which failures show with its seed."""
    np.random.seed(seed)
    return shown_as("ndl.init.xavier_uniform", ndl.init.xavier_uniform, setup=f"np.random.seed({seed})")


def first_weights(count, *args, seed=0, **kwargs):
    """Return the first of the weights drawn with a seed, to be checked."""
    shown = seeded(seed)
    weights = shown.function(*args, **kwargs).numpy().ravel()[:count]
    return seen(f"{shown.line(shown.called(args, kwargs))}.numpy().ravel()[:{count}]", weights)


def test_draws_are_spread_from_minus_a_to_a():
    because = (
        "a = sqrt(6 / (1 + 5)) = 1. NumPy draws 0.5488, 0.7152, 0.6028, 0.5449, 0.4237 from 0 to 1; "
        "from -1 to 1 these are 2 * 0.5488 - 1 = 0.0976 and so on."
    )
    expected = [[0.097627, 0.43037873, 0.20552675, 0.08976637, -0.1526904]]
    call(seeded(), 1, 5).returns(expected, because=because)


def test_both_fans_make_the_bound_narrower():
    draws = [0.097627, 0.43037873, 0.20552675, 0.08976637, -0.1526904]  # for a = 1
    for fan_in, fan_out, bound in ((22, 2, 0.5), (2, 22, 0.5), (100, 50, 0.2)):
        because = f"a = sqrt(6 / ({fan_in} + {fan_out})) = {bound}: all draws are {bound} of those for a = 1."
        call(seeded(), fan_in, fan_out).has_shape((fan_in, fan_out))
        first_weights(5, fan_in, fan_out).returns([bound * draw for draw in draws], because=because)


def test_the_gain_multiplies_the_bound():
    expected = [[0.292881, 1.29113619, 0.61658025, 0.26929911, -0.4580712]]
    call(seeded(), 1, 5, gain=3).returns(
        expected, because="a = 3 * sqrt(6 / (1 + 5)) = 3, so the draws are 3 times those for a gain of 1."
    )
    because = "0.5 is the gain: a = 0.5 * sqrt(6 / (1 + 5)) = 0.5."
    call(seeded(), 1, 5, 0.5).returns([[number / 6 for number in expected[0]]], because=because)


def test_weights_are_a_float32_tensor_unless_a_dtype_is_named():
    made = call(seeded(), 2, 3).has_type(ndl.Tensor)
    made.has_dtype("float32", because="init.rand makes float32 when it is left to it.")
    because = "keywords such as dtype and device go to init.rand."
    call(seeded(), 2, 3, dtype="float64", device=ndl.cpu()).has_dtype("float64", because=because)


def test_weights_require_a_gradient_only_if_asked_to():
    for asked in (False, True):
        made = call(seeded(), 2, 3, requires_grad=asked)
        if made.value.requires_grad is not asked:
            because = "requires_grad goes to init.rand, as all further keywords do."
            made.fail("requires_grad is wrong", str(made.value.requires_grad), str(asked), because)


def test_one_number_is_drawn_for_each_weight_and_no_more():
    made = call(seeded(), 2, 3)
    because = "six weights take the draws 1 to 6: who draws next gets the seventh, 0.4375872."
    made.then("np.random.rand()", np.random.rand()).returns(0.43758721, because=because)


@reproducible
@given(fans, fans, st.sampled_from([1, 2, 0.5, 0.25]))
def test_four_times_the_fans_halve_the_weights(fan_in, fan_out, gain):
    small = seeded(3).function(fan_in, fan_out, gain=gain).numpy().ravel()
    halves = [number / 2 for number in small.tolist()]
    because = f"sqrt(6 / (4 * n)) = sqrt(6 / n) / 2. These are the halves of the draws for {fan_in, fan_out}."
    found = first_weights(small.size, 4 * fan_in, 4 * fan_out, gain=gain, seed=3)
    found.returns(halves, because=because)


@reproducible
@given(fans, fans)
def test_swapped_fans_have_the_same_draws_in_another_shape(fan_in, fan_out):
    there = seeded(5).function(fan_in, fan_out).numpy().ravel()
    because = f"fan_in + fan_out is the same for {fan_in, fan_out}, and so is the bound."
    call(seeded(5), fan_out, fan_in).has_shape((fan_out, fan_in))
    first_weights(there.size, fan_out, fan_in, seed=5).returns(there, because=because)
