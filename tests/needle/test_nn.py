"""The modules of `nn/basic.py` beside PyTorch's, and what every module does."""

import math
from typing import Any

import numpy as np
import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, init, nn
from needle.errors import LabelError, ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

from beside_pytorch import assert_alike, close, numbers  # noqa: E402
from pytorch_models import copy_parameters  # noqa: E402

sizes = st.integers(1, 6)
seeds = st.integers(0, 1_000)
shapes = st.lists(sizes, min_size=1, max_size=4).map(tuple)


def labels_of(examples: int, classes: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, classes, examples)


@quickly
@given(leading=st.lists(sizes, min_size=1, max_size=3), size=sizes, out=sizes, bias=st.booleans(), seed=seeds)
def test_linear_is_pytorchs(leading: list[int], size: int, out: int, bias: bool, seed: int) -> None:
    ours = nn.Linear(size, out, bias, dtype=FLOAT)
    theirs = torch.nn.Linear(size, out, bias, dtype=torch.float64)
    copy_parameters(ours, theirs)
    assert_alike(ours, theirs, numbers((*leading, size), seed))


def test_linear_draws_its_weight_and_then_its_bias() -> None:
    np.random.seed(7)
    layer = nn.Linear(3, 4)
    np.random.seed(7)
    np.testing.assert_array_equal(layer.weight.numpy(), init.kaiming_uniform(3, 4).numpy())
    np.testing.assert_array_equal(layer.bias.numpy(), init.kaiming_uniform(4, 1).numpy().T)
    assert (layer.weight.shape, layer.bias.shape) == ((3, 4), (1, 4))
    assert (layer.weight.dtype, layer.bias.dtype) == ("float32", "float32")


def test_linear_takes_a_bias_without_its_first_axis() -> None:
    layer = nn.Linear(2, 3)
    layer.weight.data = Tensor(np.zeros((2, 3)), dtype="float32")
    layer.bias.data = Tensor([1, 2, 3], dtype="float32")
    np.testing.assert_array_equal(layer(Tensor(np.ones((2, 2), dtype="float32"))).numpy(), [[1, 2, 3]] * 2)


def test_linear_without_a_bias_has_one_parameter() -> None:
    assert len(nn.Linear(2, 3, bias=False).parameters()) == 1


@quickly
@given(shape=shapes, seed=seeds)
def test_relu_is_pytorchs(shape: tuple[int, ...], seed: int) -> None:
    assert_alike(nn.ReLU(), torch.nn.ReLU(), numbers(shape, seed))


@quickly
@given(shape=st.lists(sizes, min_size=2, max_size=4).map(tuple), seed=seeds)
def test_flatten_is_pytorchs(shape: tuple[int, ...], seed: int) -> None:
    assert_alike(nn.Flatten(), torch.nn.Flatten(), numbers(shape, seed))


def test_flatten_makes_a_column_of_a_vector() -> None:
    assert nn.Flatten()(Tensor([1.0, 2.0])).shape == (2, 1)


@quickly
@given(examples=sizes, classes=sizes, seed=seeds, scale=st.sampled_from([1.0, 1e4]))
def test_softmax_loss_is_pytorchs_also_for_large_logits(
    examples: int, classes: int, seed: int, scale: float
) -> None:
    labels = labels_of(examples, classes, seed)
    pair = (Tensor(labels, requires_grad=False), torch.tensor(labels))
    logits = scale * numbers((examples, classes), seed)
    assert_alike(nn.SoftmaxLoss(), torch.nn.CrossEntropyLoss(), logits, pair)


def test_softmax_loss_keeps_the_logits_dtype_whatever_the_labels_is() -> None:
    logits = Tensor(np.ones((2, 3)), dtype="float32")
    for dtype in ("uint8", "int64", "float32"):
        loss = nn.SoftmaxLoss()(logits, Tensor([0, 2], dtype=dtype, requires_grad=False))
        assert loss.dtype == "float32"
        assert loss.numpy().item() == pytest.approx(math.log(3), rel=1e-6)


