"""fast.convolve and fast.convolve_for_kernels give sums of products, for images and kernels of any layout."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strided_views import Array, drawn, fast, lacks, read, run_tests_with, shaped, threads, uploaded, views

ROUNDING = 2.0**-23


class Places(NamedTuple):
    """Where kernels lie: row k of one, for row y of the result, on (y * stride + k - above) / dilation."""

    height: int
    width: int
    stride: int
    dilation: int
    above: int
    left: int


def places_of(stride: int, dilation: int) -> st.SearchStrategy[Places]:
    shifts = st.integers(-2, 5)
    lengths = st.integers(0, 13)
    return st.builds(Places, lengths, lengths, st.just(stride), st.just(dilation), shifts, shifts)


strided = st.integers(1, 4).flatmap(lambda stride: places_of(stride, 1))
either = st.one_of(strided, st.integers(2, 4).flatmap(lambda dilation: places_of(1, dilation)))


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, ...]:
    """Draw how many images there are, their size and channels; then the kernels' size and channels."""
    count, kernel = draw(st.sampled_from([0, 1, 2, 5, 13, 30])), st.integers(0, 4)
    image, channels = st.integers(0, 13), st.sampled_from([0, 1, 3, 4, 17, 33])
    return count, draw(image), draw(image), draw(channels), draw(kernel), draw(kernel), draw(channels)


@drawn
@given(st.data(), sizes(), either)
def test_a_convolution_gives_its_sums(data: st.DataObject, size: tuple[int, ...], places: Places) -> None:
    images, kernels = data.draw(views(size[:4])), data.draw(views((*size[4:6], size[3], size[6])))
    check(images, kernels, places)


@drawn
@given(st.data(), sizes(), strided)
def test_kernels_gradients_are_their_sums(data: st.DataObject, size: tuple[int, ...], places: Places) -> None:
    images = data.draw(views(size[:4]))
    grad = data.draw(views((size[0], places.height, places.width, size[6])))
    check_for_kernels(images, grad, size[4:6], places)


# rows and channels in several goes, images in several blocks, columns in several panels
LARGE = [
    ((2, 9, 400, 3), (3, 3, 3, 5), Places(9, 400, 1, 1, 1, 1)),
    ((2, 1, 700, 600), (1, 3, 600, 5), Places(1, 350, 2, 1, 0, 1)),
    ((40, 4, 4, 70), (3, 3, 70, 70), Places(4, 4, 1, 1, 1, 1)),
    ((40, 4, 5, 24), (3, 3, 24, 40), Places(8, 10, 1, 2, 1, 1)),
    ((17, 19, 19, 20), (2, 2, 20, 12), Places(16, 16, 1, 1, -1, -1)),
    ((3, 30, 30, 20), (3, 3, 20, 100), Places(15, 15, 2, 1, 1, 1)),
    ((1, 7, 7, 300), (3, 3, 300, 300), Places(7, 7, 1, 1, 1, 1)),
]


@pytest.mark.parametrize(("images", "kernels", "places"), LARGE)
@pytest.mark.parametrize("number", [1, 2, 5])
def test_large_convolutions_give_their_sums_on_any_number_of_threads(
    images: tuple[int, ...], kernels: tuple[int, ...], places: Places, number: int
) -> None:
    with threads(number):
        check(normal(images, 0), normal(kernels, 1), places)
        if places.dilation == 1:
            grad = normal((images[0], places.height, places.width, kernels[3]), 2)
            check_for_kernels(normal(images, 0), grad, kernels[:2], places)


@pytest.mark.parametrize(("images", "kernels", "places"), LARGE[:4])
def test_images_with_their_channels_first_give_the_same_sums(
    images: tuple[int, ...], kernels: tuple[int, ...], places: Places
) -> None:
    count, height, width, channels = images
    view = normal((count, channels, height, width), 0).transpose(0, 2, 3, 1)
    check(view, normal(kernels, 1), places)
    if places.dilation == 1:
        shape = (count, kernels[3], places.height, places.width)
        check_for_kernels(view, normal(shape, 2).transpose(0, 2, 3, 1), kernels[:2], places)


@pytest.mark.parametrize(("images", "kernels", "places"), LARGE[2:6])
def test_the_number_of_threads_changes_no_sum(
    images: tuple[int, ...], kernels: tuple[int, ...], places: Places
) -> None:
    x, k = normal(images, 0), normal(kernels, 1)
    shape = (images[0], *places[:2], kernels[3])
    found = []
    for number in (1, 2, 5):
        with threads(number):
            found.append(read(fast.convolve(*shaped(x), *shaped(k), *places), shape))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_a_bias_is_added_to_every_pixel() -> None:
    images, kernels, bias = normal((3, 5, 6, 4), 0), normal((3, 3, 4, 37), 1), normal((37,), 2)
    places = Places(5, 6, 1, 1, 1, 1)
    handle = fast.convolve_biased(*shaped(images), *shaped(kernels), *places, uploaded(bias))
    expected = convolved(images, kernels, places) + bias
    np.testing.assert_allclose(read(handle, expected.shape), expected, rtol=0, atol=1e-4)


def test_infinities_and_nans_stay_where_a_kernel_lies_on_them() -> None:
    images, kernels = np.ones((2, 9, 20, 3), "float32"), np.ones((3, 3, 3, 4), "float32")
    images[0, 4, 5, 0], images[1, 8, 19, 2] = np.inf, np.nan
    places = Places(9, 20, 1, 1, 1, 1)
    expected = convolved(np.ones_like(images), kernels, places)
    expected[0, 3:6, 4:7] = np.inf
    expected[1, 7:, 18:] = np.nan
    handle = fast.convolve(*shaped(images), *shaped(kernels), *places)
    np.testing.assert_array_equal(read(handle, expected.shape), expected)


