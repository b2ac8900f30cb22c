"""kaiming_uniform: draws of NumPy, spread as worked by hand; fan_out and shape play no part in it."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import reproducible, shapes

DRAWS = [0.097627, 0.43037873, 0.20552675, 0.08976637, -0.1526904, 0.29178823]  # from -1 to 1, with seed 0
fans = st.integers(1, 8)


def seeded(seed=0):
    """Seed NumPy, and return the initializer, which failures show with its seed."""
    np.random.seed(seed)
    return shown_as("ndl.init.kaiming_uniform", ndl.init.kaiming_uniform, setup=f"np.random.seed({seed})")


def first_weights(count, *args, seed=0, **kwargs):
    """Return the first of the weights drawn with a seed, to be checked."""
    shown = seeded(seed)
    weights = shown.function(*args, **kwargs).numpy().ravel()[:count]
    return seen(f"{shown.line(shown.called(args, kwargs))}.numpy().ravel()[:{count}]", weights)


def test_draws_are_spread_from_minus_a_to_a():
    because = (
        "a = sqrt(2) * sqrt(3 / 6) = 1. NumPy draws 0.5488, 0.7152, 0.6028, 0.5449, 0.4237, 0.6459 from 0 to "
        "1; from -1 to 1 these are 2 * 0.5488 - 1 = 0.0976 and so on."
    )
    call(seeded(), 6, 1).returns([[draw] for draw in DRAWS], because=because)


def test_fan_in_alone_decides_on_the_bound():
    for fan_in, fan_out, bound in ((6, 24, 1), (24, 6, 0.5), (24, 1, 0.5), (150, 2, 0.2)):
        because = f"a = sqrt(6 / {fan_in}) = {bound}; fan_out plays no part in it."
        call(seeded(), fan_in, fan_out).has_shape((fan_in, fan_out))
        first_weights(6, fan_in, fan_out).returns([bound * draw for draw in DRAWS], because=because)


def test_a_shape_takes_the_place_of_the_fans():
    made = call(seeded(), 24, 2, shape=(1, 2, 3, 1)).has_shape((1, 2, 3, 1))
    because = "a = sqrt(6 / 24) = 0.5: the bound comes from fan_in, whatever the shape."
    made.returns(np.reshape([draw / 2 for draw in DRAWS], (1, 2, 3, 1)), because=because)


def test_weights_are_a_float32_tensor_unless_a_dtype_is_named():
    made = call(seeded(), 2, 3).has_type(ndl.Tensor)
    made.has_dtype("float32", because="init.rand makes float32 when it is left to it.")
    call(seeded(), 2, 3, shape=(3, 2), nonlinearity="relu").has_dtype("float32").has_type(ndl.Tensor)
    because = "keywords such as dtype and device go to init.rand."
    call(seeded(), 2, 3, dtype="float64", device=ndl.cpu()).has_dtype("float64", because=because)


def test_weights_require_a_gradient_only_if_asked_to():
    for asked in (False, True):
        made = call(seeded(), 2, 3, requires_grad=asked)
        if made.value.requires_grad is not asked:
            because = "requires_grad goes to init.rand, as all further keywords do."
            made.fail("requires_grad is wrong", str(made.value.requires_grad), str(asked), because)


def test_one_number_is_drawn_for_each_weight_and_no_more():
    because = "six weights take the draws 1 to 6: who draws next gets the seventh, 0.4375872."
    for shape in (None, (3, 1, 2)):
        made = call(seeded(), 2, 3, shape=shape)
        made.then("np.random.rand()", np.random.rand()).returns(0.43758721, because=because)


@reproducible
@given(fans, fans)
def test_four_times_the_fan_in_halves_the_weights(fan_in, fan_out):
    small = seeded(3).function(fan_in, fan_out).numpy().ravel()
    halves = [number / 2 for number in small.tolist()]
    because = f"sqrt(6 / (4 * n)) = sqrt(6 / n) / 2. These are the halves of the draws for {fan_in, fan_out}."
    found = first_weights(small.size, 4 * fan_in, fan_out, seed=3)
    found.returns(halves, because=because)


@reproducible
@given(fans, fans, shapes(1))
def test_another_shape_has_the_same_draws(fan_in, fan_out, shape):
    count = math.prod(shape)
    row = seeded(5).function(fan_in, count).numpy().ravel()[:count]
    call(seeded(5), fan_in, fan_out, shape=shape).has_shape(shape)
    because = "the draws are those for any other shape, with the bound of fan_in."
    first_weights(count, fan_in, fan_out, shape=shape, seed=5).returns(row, because=because)
