"""Layer normalization over any of the last axes beside PyTorch's."""

import numpy as np
import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, init, nn
from needle.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

from beside_pytorch import assert_alike, close, numbers  # noqa: E402

sides = st.lists(st.integers(1, 3), max_size=2).map(tuple)


class Flat(torch.nn.Module):
    """A layer norm whose parameters are transposed, as `assert_alike` expects it of matrices."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray, eps: float) -> None:
        super().__init__()
        self.weight, self.bias = (torch.nn.Parameter(torch.tensor(one.T.copy())) for one in (weight, bias))
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        turned = [one.permute(*reversed(range(one.ndim))) for one in (self.weight, self.bias)]
        return torch.nn.functional.layer_norm(x, turned[0].shape, *turned, self.eps)


@quickly
@given(
    leading=sides,
    first=sides,
    last=st.integers(2, 4),
    eps=st.sampled_from([1e-2, 0.5]),
    seed=st.integers(0, 99),
)
def test_layer_norm_is_pytorchs(
    leading: tuple[int, ...], first: tuple[int, ...], last: int, eps: float, seed: int
) -> None:
    shape = (*first, last)
    ours = nn.LayerNorm(shape, eps, dtype=FLOAT)
    weight, bias = numbers(shape, seed + 1), numbers(shape, seed + 2)
    ours.weight.data, ours.bias.data = Tensor(weight), Tensor(bias)
    assert_alike(ours, Flat(weight, bias, eps), numbers((*leading, *shape), seed))


def test_a_single_length_stands_for_the_last_axis() -> None:
    np.random.seed(0)
    x = Tensor(numbers((2, 3, 4), 0), dtype=FLOAT)
    rows = nn.LayerNorm1d(4, dtype=FLOAT)(x.reshape((6, 4)))
    close(nn.LayerNorm(4, dtype=FLOAT)(x), rows.numpy().reshape(2, 3, 4))


def test_it_begins_with_ones_and_zeros() -> None:
    layer = nn.LayerNorm((2, 3))
    np.testing.assert_array_equal(layer.weight.numpy(), np.ones((2, 3)))
    np.testing.assert_array_equal(layer.bias.numpy(), np.zeros((2, 3)))
    assert [one.dtype for one in layer.parameters()] == ["float32", "float32"]


@pytest.mark.parametrize("shape", [(3,), (2, 4), (3, 2), ()])
def test_it_refuses_what_does_not_end_in_its_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"LayerNorm: x is .* Expected its last axes to be \(2, 3\)"):
        nn.LayerNorm((2, 3))(init.zeros(*shape))


@pytest.mark.parametrize("shape", [(), (2, 0), 0])
def test_it_refuses_to_normalize_over_nothing(shape: int | tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"LayerNorm: normalized_shape is .* Expected one axis or more"):
        nn.LayerNorm(shape)
