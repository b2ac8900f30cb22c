"""Pooling beside PyTorch's, and what it refuses."""

from collections.abc import Callable

import numpy as np
import pytest
from backend_tested import FLOAT, assert_close, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, nn, ops
from needle.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

from beside_pytorch import assert_alike, numbers  # noqa: E402

windows = st.integers(1, 3).flatmap(
    lambda size: st.tuples(st.just(size), st.none() | st.integers(1, 3), st.integers(0, size // 2))
)
images = st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(3, 7), st.integers(3, 7))


@quickly
@given(window=windows, image=images)
def test_the_largest_of_each_window_is_pytorchs(window: tuple, image: tuple) -> None:
    assert_alike(nn.MaxPool(*window), torch.nn.MaxPool2d(*window), numbers(image, 1))


@quickly
@given(window=windows, image=images)
def test_the_mean_of_each_window_is_pytorchs(window: tuple, image: tuple) -> None:
    assert_alike(nn.AvgPool(*window), torch.nn.AvgPool2d(*window), numbers(image, 2))


def test_equal_maxima_share_the_gradient_and_negative_numbers_beat_the_padding() -> None:
    x = Tensor(np.array([[-1.0, -1.0], [-2.0, -3.0]]).reshape(1, 2, 2, 1), dtype=FLOAT)
    ops.max_pool(x, 2, 2).backward()
    assert_close(x.grad.numpy().ravel(), [0.5, 0.5, 0, 0])
    assert_close(ops.max_pool(x, 2, 2, 1).numpy().ravel(), [-1, -1, -2, -3])


REFUSED = [
    (lambda x: ops.max_pool(x, 5), "max_pool: a is (1, 3, 4, 2), a window 5 x 5, the padding 0. Expected"),
    (lambda x: ops.average_pool(x, 2, 1, 2), "average_pool: size 2, stride 1, padding 2. Expected at most"),
    (lambda x: ops.max_pool(x, 2, 0), "max_pool: size 2, stride 0, padding 0."),
    (
        lambda x: ops.max_pool(ops.reshape(x, (6, 4)), 2),
        "max_pool: a is (6, 4). Expected images (N, H",
    ),
    (lambda x: nn.AvgPool(2)(ops.reshape(x, (6, 4))), "AvgPool: x is (6, 4). Expected images (N, C, H, W)"),
]


@pytest.mark.parametrize(("refused", "text"), REFUSED)
def test_windows_that_do_not_fit_are_refused(refused: Callable[[Tensor], Tensor], text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        refused(Tensor(numbers((1, 3, 4, 2), 0)))
    assert str(caught.value).startswith(text)
