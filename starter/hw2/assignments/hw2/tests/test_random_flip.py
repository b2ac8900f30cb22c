"""random_flip: images small enough to turn by eye, and NumPy's draws one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import arrays, reproducible


def flip(p, seed=0):
    """Seed NumPy, and return the transform, to be called."""
    np.random.seed(seed)
    text = f"ndl.data.RandomFlipHorizontal({p})"
    return shown_as(text, ndl.data.RandomFlipHorizontal(p), setup=f"np.random.seed({seed})")


def flipped_one_after_the_other(p, count):
    """Return which of `count` calls in a row swapped columns, NumPy's next draw, and the text to paste."""
    transform = flip(p)
    image = np.array([[[1.0], [2.0]], [[3.0], [4.0]]], dtype=np.float32)
    swapped = [int(np.asarray(transform.function(image.copy()))[0, 0, 0] == 2) for _ in range(count)]
    text = f"{transform.setup}; flip = {transform.text}; "
    text += "image = np.array([[[1.0], [2.0]], [[3.0], [4.0]]], dtype=np.float32); "
    text += f"[flip(image.copy())[0, 0, 0] == 2 for _ in range({count})]"
    return swapped, np.random.rand(), text


def test_left_and_right_change_places():
    image = np.array([[[1], [2], [3]]], dtype=np.float32)
    because = "with p = 1 every image is flipped: its one row 1 2 3 becomes 3 2 1."
    call(flip(1), image).returns([[[3], [2], [1]]], because=because)


def test_top_and_bottom_stay_where_they_are():
    image = np.array([[[1], [2]], [[3], [4]], [[5], [6]]], dtype=np.float32)
    because = "axis 0 is the height, axis 1 the width: each row is turned around, and stays where it is."
    call(flip(1), image).returns([[[2], [1]], [[4], [3]], [[6], [5]]], because=because)


def test_the_channels_of_a_pixel_keep_their_order():
    image = np.array([[[1, 2, 3], [4, 5, 6]]], dtype=np.float32)
    because = "axis 2 holds a pixel's channels, say red, green, blue: they move together."
    call(flip(1), image).returns([[[4, 5, 6], [1, 2, 3]]], because=because)


def test_with_p_0_no_image_is_flipped():
    image = np.array([[[1], [2], [3]]], dtype=np.float32)
    call(flip(0), image).returns([[[1], [2], [3]]], because="no draw from [0, 1) is below 0.")


def test_an_image_is_flipped_when_the_draw_is_below_p():
    draws = "seed 0 draws 0.549, 0.715, 0.603, 0.545, 0.424"
    swapped, _, text = flipped_one_after_the_other(0.6, 5)
    seen(text, swapped).returns([1, 0, 0, 1, 1], because=f"{draws}: three are below 0.6.")
    swapped, _, text = flipped_one_after_the_other(0.5, 5)
    seen(text, swapped).returns([0, 0, 0, 0, 1], because=f"{draws}: only the last is below 0.5.")


def test_each_call_draws_once_whether_it_flips_or_not():
    for p in (0, 0.6, 1):
        flipped, following, text = flipped_one_after_the_other(p, 2)
        because = "seed 0 draws 0.549, 0.715 and then 0.603: two calls use up the first two."
        seen(f"{text}; np.random.rand()", following).returns(0.60276338, because=because)
        seen(text, flipped).returns([int(p > 0), int(p == 1)], because=f"{because} p is {p}.")


@reproducible
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)).flatmap(arrays),
    st.sampled_from([np.float32, np.float64, np.uint8]),
)
def test_any_image_has_its_pixels_in_their_rows_from_right_to_left(numbers, dtype):
    image = (np.abs(numbers) * 8).astype(dtype)
    made = call(flip(1), image)
    made.has_shape(image.shape).has_dtype(dtype, because="pixels move, and are not computed with.")
    for column in range(image.shape[1]):
        because = f"of an image {image.shape[1]} wide, column {column} is the old column "
        because += f"{image.shape[1] - 1 - column}."
        found = made.then(f"y[:, {column}]", np.asarray(made.value)[:, column])
        found.returns([row[-1 - column] for row in image.tolist()], because=because)
    made.keeps(because="the dataset's own image would be flipped once more in every epoch.")
