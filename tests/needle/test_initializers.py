"""First weights: the bounds of PyTorch's, and draws from NumPy's generator alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT

from needle import Tensor, init

SHAPE = (300, 200)

both = pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (init.xavier_uniform, "xavier_uniform_"),
        (init.xavier_normal, "xavier_normal_"),
        (init.kaiming_uniform, "kaiming_uniform_"),
        (init.kaiming_normal, "kaiming_normal_"),
    ],
    ids=["xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal"],
)


@both
def test_spread_and_largest_weight_are_pytorchs(ours: Callable[..., Tensor], theirs: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what initializers are compared with")
    torch.manual_seed(0)
    settings: dict[str, Any] = {"gain": 1.7} if "xavier" in theirs else {}
    nonlinearity = {} if settings else {"nonlinearity": "relu"}
    expected = getattr(torch.nn.init, theirs)(torch.empty(SHAPE[::-1]), **settings, **nonlinearity).numpy()
    np.random.seed(0)
    found = ours(*SHAPE, **settings, **nonlinearity).numpy()
    assert found.shape == SHAPE
    assert found.std() == pytest.approx(expected.std(), rel=0.02)
    assert abs(found.mean()) < found.std() / 50
    if "uniform" in theirs:
        assert abs(found).max() == pytest.approx(abs(expected).max(), rel=0.001)


@both
def test_a_weight_is_float32_and_one_draw_of_numpys_generator(
    ours: Callable[..., Tensor], theirs: str
) -> None:
    np.random.seed(3)
    found = ours(3, 4)
    follower = np.random.rand()
    np.random.seed(3)
    (np.random.rand if "uniform" in theirs else np.random.randn)(3, 4)
    assert np.random.rand() == follower
    assert found.dtype == "float32"


def test_kaiming_uniform_draws_another_shape_with_the_same_bound() -> None:
    np.random.seed(0)
    found = init.kaiming_uniform(6, 8, shape=(40, 50, 2, 3))
    assert found.shape == (40, 50, 2, 3)
    assert abs(found.numpy()).max() == pytest.approx(1, rel=0.001)


def test_keywords_go_on_to_the_draw() -> None:
    assert init.xavier_normal(2, 3, dtype=FLOAT, requires_grad=True).dtype == FLOAT
    assert init.kaiming_normal(2, 3, requires_grad=True).requires_grad
