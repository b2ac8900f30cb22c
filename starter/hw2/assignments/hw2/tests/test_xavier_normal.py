"""xavier_normal: draws of a seeded NumPy, scaled as worked by hand, and how the fans change them."""

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
    return shown_as("ndl.init.xavier_normal", ndl.init.xavier_normal, setup=f"np.random.seed({seed})")


def first_weights(count, *args, seed=0, **kwargs):
    """Return the first of the weights drawn with a seed, to be checked."""
    shown = seeded(seed)
    weights = shown.function(*args, **kwargs).numpy().ravel()[:count]
    return seen(f"{shown.line(shown.called(args, kwargs))}.numpy().ravel()[:{count}]", weights)


def test_a_single_weight_is_the_standard_normal_draw():
    because = "std = sqrt(2 / (1 + 1)) = 1, and NumPy's first draw is 1.7640523."
    call(seeded(), 1, 1).returns([[1.76405235]], because=because)


def test_both_fans_make_the_standard_deviation_smaller():
    draws = [1.76405235, 0.40015721, 0.97873798, 2.2408932]  # for std = 1
    for fan_in, fan_out, std in ((2, 6, 0.5), (6, 2, 0.5), (50, 150, 0.1)):
        because = (
            f"std = sqrt(2 / ({fan_in} + {fan_out})) = {std}. "
            f"(The variance is {std * std:g}: init.randn takes std.)"
        )
        call(seeded(), fan_in, fan_out).has_shape((fan_in, fan_out))
        first_weights(4, fan_in, fan_out).returns([std * draw for draw in draws], because=because)


def test_the_gain_multiplies_the_standard_deviation():
    because = "std = 3 * sqrt(2 / (1 + 1)) = 3. A gain multiplies std, not the variance."
    call(seeded(), 1, 1, gain=3).returns([[5.29215704]], because=because)
    because = "0.5 is the gain: std = 0.5 * sqrt(2 / (1 + 1)) = 0.5."
    call(seeded(), 1, 1, 0.5).returns([[0.88202617]], because=because)


def test_weights_are_a_float32_tensor_unless_a_dtype_is_named():
    made = call(seeded(), 2, 3).has_type(ndl.Tensor)
    made.has_dtype("float32", because="init.randn makes float32 when it is left to it.")
    because = "keywords such as dtype and device go to init.randn."
    call(seeded(), 2, 3, dtype="float64", device=ndl.cpu()).has_dtype("float64", because=because)


def test_weights_require_a_gradient_only_if_asked_to():
    for asked in (False, True):
        made = call(seeded(), 2, 3, requires_grad=asked)
        if made.value.requires_grad is not asked:
            because = "requires_grad goes to init.randn, as all further keywords do."
            made.fail("requires_grad is wrong", str(made.value.requires_grad), str(asked), because)


def test_one_number_is_drawn_for_each_weight_and_no_more():
    made = call(seeded(), 2, 3)
    because = "six weights take the draws 1 to 6: who draws next gets the seventh, 0.9500884."
    made.then("np.random.randn()", np.random.randn()).returns(0.95008842, because=because)


@reproducible
@given(fans, fans, st.sampled_from([1, 2, 0.5, 0.25]))
def test_four_times_the_fans_halve_the_weights(fan_in, fan_out, gain):
    small = seeded(3).function(fan_in, fan_out, gain=gain).numpy().ravel()
    halves = [number / 2 for number in small.tolist()]
    because = f"sqrt(2 / (4 * n)) = sqrt(2 / n) / 2. These are the halves of the draws for {fan_in, fan_out}."
    found = first_weights(small.size, 4 * fan_in, 4 * fan_out, gain=gain, seed=3)
    found.returns(halves, because=because)


@reproducible
@given(fans, fans)
def test_swapped_fans_have_the_same_draws_in_another_shape(fan_in, fan_out):
    there = seeded(5).function(fan_in, fan_out).numpy().ravel()
    because = f"fan_in + fan_out is the same for {fan_in, fan_out}, and so is std."
    call(seeded(5), fan_out, fan_in).has_shape((fan_out, fan_in))
    first_weights(there.size, fan_out, fan_in, seed=5).returns(there, because=because)
