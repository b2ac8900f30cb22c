"""random_crop: an image of nine numbers moved by shifts that are known, then any image pixel by pixel."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, seen, shown_as
from grader.expect.drawing import arrays, reproducible


def crop(seed, padding):
    """Seed NumPy, and return the transform, to be called."""
    np.random.seed(seed)
    text = f"ndl.data.RandomCrop({padding})"
    return shown_as(text, ndl.data.RandomCrop(padding), setup=f"np.random.seed({seed})")


def nine():
    """Return an image of 3 by 3 pixels: 1 2 3, 4 5 6, 7 8 9."""
    return np.arange(1, 10, dtype=np.float32).reshape(3, 3, 1)


def drawn(seed, shifts, padding=1):
    return f"np.random.seed({seed}); np.random.randint({-padding}, {padding + 1}, size=2) gives {shifts}"


def test_the_shift_0_0_gives_the_image_as_it_is():
    because = f"{drawn(10, [0, 0])}: the window lies where the image lies, inside the padding."
    call(crop(10, 1), nine()).returns(nine(), because=because)


def test_the_first_shift_moves_the_window_down():
    because = f"{drawn(5, [1, 0])}: the window begins a row lower, so all moves up and zeros come in below."
    call(crop(5, 1), nine()).returns([[[4], [5], [6]], [[7], [8], [9]], [[0], [0], [0]]], because=because)


def test_the_second_shift_moves_the_window_to_the_right():
    because = f"{drawn(16, [0, 1])}: the window begins a column further right; zeros come in at the right."
    call(crop(16, 1), nine()).returns([[[2], [3], [0]], [[5], [6], [0]], [[8], [9], [0]]], because=because)


def test_shifts_below_zero_move_the_window_up_and_to_the_left():
    because = f"{drawn(14, [-1, -1])}: zeros come in at the top and at the left."
    call(crop(14, 1), nine()).returns([[[0], [0], [0]], [[0], [1], [2]], [[0], [4], [5]]], because=because)


def test_shifts_reach_from_minus_padding_to_padding():
    because = f"{drawn(0, [2, -2], 2)}: two rows down and two columns to the left."
    call(crop(0, 2), nine()).returns([[[0], [0], [7]], [[0], [0], [0]], [[0], [0], [0]]], because=because)


def test_each_call_makes_one_draw_of_two_numbers():
    np.random.seed(3)
    np.random.randint(-2, 3, size=2), np.random.randint(-2, 3, size=2)
    expected = np.random.rand()
    transform = crop(3, 2)
    for _ in range(2):
        transform.function(nine())
    text = f"{transform.setup}; crop = {transform.text}; crop(image); crop(image); np.random.rand()"
    because = "NumPy's next draw is the one after twice np.random.randint(-2, 3, size=2)."
    seen(text, np.random.rand()).returns(expected, because=because)


@reproducible
@given(
    st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)).flatmap(arrays),
    st.sampled_from([np.float32, np.float64, np.uint8]),
    st.integers(0, 3),
    st.integers(0, 50),
)
def test_any_image_shows_each_pixel_at_its_place_and_zeros_around(numbers, dtype, padding, seed):
    image = (np.abs(numbers) * 8).astype(dtype)
    np.random.seed(seed)
    down, right = np.random.randint(-padding, padding + 1, size=2).tolist()
    made = call(crop(seed, padding), image)
    made.has_shape(image.shape, because="the window is as large as the image.")
    made.has_dtype(dtype, because="pixels move, and are not computed with.")
    expected = np.zeros(image.shape)
    for row, column, channel in np.ndindex(image.shape):
        if 0 <= row - down < image.shape[0] and 0 <= column - right < image.shape[1]:
            expected[row - down, column - right, channel] = image[row, column, channel]
    because = f"shift_x is {down}, shift_y is {right}: the pixel of row {max(down, 0)}, column "
    because += f"{max(right, 0)} comes to row {max(-down, 0)}, column {max(-right, 0)}."
    made.returns(expected, because=because)
    made.keeps(because="the dataset's own image would be moved once more in every epoch.")
