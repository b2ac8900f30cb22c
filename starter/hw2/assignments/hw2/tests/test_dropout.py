"""dropout: draws of a seeded NumPy that decide what is kept, in training, in use and on the way back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import backward, call, seen, shown_as
from grader.expect.drawing import arrays, reproducible, shapes

DRAWS = "NumPy draws 0.5488, 0.7152, 0.6028, 0.5449"  # with seed 0


def seeded(p, *, training=True, seed=0):
    """Return a dropout to be called with NumPy seeded, as failures show."""
    dropout = ndl.nn.Dropout(p)
    setup = f"dropout = ndl.nn.Dropout({p})"
    if not training:
        dropout.eval()
        setup += "; dropout.eval()"
    np.random.seed(seed)
    return shown_as("dropout", dropout, setup=f"{setup}; np.random.seed({seed})")


def kept_or_not(count, p, seed):
    """Return whether each of so many elements is kept, from the same draws one by one."""
    np.random.seed(seed)
    return [np.random.rand() <= 1 - p for _ in range(count)]


def test_an_element_is_kept_where_the_draw_is_below_1_minus_p_and_divided_by_it():
    because = f"{DRAWS}; up to 0.6 an element is kept, with 1 / 0.6 of its size: 3 / 0.6 = 5, 12 / 0.6 = 20."
    x = ndl.Tensor([3, 6, 9, 12], dtype="float32")
    call(seeded(0.4), x).returns([5, 0, 0, 20], because=because).keeps()


def test_p_is_how_probable_it_is_that_an_element_becomes_zero():
    x = ndl.Tensor([[1, 1], [1, 1]], dtype="float32")
    because = f"{DRAWS}: all are below 1 - 0.2, and all is kept, at 1 / 0.8 = 1.25."
    call(seeded(0.2), x).returns([[1.25, 1.25], [1.25, 1.25]], because=because)
    because = f"{DRAWS}: none is below 1 - 0.8."
    call(seeded(0.8), x).returns([[0, 0], [0, 0]], because=because)


def test_by_default_half_of_the_elements_become_zero():
    np.random.seed(0)
    dropout = shown_as("ndl.nn.Dropout()", ndl.nn.Dropout(), setup="np.random.seed(0)")
    x = ndl.Tensor([1, 2, 3, 4, 5, 6, 7], dtype="float32")
    because = "by default p is 0.5, and the draws 5 and 7, 0.4237 and 0.4376, are below: 5 and 7, doubled."
    call(dropout, x).returns([0, 0, 0, 0, 10, 0, 14], because=because)


def test_with_p_0_everything_is_kept_as_it_is():
    x = ndl.Tensor([[1, -2], [0.5, 4]], dtype="float32")
    because = "every draw is below 1, and 1 / (1 - 0) = 1."
    call(seeded(0.0), x).returns([[1, -2], [0.5, 4]], because=because)


def test_in_use_nothing_is_dropped_and_nothing_is_drawn():
    x = ndl.Tensor([3, 6, 9, 12], dtype="float32")
    made = call(seeded(0.4, training=False), x)
    made.returns([3, 6, 9, 12], because="after eval() x stays as it is: nothing dropped, nothing scaled.")
    because = "who draws next gets the first number: a mask that nobody needs shifts everyone's draws."
    made.then("np.random.rand()", np.random.rand()).returns(0.5488135, because=because)


def test_after_use_training_drops_again():
    dropout = ndl.nn.Dropout(0.4)
    dropout.eval()
    dropout.train()
    np.random.seed(0)
    setup = "dropout = ndl.nn.Dropout(0.4); dropout.eval(); dropout.train(); np.random.seed(0)"
    made = call(shown_as("dropout", dropout, setup=setup), ndl.Tensor([3, 6, 9, 12], dtype="float32"))
    made.returns([5, 0, 0, 20], because=f"{DRAWS}; up to 0.6 an element is kept, and divided by 0.6.")


def test_every_call_draws_one_number_for_each_element():
    dropout = seeded(0.5)
    x = ndl.Tensor([1, 1, 1, 1], dtype="float32")
    first = call(dropout, x)
    first.returns([0, 0, 0, 0], because=f"{DRAWS}: none is below 1 - 0.5.")
    second = first.then("dropout(x)", dropout.function(x))
    because = "the next draws are 0.4237, 0.6459, 0.4376, 0.8918: a new mask for each call."
    second.returns([2, 0, 2, 0], because=because)
    after = second.then("np.random.rand()", np.random.rand())
    after.returns(0.96366276, because="eight elements have taken eight draws: this is the ninth.")


def test_a_gradient_passes_only_where_an_element_was_kept():
    x = ndl.Tensor([3, 6, 9, 12], dtype="float32")
    because = f"{DRAWS}: the first and the last were kept, and grow by 1 / 0.6 with x: 6 / 0.6, 3 / 0.6."
    backward(seeded(0.4), x, out_grad=[6, 6, 6, 3])[0].returns([10, 0, 0, 5], because=because)


def test_it_has_nothing_to_learn():
    dropout = seeded(0.4)
    call(dropout, ndl.Tensor([3], dtype="float32")).returns([5], because="0.5488 is below 0.6: 3 / 0.6 = 5.")
    count = seen(f"{dropout.setup}; len(dropout.parameters())", len(dropout.function.parameters()))
    count.returns(0, because="p is given, and a mask is no parameter.")


@reproducible
@given(arrays(shapes(1, 3)), st.sampled_from([0.5, 0.25, 0.75, 0.1]), st.integers(0, 5))
def test_each_element_of_any_shape_is_dropped_or_scaled(x, p, seed):
    kept = kept_or_not(x.size, p, seed)
    numbers = [one / (1 - p) if keep else 0.0 for one, keep in zip(x.ravel().tolist(), kept, strict=True)]
    because = f"the draws of this seed keep {sum(kept)} of {len(kept)}, divided by 1 - {p}."
    made = call(seeded(p, seed=seed), ndl.Tensor(x)).returns(np.reshape(numbers, x.shape), because=because)
    made.has_dtype(np.float32, because="a mask of float64 makes all that follows float64.").keeps()
