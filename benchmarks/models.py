"""Measure training steps of whole models beside PyTorch's, and the convolutions of ResNet-18.

Both begin with the same weights and data, and must find the same losses. With one thread processor time is
taken, with several the time that passes, so that nothing else should run then. Memory is what a step's peak
adds to a process that holds the model and its data, each library in a process of its own. With
NEEDLE_DEVICE=cuda both compute on a GPU; then the time that passes is taken, and no memory.
"""

# mypy: disable-error-code="import-not-found, import-untyped, attr-defined, no-untyped-call"

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ["NEEDLE_BACKEND"] = "nd"

from side_by_side import ROOT, require_pytorch

require_pytorch()
sys.path.append(str(ROOT / "build" / "lib"))

import numpy as np  # noqa: E402
import pytorch_models  # noqa: E402
import pytorch_transformer  # noqa: E402
import torch  # noqa: E402
from language_model import LanguageModel  # noqa: E402
from resnet9 import ResNet9  # noqa: E402

import needle as ndl  # noqa: E402
from needle import nn  # noqa: E402

ON_GPU = os.environ.get("NEEDLE_DEVICE") == "cuda"
PYTORCHS = torch.device("cuda" if ON_GPU else "cpu")

Step = Callable[[], float]  # makes one step, and returns its loss


@dataclass(frozen=True)
class Row:
    """What is measured: makers of one library's step each, from the same weights and data."""

    name: str
    needle: Callable[[], Step]
    pytorch: Callable[[], Step]
    goal: float
    rounds: int = 30


def theirs(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array).to(PYTORCHS)


# ResNet9


def resnet9_data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((128, 3, 32, 32), dtype="float32"), rng.integers(0, 10, 128)


def resnet9_model() -> ResNet9:
    np.random.seed(0)
    return ResNet9()


def needle_resnet9() -> Step:
    model = resnet9_model()
    opt = ndl.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    images, labels = (ndl.Tensor(one, dtype="float32", requires_grad=False) for one in resnet9_data())

    def step() -> float:
        with ndl.first_order():
            opt.reset_grad()
            loss = nn.SoftmaxLoss()(model(images), labels)
            loss.backward()
            opt.step()
        return float(loss.numpy())

    return step


def pytorch_resnet9() -> Step:
    model = pytorch_models.resnet9()
    pytorch_models.copy_parameters(resnet9_model(), model)
    model.to(PYTORCHS)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    images, labels = map(theirs, resnet9_data())

    def step() -> float:
        opt.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        opt.step()
        return loss.item()

    return step


# A convolution of ResNet-18: forward and both gradients. Its "loss" is one of the kernel's gradients.


def convolution_data(size: int, channels: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = (16, channels, size, size), (3, 3, channels, channels), (16, channels, size, size)
    return [rng.standard_normal(shape, dtype="float32") for shape in shapes]


def needle_convolution(size: int, channels: int) -> Step:
    images, kernel, weights = convolution_data(size, channels)
    layer = nn.Conv(channels, channels, 3, bias=False)
    layer.weight.data = ndl.Tensor(kernel)
    x, out_grad = ndl.Tensor(images), ndl.Tensor(weights)

    def step() -> float:
        with ndl.first_order():
            layer(x).backward(out_grad)
        return float(layer.weight.grad.realize_cached_data()[0, 1, 2, 3].item())

    return step


def pytorch_convolution(size: int, channels: int) -> Step:
    images, kernel, weights = convolution_data(size, channels)
    x = theirs(images).requires_grad_()
    k = theirs(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))).requires_grad_()
    out_grad = theirs(weights)

    def step() -> float:
        x.grad = k.grad = None
        torch.nn.functional.conv2d(x, k, padding=1).backward(out_grad)
        assert k.grad is not None
        return float(k.grad[3, 2, 0, 1])

    return step


def convolution(size: int, channels: int) -> Row:
    return Row(
        f"Conv {size} x {size} x {channels}, 3 x 3, batch 16",
        lambda: needle_convolution(size, channels),
        lambda: pytorch_convolution(size, channels),
        goal=1.3,
        rounds=5,
    )


# Language models of an LSTM and of an RNN, and a layer of a Transformer

WORDS, STEPS, TEXTS, FEATURES = 10_000, 40, 16, 100


def text() -> tuple[np.ndarray, np.ndarray]:
    words = np.random.default_rng(0).integers(0, WORDS, (STEPS + 1, TEXTS))
    return words[:-1], words[1:].reshape(-1)


def language_model(kind: str) -> LanguageModel:
    np.random.seed(0)
    return LanguageModel(FEATURES, WORDS, FEATURES, seq_model=kind)


def needle_language_model(kind: str) -> Step:
    model = language_model(kind)
    opt = ndl.optim.Adam(model.parameters(), lr=1e-3)
    words, following = (ndl.Tensor(one, dtype="float32", requires_grad=False) for one in text())

    def step() -> float:
        with ndl.first_order():
            opt.reset_grad()
            loss = nn.SoftmaxLoss()(model(words)[0], following)
            loss.backward()
            opt.step()
        return float(loss.numpy())

    return step


