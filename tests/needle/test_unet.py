"""The U-Net beside its twin in PyTorch, and learning."""

import itertools
import os

import numpy as np
import pytest
from backend_tested import FLOAT
from unet import UNet

from needle import Tensor, nn, ops, optim
from needle.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what the network is compared with")

from beside_pytorch import close, numbers  # noqa: E402
from pytorch_models import as_pytorchs, conv_bn  # noqa: E402


class Twin(torch.nn.Module):
    """A U-Net of two steps down, its modules in the order of needle's."""

    def __init__(self, ins: int, classes: int, width: int) -> None:
        super().__init__()
        sizes = [width, 2 * width, 4 * width]
        self.down = torch.nn.ModuleList(twice(a, b) for a, b in itertools.pairwise([ins, *sizes]))
        backwards = [*itertools.pairwise(reversed(sizes))]
        self.up = torch.nn.ModuleList(torch.nn.ConvTranspose2d(a, b, 2, 2) for a, b in backwards)
        self.joined = torch.nn.ModuleList(twice(a, b) for a, b in backwards)
        self.logits = torch.nn.Conv2d(width, classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fine = self.down[0](x)
        middle = self.down[1](torch.nn.functional.max_pool2d(fine, 2))
        out = self.down[2](torch.nn.functional.max_pool2d(middle, 2))
        out = self.joined[0](torch.cat([middle, self.up[0](out)], 1))
        return self.logits(self.joined[1](torch.cat([fine, self.up[1](out)], 1)))


def twice(ins: int, outs: int) -> torch.nn.Module:
    return torch.nn.Sequential(conv_bn(ins, outs, 3, 1), conv_bn(outs, outs, 3, 1))


def test_outcome_and_gradients_are_pytorchs() -> None:
    np.random.seed(0)
    ours, theirs = UNet(2, 3, 4, 2, dtype=FLOAT), Twin(2, 3, 4).double()
    transposed = {id(one.weight) for one in theirs.up}
    pairs = [*zip(ours.parameters(), theirs.parameters(), strict=True)]
    for own, other in pairs:
        with torch.no_grad():
            other.copy_(torch.from_numpy(laid_out(own, other, transposed).copy()))
    x = numbers((2, 2, 8, 12), 0)
    mine, expected = ours(Tensor(x)), theirs(torch.tensor(x))
    close(mine, expected)
    (mine * mine).sum().backward()
    (expected * expected).sum().backward()
    for own, other in pairs:
        found = laid_out(own.grad, other, transposed)
        close(found, other.grad, 1e-3 if FLOAT == "float32" else 1e-9)


def laid_out(own: Tensor, other: torch.Tensor, transposed: set[int]) -> np.ndarray:
    if id(other) in transposed:
        return own.numpy().transpose(2, 3, 0, 1)
    return as_pytorchs(own.numpy(), tuple(other.shape))


@pytest.mark.skipif(os.environ.get("NEEDLE_DEVICE") == "cuda_sim", reason="it takes the simulator minutes")
def test_it_learns_which_pixels_are_bright() -> None:
    np.random.seed(0)
    network = UNet(1, 2, 4, 1)
    opt = optim.Adam(network.parameters(), lr=0.01)
    x = np.random.RandomState(0).uniform(-1, 1, size=(4, 1, 8, 8)).astype("float32")
    y = Tensor((x > 0).ravel().astype("float32"), requires_grad=False)
    losses = []
    for _ in range(15):
        out = ops.transpose(ops.transpose(network(Tensor(x)), (1, 2)), (2, 3))
        loss = nn.SoftmaxLoss()(out.reshape((256, 2)), y)
        opt.reset_grad()
        loss.backward()
        opt.step()
        losses.append(loss.numpy().item())
    assert losses[-1] < losses[0] / 2


def test_images_that_can_not_be_halved_are_refused() -> None:
    expected = r"UNet: x is \(1, 3, 12, 16\). Expected images \(N, C, H, W\) with sides that 8 divides."
    with pytest.raises(ShapeError, match=expected):
        UNet(3, 2)(Tensor(np.zeros((1, 3, 12, 16), dtype="float32")))
