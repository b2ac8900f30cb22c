"""Tensors of given and of random values: shapes, dtypes, the order of draws, the laws they follow."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT

import needle as ndl
from needle import Tensor, init


@pytest.fixture(autouse=True)
def seeded() -> None:
    np.random.seed(7)


MAKERS: list[Callable[..., Tensor]] = [
    init.rand,
    init.randn,
    init.constant,
    init.ones,
    init.zeros,
    init.randb,
]


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 4)])
def test_each_maker_gives_the_shape_a_dtype_and_no_gradient_unless_asked(
    maker: Callable[..., Tensor], shape: tuple[int, ...]
) -> None:
    plain = maker(*shape)
    assert plain.shape == shape
    assert plain.dtype == ("bool" if maker is init.randb and FLOAT == "float64" else "float32")
    assert not plain.requires_grad
    asked = maker(*shape, device=ndl.default_device(), dtype=FLOAT, requires_grad=True)
    assert asked.dtype == FLOAT
    assert asked.requires_grad
    assert asked.is_leaf()


@pytest.mark.parametrize(
    ("maker", "expected"),
    [
        (lambda: init.rand(3, 2), lambda: np.random.rand(3, 2)),
        (lambda: init.rand(3, 2, low=-1, high=3), lambda: np.random.rand(3, 2) * 4 - 1),
        (lambda: init.randn(3, 2), lambda: np.random.randn(3, 2)),
        (lambda: init.randn(3, 2, mean=5, std=0.5), lambda: np.random.randn(3, 2) * 0.5 + 5),
        (lambda: init.randb(3, 2, p=0.3), lambda: np.random.rand(3, 2) <= 0.3),
        (lambda: init.xavier_uniform(3, 2), lambda: np.sqrt(6 / 5) * (2 * np.random.rand(3, 2) - 1)),
        (lambda: init.xavier_normal(3, 2, gain=2), lambda: 2 * np.sqrt(2 / 5) * np.random.randn(3, 2)),
        (lambda: init.kaiming_uniform(3, 2), lambda: np.sqrt(2) * (2 * np.random.rand(3, 2) - 1)),
        (
            lambda: init.kaiming_uniform(3, 2, shape=(1, 3, 2)),
            lambda: np.sqrt(2) * (2 * np.random.rand(1, 3, 2) - 1),
        ),
        (lambda: init.kaiming_normal(3, 2), lambda: np.sqrt(2 / 3) * np.random.randn(3, 2)),
    ],
)
def test_each_call_is_one_draw_from_numpys_global_generator(
    maker: Callable[[], Tensor], expected: Callable[[], np.ndarray]
) -> None:
    ours, next_of_ours = maker().numpy(), np.random.rand()
    np.random.seed(7)
    theirs, next_of_theirs = expected(), np.random.rand()
    np.testing.assert_allclose(ours, theirs.astype(ours.dtype), rtol=1e-6)
    assert next_of_ours == next_of_theirs


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("xavier_uniform", "xavier_uniform_"),
        ("xavier_normal", "xavier_normal_"),
        ("kaiming_uniform", "kaiming_uniform_"),
        ("kaiming_normal", "kaiming_normal_"),
    ],
)
def test_first_weights_have_the_deviation_and_the_bound_of_pytorchs(ours: str, theirs: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is what the laws are compared with")
    torch.manual_seed(7)
    weights = getattr(init, ours)(300, 200).numpy()
    settings: dict[str, Any] = {"nonlinearity": "relu"} if ours.startswith("kaiming") else {}
    other = getattr(torch.nn.init, theirs)(torch.empty(200, 300), **settings).numpy()  # PyTorch: (out, in)
    assert weights.shape == (300, 200)
    assert weights.dtype == "float32"
    np.testing.assert_allclose(weights.std(), other.std(), rtol=0.02)
    assert abs(weights.mean()) < 0.02 * weights.std()
    if ours.endswith("uniform"):
        np.testing.assert_allclose(np.abs(weights).max(), np.abs(other).max(), rtol=1e-3)


def test_first_weights_take_the_keywords_of_a_draw() -> None:
    weights = init.kaiming_normal(3, 2, dtype=FLOAT, requires_grad=True, device=ndl.default_device())
    assert (weights.dtype, weights.requires_grad) == (FLOAT, True)


def test_one_hot_has_a_row_for_each_index() -> None:
    rows = init.one_hot(3, Tensor([[2, 0], [1, 1]], dtype="float32"))
    np.testing.assert_array_equal(
        rows.numpy(), [[[0, 0, 1], [1, 0, 0]], [[0, 1, 0], [0, 1, 0]]], strict=False
    )
    assert (rows.dtype, rows.requires_grad) == ("float32", False)


@pytest.mark.parametrize(("maker", "value"), [(init.zeros_like, 0), (init.ones_like, 1)])
def test_a_likeness_has_the_shape_and_dtype_of_its_model(maker: Callable[..., Tensor], value: int) -> None:
    model = Tensor([[5.0, 6.0]], dtype=FLOAT)
    made = maker(model)
    assert (made.shape, made.dtype, made.requires_grad) == ((1, 2), FLOAT, False)
    assert (made.numpy() == value).all()
    assert maker(model, dtype="float32", requires_grad=True).dtype == "float32"


def test_what_is_made_shares_no_memory_with_its_model() -> None:
    model = Tensor([1.0, 2.0])
    init.zeros_like(model).numpy()[:] = 9
    array = np.array([1.0])
    Tensor(array).numpy()[:] = 9
    np.testing.assert_array_equal(model.numpy(), [1, 2])
    assert array[0] == 1