@pytest.mark.parametrize("isa", ["baseline", "avx2", "avx512"])
def test_other_instruction_sets_pass_these_tests(isa: str) -> None:
    if isa == fast.isa or lacks(isa):
        pytest.skip(f"these tests run with {fast.isa}, and {isa} is no other one that is here")
    run_tests_with(isa, __file__, "gives_its_sums or are_their_sums or bias or infinities")


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"shape": (2, 5, 6)}, ValueError, "images has 4 strides for 3 dimensions"),
        ({"shape": (2, 5, 7, 4)}, IndexError, "reaches from element 0 to 243 of an array of 240"),
        ({"offset": 1}, IndexError, "reaches from element 1 to 240"),
        ({"kernel_shape": (3, 3, 5, 2)}, IndexError, "of an array of 72"),
        ({"shape": (2, 5, 6, 3)}, ValueError, "images have 3 channels. Expected 4, as the kernels have"),
        ({"height": -1}, ValueError, "height is -1. Expected 0 to"),
        ({"stride": 0}, ValueError, "stride is 0. Expected 1 to"),
        ({"dilation": 2, "stride": 2}, ValueError, "both stride and dilation are above 1"),
        ({"above": 2**40}, ValueError, "above is 1099511627776. Expected -2147483648 to"),
    ],
)
def test_convolve_refuses_what_does_not_fit_and_says_why(
    change: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=f"convolve: .*{text}"):
        fast.convolve(*arguments(**change))


def test_a_bias_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"bias holds 3\. Expected 2"):
        fast.convolve_biased(*arguments(), uploaded(np.zeros(3, "float32")))


def test_gradients_for_other_images_are_refused() -> None:
    images, grad = shaped(normal((2, 5, 6, 4), 0)), shaped(normal((3, 5, 6, 2), 1))
    with pytest.raises(ValueError, match=r"there are 2 images\. Expected 3, as grad has"):
        fast.convolve_for_kernels(*images, *grad, 3, 3, 1, 1, 1)


def arguments(**change: Any) -> list[Any]:
    """Return those of a convolution of images (2, 5, 6, 4) by kernels (3, 3, 4, 2), changed as told."""
    images, kernels = shaped(normal((2, 5, 6, 4), 0)), shaped(normal((3, 3, 4, 2), 1))
    values = {
        "images": images[0], "shape": images[1], "strides": images[2], "offset": images[3],
        "kernels": kernels[0], "kernel_shape": kernels[1], "kernel_strides": kernels[2], "kernel_offset": 0,
        "height": 5, "width": 6, "stride": 1, "dilation": 1, "above": 1, "left": 1,
    }  # fmt: skip
    return list((values | change).values())


def normal(shape: tuple[int, ...], seed: int) -> Array:
    return np.random.default_rng(seed).standard_normal(shape, dtype="float32")


def check(images: Array, kernels: Array, places: Places) -> None:
    exact = convolved(images.astype("float64"), kernels.astype("float64"), places)
    sizes = convolved(abs(images.astype("float64")), abs(kernels.astype("float64")), places)
    out = read(fast.convolve(*shaped(images), *shaped(kernels), *places), exact.shape)
    numbers = np.prod(kernels.shape[:3])
    assert (abs(out - exact) <= ROUNDING * (numbers + 1) * sizes).all()


def check_for_kernels(images: Array, grad: Array, size: tuple[int, ...], places: Places) -> None:
    exact = summed(images.astype("float64"), grad.astype("float64"), size, places)
    sizes = summed(abs(images.astype("float64")), abs(grad.astype("float64")), size, places)
    where = (*size, places.stride, places.above, places.left)
    out = read(fast.convolve_for_kernels(*shaped(images), *shaped(grad), *where), exact.shape)
    numbers = np.prod(grad.shape[:3])
    assert (abs(out - exact) <= ROUNDING * (numbers + 1) * sizes).all()


def convolved(images: Any, kernels: Any, places: Places) -> Any:
    out = np.zeros((len(images), places.height, places.width, kernels.shape[3]))
    for k, column_k in np.ndindex(*kernels.shape[:2]):
        rows, columns = met(images, places, k, column_k)
        product = images[:, rows.of_image][:, :, columns.of_image] @ kernels[k, column_k]
        out[np.ix_(range(len(images)), rows.of_result, columns.of_result)] += product
    return out


def summed(images: Any, grad: Any, size: tuple[int, ...], places: Places) -> Any:
    out = np.zeros((*size, images.shape[3], grad.shape[3]))
    for k, column_k in np.ndindex(*size):
        rows, columns = met(images, places, k, column_k)
        pixels = images[:, rows.of_image][:, :, columns.of_image]
        weights = grad[:, rows.of_result][:, :, columns.of_result]
        out[k, column_k] = np.einsum("nyxc,nyxo->co", pixels, weights)
    return out


class Lines(NamedTuple):
    of_result: list[int]
    of_image: list[int]


def met(images: Any, places: Places, row: int, column: int) -> tuple[Lines, Lines]:
    """Return the rows, and the columns, of the result for which a kernel's lie on some of the images."""
    return (
        lines(places.height, images.shape[1], places, row - places.above),
        lines(places.width, images.shape[2], places, column - places.left),
    )


def lines(count: int, length: int, places: Places, shift: int) -> Lines:
    reached = [(y, divmod(y * places.stride + shift, places.dilation)) for y in range(count)]
    found = [(y, at) for y, (at, rest) in reached if rest == 0 and 0 <= at < length]
    return Lines([y for y, _ in found], [at for _, at in found])