def pytorch_language_model(kind: str) -> Step:
    embedding = torch.nn.Embedding(WORDS, FEATURES, device=PYTORCHS)
    recurrent = getattr(torch.nn, kind.upper())(FEATURES, FEATURES, device=PYTORCHS)
    linear = torch.nn.Linear(FEATURES, WORDS, device=PYTORCHS)
    table, *others = language_model(kind).parameters()
    parameters = [embedding.weight, *recurrent.parameters(), *linear.parameters()]
    with torch.no_grad():
        embedding.weight.copy_(torch.from_numpy(table.numpy()))
        for own, other in zip(others, parameters[1:], strict=True):
            other.copy_(torch.from_numpy(own.numpy().T.reshape(other.shape).copy()))
    opt = torch.optim.Adam(parameters, lr=1e-3)
    words, following = map(theirs, text())

    def step() -> float:
        opt.zero_grad()
        states, _ = recurrent(embedding(words))
        loss = torch.nn.functional.cross_entropy(linear(states.flatten(0, 1)), following)
        loss.backward()
        opt.step()
        return loss.item()

    return step


def sequences() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((16, 64, 128), dtype="float32")


def transformer_layer() -> nn.TransformerLayer:
    np.random.seed(0)
    return nn.TransformerLayer(128, 4, 32, 512)


def needle_transformer_layer() -> Step:
    layer, x = transformer_layer(), ndl.Tensor(sequences())
    opt = ndl.optim.Adam(layer.parameters(), lr=1e-3)

    def step() -> float:
        with ndl.first_order():
            opt.reset_grad()
            loss = (layer(x) ** 2).mean()
            loss.backward()
            opt.step()
        return float(loss.numpy())

    return step


def pytorch_transformer_layer() -> Step:
    layer, x = pytorch_transformer.TransformerLayer(128, 4, 32, 512), theirs(sequences())
    pytorch_models.copy_parameters(transformer_layer(), layer)
    layer.to(PYTORCHS)
    x.requires_grad_()
    opt = torch.optim.Adam(layer.parameters(), lr=1e-3)

    def step() -> float:
        opt.zero_grad()
        x.grad = None
        loss = (layer(x) ** 2).mean()
        loss.backward()
        opt.step()
        return float(loss.detach())

    return step


def recurrent_model(kind: str) -> Row:
    return Row(
        f"{kind.upper()} model, 40 steps of 16 texts",
        lambda: needle_language_model(kind),
        lambda: pytorch_language_model(kind),
        goal=1.0,
    )


ROWS = [
    Row("ResNet9, a step at batch 128", needle_resnet9, pytorch_resnet9, goal=1.0),
    recurrent_model("lstm"),
    recurrent_model("rnn"),
    Row(
        "Transformer layer, 16 times 64 places", needle_transformer_layer, pytorch_transformer_layer, goal=1.0
    ),
    *(convolution(size, channels) for size, channels in ((56, 64), (28, 128), (14, 256), (7, 512))),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    parser.add_argument("--peak", choices=("needle", "pytorch"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    ndl.set_num_threads(options.threads)
    torch.set_num_threads(options.threads)
    rows = [row for row in ROWS if options.only in row.name]
    if options.peak:
        print(peak_added(getattr(rows[0], options.peak)()))
        return 0
    print(f"{'':38} {'needle':>10} {'PyTorch':>10} {'ratio':>6} {'goal':>5} {'memory':>20} {'ratio':>6}")
    for row in rows:
        show(row, options.threads)
    return 0


def show(row: Row, threads: int) -> None:
    ours, pytorchs = times(row, time.process_time if threads == 1 and not ON_GPU else time.perf_counter)
    measured = (
        f"{row.name:38} {ours * 1e3:7.2f} ms {pytorchs * 1e3:7.2f} ms {ours / pytorchs:6.2f} {row.goal:5.2f}"
    )
    peaks = [0 if ON_GPU else peak_of(row, library, threads) for library in ("needle", "pytorch")]
    memory = "not measured here"
    if all(peaks):
        memory = f"{peaks[0] / 2**20:6.1f} and {peaks[1] / 2**20:6.1f} MB {peaks[0] / peaks[1]:6.2f}"
    print(f"{measured} {memory}", flush=True)


def times(row: Row, clock: Callable[[], float]) -> tuple[float, float]:
    """Return the medians of both libraries' steps, made in turns."""
    steps = row.needle(), row.pytorch()
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(3 + row.rounds):
        losses = []
        for step, kept in zip(steps, taken, strict=True):
            began = clock()
            losses.append(step())
            if number >= 3:  # the first ones make what later ones find in place
                kept.append(clock() - began)
        if abs(losses[0] - losses[1]) > 1e-3 * max(1, abs(losses[1])):
            raise SystemExit(f"models.py: {row.name}: the losses are {losses}. Expected equal ones.")
    return statistics.median(taken[0]), statistics.median(taken[1])


def peak_of(row: Row, library: str, threads: int) -> int:
    command = [sys.executable, __file__, "--only", row.name, "--peak", library, "--threads", str(threads)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak_added(step: Step) -> int:
    """Return how many bytes some steps add at most, or 0 where the system does not say."""
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins again
        before = _status("VmRSS")
        for _ in range(5):
            step()
        return _status("VmHWM") - before
    except OSError:
        return 0


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


if __name__ == "__main__":
    sys.exit(main())
