"""Dilated, grouped and transposed convolutions beside PyTorch's, and what they refuse."""

from collections.abc import Callable

import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, nn, ops
from needle.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

from beside_pytorch import assert_alike, close, numbers  # noqa: E402
from pytorch_models import copy_parameters  # noqa: E402

sides = st.integers(1, 3)


def set_parameters(module: nn.Module, seed: int) -> None:
    for at, parameter in enumerate(module.parameters()):
        parameter.data = Tensor(numbers(parameter.shape, seed + at))


@quickly
@given(
    groups=sides,
    per_group=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    kernel=sides,
    stride=st.integers(1, 2),
    padding=st.integers(0, 2),
    dilation=sides,
)
def test_dilated_and_grouped_convolutions_are_pytorchs(
    groups: int, per_group: tuple[int, int], kernel: int, stride: int, padding: int, dilation: int
) -> None:
    ins, outs = (groups * count for count in per_group)
    settings = {"padding": padding, "dilation": dilation, "groups": groups}
    ours = nn.GeneralConv(ins, outs, kernel, stride, dtype=FLOAT, **settings)
    theirs = torch.nn.Conv2d(ins, outs, kernel, stride, dtype=torch.float64, **settings)
    set_parameters(ours, kernel)
    copy_parameters(ours, theirs)
    assert_alike(ours, theirs, numbers((2, ins, 7, 8), stride))


def test_with_the_least_settings_it_is_the_taught_convolution_and_keeps_its_size_when_dilated() -> None:
    taught, general = nn.Conv(2, 3, 3, dtype=FLOAT), nn.GeneralConv(2, 3, 3, dtype=FLOAT)
    general.load_state_dict(taught.state_dict())
    x = Tensor(numbers((2, 2, 5, 4), 0))
    close(general(x), taught(x).numpy())
    assert nn.GeneralConv(2, 3, 3, dilation=4, dtype=FLOAT)(x).shape == (2, 3, 5, 4)


class Transposed(torch.nn.Module):
    """PyTorch's transposed convolution, with a weight that is laid out as those of its convolutions are."""

    def __init__(self, ins: int, outs: int, kernel: int, bias: bool, **settings: int) -> None:
        super().__init__()
        double = {"dtype": torch.float64}
        self.weight = torch.nn.Parameter(torch.zeros((outs, ins, kernel, kernel), **double))
        self.bias = torch.nn.Parameter(torch.zeros(outs, **double)) if bias else None
        self.settings = settings

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight.transpose(0, 1)
        return torch.nn.functional.conv_transpose2d(x, weight, self.bias, **self.settings)


@quickly
@given(
    channels=st.tuples(sides, sides),
    kernel=st.integers(1, 4),
    stride=sides,
    padding=st.integers(0, 2),
    output_padding=st.integers(0, 2),
    bias=st.booleans(),
)
def test_transposed_convolutions_are_pytorchs(
    channels: tuple[int, int], kernel: int, stride: int, padding: int, output_padding: int, bias: bool
) -> None:
    settings = {"padding": padding, "output_padding": min(output_padding, stride - 1)}
    ours = nn.ConvTranspose(*channels, kernel, stride, bias, dtype=FLOAT, **settings)
    theirs = Transposed(*channels, kernel, bias, stride=stride, **settings)
    set_parameters(ours, kernel)
    copy_parameters(ours, theirs)
    assert_alike(ours, theirs, numbers((2, channels[0], 5, 6), stride))


REFUSED = [
    (lambda: nn.ConvTranspose(1, 1, 3, 2, output_padding=2), "ConvTranspose: output_padding 2, stride 2."),
    (lambda: nn.ConvTranspose(3, 1, 3)(ops.reshape(Tensor([1.0]), (1, 1, 1, 1))), "ConvTranspose: x is"),
    (lambda: nn.GeneralConv(3, 1, 3)(Tensor([1.0])), "GeneralConv: x is"),
    (
        lambda: nn.GeneralConv(3, 4, 1, groups=2)(Tensor(numbers((1, 3, 4, 4), 0))),
        "general_conv: a is .*Expected channels that groups divide",
    ),
]


@pytest.mark.parametrize(("refused", "text"), REFUSED)
def test_settings_and_images_that_do_not_fit_are_refused(refused: Callable[[], object], text: str) -> None:
    with pytest.raises(ShapeError, match=text):
        refused()
