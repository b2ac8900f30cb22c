"""Group normalization beside PyTorch's."""

import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, nn
from needle.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

from beside_pytorch import assert_alike, numbers  # noqa: E402
from pytorch_models import copy_parameters  # noqa: E402


@quickly
@given(
    groups=st.integers(1, 3),
    per_group=st.integers(2, 3),
    rest=st.lists(st.integers(1, 3), max_size=2),
    eps=st.sampled_from([1e-5, 0.1]),
)
def test_groups_of_channels_are_normalized_as_pytorchs(
    groups: int, per_group: int, rest: list[int], eps: float
) -> None:
    channels = groups * per_group
    ours = nn.GroupNorm(groups, channels, eps, dtype=FLOAT)
    theirs = torch.nn.GroupNorm(groups, channels, eps, dtype=torch.float64)
    for at, parameter in enumerate(ours.parameters()):
        parameter.data = Tensor(numbers(parameter.shape, at))
    copy_parameters(ours, theirs)
    assert_alike(ours, theirs, numbers((2, channels, *rest), groups))


def test_groups_and_channels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"GroupNorm: groups 2, channels 3\. Expected groups of equally"):
        nn.GroupNorm(2, 3)
    with pytest.raises(ShapeError, match=r"GroupNorm: x is \(2, 3, 4\). Expected \(N, 4, ...\)"):
        nn.GroupNorm(2, 4)(Tensor(numbers((2, 3, 4), 0)))
