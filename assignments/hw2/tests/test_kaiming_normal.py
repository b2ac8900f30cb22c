"""kaiming_normal: draws of a seeded NumPy, scaled as worked by hand; fan_out plays no part in them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import reproducible

DRAWS = [1.76405235, 0.40015721, 0.97873798, 2.2408932]  # of the standard normal distribution, with seed 0
fans = st.integers(1, 8)


def seeded(seed=0):
    """Seed NumPy, and return the initializer, which failures show with its seed."""
    np.random.seed(seed)
    return shown_as("ndl.init.kaiming_normal", ndl.init.kaiming_normal, setup=f"np.random.seed({seed})")


def first_weights(count, *args, seed=0, **kwargs):
    """Return the first of the weights drawn with a seed, to be checked."""
    shown = seeded(seed)
    weights = shown.function(*args, **kwargs).numpy().ravel()[:count]
    return seen(f"{shown.line(shown.called(args, kwargs))}.numpy().ravel()[:{count}]", weights)


def test_weights_of_two_inputs_are_standard_normal_draws():
    because = "std = sqrt(2) / sqrt(2) = 1: these are NumPy's own first draws."
    call(seeded(), 2, 2).returns([DRAWS[:2], DRAWS[2:]], because=because)


def test_fan_in_alone_decides_on_the_standard_deviation():
    for fan_in, fan_out, std in ((8, 2, 0.5), (2, 8, 1), (8, 8, 0.5), (200, 1, 0.1)):
        because = (
            f"std = sqrt(2) / sqrt({fan_in}) = {std}; fan_out plays no part in it. (The variance is "
            f"{std * std:g}: init.randn takes std.)"
        )
        call(seeded(), fan_in, fan_out).has_shape((fan_in, fan_out))
        first_weights(4, fan_in, fan_out).returns([std * draw for draw in DRAWS], because=because)


def test_weights_are_a_float32_tensor_unless_a_dtype_is_named():
    made = call(seeded(), 2, 3, nonlinearity="relu").has_type(ndl.Tensor)
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
@given(fans, fans)
def test_four_times_the_fan_in_halves_the_weights(fan_in, fan_out):
    small = seeded(3).function(fan_in, fan_out).numpy().ravel()
    halves = [number / 2 for number in small.tolist()]
    because = (
        f"sqrt(2) / sqrt(4 * n) = sqrt(2) / sqrt(n) / 2. These are the halves of the draws for "
        f"{fan_in, fan_out}."
    )
    found = first_weights(small.size, 4 * fan_in, fan_out, seed=3)
    found.returns(halves, because=because)


@reproducible
@given(fans, fans)
def test_weights_of_an_input_are_the_same_for_more_outputs(fan_in, fan_out):
    narrow = seeded(5).function(fan_in, fan_out).numpy().ravel()
    because = f"fan_in alone decides on std: these are the draws for {fan_in, fan_out}."
    first_weights(narrow.size, fan_in, fan_out + 1, seed=5).returns(narrow, because=because)