@pytest.mark.parametrize(("label", "shown"), [(3, "3"), (-1, "-1"), (0.5, "0.5"), (math.nan, "nan")])
def test_softmax_loss_refuses_a_label_that_names_no_class(label: float, shown: str) -> None:
    with pytest.raises(LabelError, match=rf"the label {shown}\. Expected whole numbers from 0 to 2"):
        nn.SoftmaxLoss()(Tensor(np.ones((2, 3))), Tensor([0, label]))


def test_softmax_loss_refuses_more_labels_than_rows() -> None:
    with pytest.raises(ShapeError, match=r"\(2, 3\).*\(4, 3\)"):
        nn.SoftmaxLoss()(Tensor(np.ones((2, 3))), Tensor([0, 1, 2, 0]))


@quickly
@given(shape=shapes, p=st.sampled_from([0.1, 0.25, 0.5, 0.9]), seed=seeds)
def test_dropout_keeps_what_randb_draws_and_scales_it(shape: tuple[int, ...], p: float, seed: int) -> None:
    x = Tensor(numbers(shape, seed), dtype="float32")
    np.random.seed(seed)
    kept = init.randb(*shape, p=1 - p).numpy()
    np.random.seed(seed)
    out = nn.Dropout(p)(x)
    close(out, np.where(kept, x.numpy() / (1 - p), 0), 1e-6)
    assert out.dtype == "float32"
    out.backward()
    close(x.grad, np.where(kept, 1 / (1 - p), 0), 1e-6)


@pytest.mark.parametrize(("p", "training"), [(0.5, False), (0.0, True)])
def test_dropout_in_evaluation_mode_or_of_nothing_keeps_all_and_draws_nothing(
    p: float, training: bool
) -> None:
    dropout = nn.Dropout(p)
    dropout.train() if training else dropout.eval()
    x = Tensor(np.ones((3, 4)))
    before = np.random.get_state()[2]
    np.testing.assert_array_equal(dropout(x).numpy(), x.numpy())
    assert np.random.get_state()[2] == before


class Noting(nn.Module):
    """A module that notes what comes in, and adds 1."""

    def __init__(self, notes: list[Any]) -> None:
        super().__init__()
        self.notes = notes

    def forward(self, x: float) -> float:
        self.notes.append(x)
        return x + 1


def test_sequential_calls_its_modules_in_their_order() -> None:
    notes: list[Any] = []
    assert nn.Sequential(Noting(notes), Noting(notes), nn.Identity())(5) == 7
    assert notes == [5, 6]
    assert nn.Sequential()(5) == 5


def test_residual_adds_the_input() -> None:
    assert nn.Residual(Noting([]))(5) == 11


class Nested(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.listed = [nn.Linear(3, 3, bias=False), (nn.Parameter(init.ones(2)), nn.ReLU())]
        self.named = {"a": {"b": nn.Dropout(0.5)}, "c": self.first}
        self.plain = init.zeros(4)
        self.number = 5


def test_parameters_are_found_in_lists_tuples_and_dicts_each_once() -> None:
    module = Nested()
    found = module.parameters()
    expected = [module.first.weight, module.first.bias, module.listed[0].weight, module.listed[1][0]]
    assert [id(one) for one in found] == [id(one) for one in expected]


def test_eval_and_train_reach_every_module_below() -> None:
    module = Nested()
    below = [module.first, module.listed[0], module.listed[1][1], module.named["a"]["b"]]
    assert module._children() == below
    module.eval()
    assert not any(one.training for one in (module, *below))
    module.train()
    assert all(one.training for one in (module, *below))


def test_a_module_that_holds_itself_is_walked_once() -> None:
    module = nn.Linear(2, 2)
    module.again = [module]
    assert len(module.parameters()) == 2
    assert module._children() == []
