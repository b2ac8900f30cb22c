"""Attention and the Transformer beside PyTorch's."""

import numpy as np
import pytest
from backend_tested import FLOAT, quickly
from hypothesis import given
from hypothesis import strategies as st

from needle import Tensor, init, nn
from needle.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is what modules are compared with")

import pytorch_transformer as theirs  # noqa: E402
from beside_pytorch import assert_alike, close, numbers  # noqa: E402
from pytorch_models import copy_parameters  # noqa: E402
from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402

seeds = st.integers(0, 1_000)
few = st.integers(1, 3)
TOLERANCE = 1e-9 if FLOAT == "float64" else 1e-4


def set_parameters(module: nn.Module, seed: int) -> None:
    for at, parameter in enumerate(module.parameters()):
        parameter.data = Tensor(numbers(parameter.shape, seed + at), dtype=FLOAT)


def compare(ours: nn.Module, other: torch.nn.Module, x: np.ndarray) -> None:
    """Compare the outcome and the gradients of the input and of all parameters, by the largest of them."""
    mine, leaf = Tensor(x, dtype=FLOAT), torch.tensor(x, requires_grad=True)
    found, expected = ours(mine), other(leaf)
    close(found, expected, TOLERANCE)
    weights = numbers(found.shape, 77)
    found.backward(Tensor(weights, dtype=FLOAT))
    expected.backward(torch.tensor(weights))
    pairs = zip(ours.parameters(), other.parameters(), strict=True)
    turned = [(own.grad.numpy().T.reshape(one.shape), one.grad) for own, one in pairs]
    grads = [(mine.grad.numpy(), leaf.grad), *turned]
    largest = max(float(grad.abs().max()) for _, grad in grads)
    for own, grad in grads:
        close(own / largest, grad / largest, TOLERANCE)


def in_pairs(*arrays: np.ndarray) -> tuple[list[Tensor], list[torch.Tensor]]:
    return [Tensor(one, dtype=FLOAT) for one in arrays], [
        torch.tensor(one, requires_grad=True) for one in arrays
    ]


@quickly
@given(
    batch=few,
    heads=few,
    queries=few,
    more=st.integers(0, 2),
    size=few,
    out=few,
    causal=st.booleans(),
    seed=seeds,
)
def test_attention_is_pytorchs(
    batch: int, heads: int, queries: int, more: int, size: int, out: int, causal: bool, seed: int
) -> None:
    keys = queries + more
    shapes = (queries, size), (keys, size), (keys, out)
    ours, others = in_pairs(*(numbers((batch, heads, *shape), seed + at) for at, shape in enumerate(shapes)))
    seen = torch.ones(queries, keys, dtype=torch.bool).tril(more if causal else keys)
    result, probs = nn.MultiHeadAttention(causal=causal)(*ours)
    expected = torch.nn.functional.scaled_dot_product_attention(*others, attn_mask=seen)
    close(result, expected)
    scores = (others[0] @ others[1].mT / size**0.5).masked_fill(~seen, -torch.inf)
    close(probs, torch.softmax(scores, -1))
    weights = numbers(result.shape, seed + 9)
    result.backward(Tensor(weights, dtype=FLOAT))
    expected.backward(torch.tensor(weights))
    for mine, other in zip(ours, others, strict=True):
        close(mine.grad, other.grad, TOLERANCE)


class OutcomeOnly(nn.Module):
    """A module without what it returns beside the outcome."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.module(*inputs)[0]


class Attention(torch.nn.Module):
    def __init__(self, causal: bool) -> None:
        super().__init__()
        self.causal = causal

    def forward(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        with sdpa_kernel(SDPBackend.MATH):  # PyTorch's fast kernel has no second derivatives
            return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)


@pytest.mark.parametrize("causal", [False, True])
def test_attentions_second_derivatives_are_pytorchs(causal: bool) -> None:
    shape = (2, 2, 3, 4)
    others = [(Tensor(one, dtype=FLOAT), torch.tensor(one)) for one in (numbers(shape, 1), numbers(shape, 2))]
    ours = OutcomeOnly(nn.MultiHeadAttention(causal=causal))
    assert_alike(ours, Attention(causal), numbers(shape, 0), *others)


def test_attention_drops_weights_in_training_alone() -> None:
    attention = nn.MultiHeadAttention(dropout=0.4)
    (q, k, v), _ = in_pairs(*(numbers((2, 2, 3, 4), at) for at in range(3)))
    whole = nn.MultiHeadAttention()(q, k, v)
    np.random.seed(5)
    kept = init.randb(2, 2, 3, 3, p=0.6).numpy()
    np.random.seed(5)
    result, probs = attention(q, k, v)
    close(probs, np.where(kept, whole[1].numpy() / 0.6, 0))
    close(result, probs.numpy() @ v.numpy())
    attention.eval()
    for one, other in zip(attention(q, k, v), whole, strict=True):
        close(one, other.numpy())


@pytest.mark.parametrize("size", [1e4, -1e4])
def test_attention_takes_scores_of_any_size(size: float) -> None:
    q, k, v = (
        Tensor(np.array(one).reshape(1, 1, -1, 1), dtype=FLOAT) for one in ([size, 1], [1, -1], [3, 5])
    )
    result, probs = nn.MultiHeadAttention(causal=True)(q, k, v)
    assert np.isfinite(probs.numpy()).all()
    np.testing.assert_allclose(result.numpy()[0, 0, 0], [3])


def test_a_causal_mask_hides_what_comes_after_the_query() -> None:
    mask = nn.MultiHeadAttention().create_causal_mask(2, 4, Tensor([1.0]).device).numpy()
    assert mask.shape == (1, 1, 2, 4)
    np.testing.assert_array_equal(mask[0, 0] < -1e38, [[False, False, False, True], [False] * 4])
    np.testing.assert_array_equal(mask[mask > -1e38], 0)


@quickly
@given(
    batch=few, places=few, features=st.integers(3, 4), heads=few, size=few, causal=st.booleans(), seed=seeds
)
def test_an_attention_layer_is_pytorchs(
    batch: int, places: int, features: int, heads: int, size: int, causal: bool, seed: int
) -> None:
    ours = nn.AttentionLayer(features, heads, size, causal=causal, dtype=FLOAT)
    set_parameters(ours, seed)
    other = theirs.AttentionLayer(features, heads, size, causal=causal).double()
    copy_parameters(ours, other)
    compare(ours, other, numbers((batch, places, features), seed))


@quickly
@given(batch=few, queries=few, more=st.integers(0, 2), causal=st.booleans(), seed=seeds)
def test_an_attention_layer_reads_three_sequences_of_other_features(
    batch: int, queries: int, more: int, causal: bool, seed: int
) -> None:
    ours = nn.AttentionLayer(3, 2, 2, k_features=4, v_features=5, out_features=2, causal=causal, dtype=FLOAT)
    set_parameters(ours, seed)
    keys = queries + more
    inputs = [
        numbers((batch, *shape), seed + at) for at, shape in enumerate([(queries, 3), (keys, 4), (keys, 5)])
    ]
    heads = []
    for x, name in zip(inputs, "qkv", strict=True):
        norm, weight = getattr(ours, f"prenorm_{name}"), getattr(ours, f"{name}_projection").weight
        learned = [torch.tensor(one.numpy(), dtype=torch.float64) for one in (norm.weight, norm.bias, weight)]
        rows = torch.nn.functional.layer_norm(torch.tensor(x), x.shape[2:], *learned[:2]) @ learned[2]
        heads.append(rows.reshape(*x.shape[:2], 2, 2).transpose(1, 2))
    seen = torch.ones(queries, keys, dtype=torch.bool).tril(more if causal else keys)
    found = torch.nn.functional.scaled_dot_product_attention(*heads, attn_mask=seen)
    out = torch.tensor(ours.out_projection.weight.numpy(), dtype=torch.float64)
    close(ours(*(Tensor(x, dtype=FLOAT) for x in inputs)), found.transpose(1, 2).flatten(-2) @ out, TOLERANCE)


@quickly
@given(batch=few, places=few, hidden=few, causal=st.booleans(), seed=seeds)
def test_a_transformer_layer_is_pytorchs(
    batch: int, places: int, hidden: int, causal: bool, seed: int
) -> None:
    ours = nn.TransformerLayer(4, 2, 3, hidden, causal=causal, dtype=FLOAT)
    set_parameters(ours, seed)
    other = theirs.TransformerLayer(4, 2, 3, hidden, causal=causal).double()
    copy_parameters(ours, other)
    compare(ours, other, numbers((batch, places, 4), seed))


@quickly
@given(batch=few, places=few, causal=st.booleans(), seed=seeds)
def test_a_transformer_layer_is_the_one_of_pytorchs_own_encoder(
    batch: int, places: int, causal: bool, seed: int
) -> None:
    ours = nn.TransformerLayer(6, 2, 3, 5, causal=causal, dtype=FLOAT)
    set_parameters(ours, seed)
    attention = ours.attention
    for norm in (attention.prenorm_k, attention.prenorm_v):  # PyTorch's has one norm for all three
        norm.weight.data, norm.bias.data = attention.prenorm_q.weight, attention.prenorm_q.bias
    other = torch.nn.TransformerEncoderLayer(
        6, 2, 5, dropout=0.0, batch_first=True, norm_first=True, dtype=torch.float64
    )
    projections = [getattr(attention, f"{name}_projection").weight.numpy().T for name in "qkv"]
    values = {
        "self_attn.in_proj_weight": np.concatenate(projections),
        "self_attn.in_proj_bias": np.zeros(18),
        "self_attn.out_proj.weight": attention.out_projection.weight.numpy().T,
        "self_attn.out_proj.bias": np.zeros(6),
    }
    named = {
        "norm1": attention.prenorm_q,
        "norm2": ours.norm,
        "linear1": ours.linear1,
        "linear2": ours.linear2,
    }
    for name, module in named.items():
        values |= {f"{name}.weight": module.weight.numpy().T, f"{name}.bias": module.bias.numpy().ravel()}
    other.load_state_dict({name: torch.tensor(value) for name, value in values.items()})
    x = numbers((batch, places, 6), seed)
    mask = torch.ones(places, places, dtype=torch.bool).triu(1) if causal else None
    close(ours(Tensor(x, dtype=FLOAT)), other(torch.tensor(x), src_mask=mask), TOLERANCE)


@quickly
@given(batch=few, places=few, layers=st.integers(0, 2), causal=st.booleans(), seed=seeds)
def test_a_transformer_is_pytorchs(batch: int, places: int, layers: int, causal: bool, seed: int) -> None:
    ours = nn.Transformer(4, 5, layers, num_head=2, dim_head=3, causal=causal, sequence_len=5, dtype=FLOAT)
    set_parameters(ours, seed)
    other = theirs.Transformer(4, 5, layers, heads=2, dim_head=3, causal=causal, places=5).double()
    copy_parameters(ours, other)
    compare(OutcomeOnly(ours), other, numbers((places, batch, 4), seed))


def test_a_transformer_reads_batches_first_or_times_first() -> None:
    np.random.seed(1)
    ours = nn.Transformer(4, 5, 2, num_head=2, dim_head=3, sequence_len=5, dtype=FLOAT)
    x = Tensor(numbers((3, 2, 4), 0), dtype=FLOAT)
    expected, state = ours(x)
    ours.batch_first = True
    found, _ = ours(x.transpose((0, 1)))
    close(found.transpose((0, 1)), expected.numpy())
    np.testing.assert_array_equal(state.numpy(), np.zeros((3, 2, 4)))
    assert state.device == x.device
    assert state.dtype == x.dtype


def test_a_transformer_layer_drops_in_the_order_of_its_ops() -> None:
    layer = nn.TransformerLayer(4, 2, 3, 5, dropout=0.4, dtype=FLOAT)
    x = Tensor(numbers((2, 3, 4), 0), dtype=FLOAT)
    np.random.seed(2)
    found = layer(x).numpy()
    np.random.seed(2)
    shapes = (2, 2, 3, 3), (2, 3, 4), (6, 5), (2, 3, 4)
    kept = [init.randb(*shape, p=0.6).numpy() / 0.6 for shape in shapes]
    attention = layer.attention
    heads = [
        getattr(attention, f"{name}_projection")(getattr(attention, f"prenorm_{name}")(x.reshape((6, 4))))
        for name in "qkv"
    ]
    _, probs = nn.MultiHeadAttention(causal=True)(
        *(one.reshape((2, 3, 2, 3)).transpose((1, 2)) for one in heads)
    )
    values = heads[2].numpy().reshape(2, 3, 2, 3).swapaxes(1, 2)
    rows = ((probs.numpy() * kept[0]) @ values).swapaxes(1, 2).reshape(2, 3, 6)
    first = x.numpy() + rows @ attention.out_projection.weight.numpy() * kept[1]
    hidden = layer.linear1(layer.norm(Tensor(first.reshape(6, 4), dtype=FLOAT))).numpy()
    second = layer.linear2(Tensor(np.maximum(hidden, 0) * kept[2], dtype=FLOAT)).numpy()
    close(found, first + second.reshape(2, 3, 4) * kept[3])


def zeros(*shape: int) -> Tensor:
    return init.zeros(*shape, dtype=FLOAT)


@pytest.mark.parametrize(
    ("shapes", "causal", "said"),
    [
        (
            ((1, 1, 3, 2), (1, 1, 3, 4), (1, 1, 3, 2)),
            False,
            r"MultiHeadAttention: .*k is \(1, 1, 3, 4\).* Expected",
        ),
        (
            ((1, 1, 3, 2), (1, 1, 3, 2), (1, 1, 4, 2)),
            False,
            r"MultiHeadAttention: .*v is \(1, 1, 4, 2\).* Expected",
        ),
        (
            ((1, 2, 3, 2), (1, 1, 3, 2), (1, 1, 3, 2)),
            False,
            r"MultiHeadAttention: q is \(1, 2, 3, 2\).* Expected",
        ),
        (((3, 2), (3, 2), (3, 2)), False, r"MultiHeadAttention: q is \(3, 2\).* Expected \(B, H, T, D\)"),
        (((1, 1, 4, 2), (1, 1, 3, 2), (1, 1, 3, 2)), True, r"no more queries than keys, as causal is True"),
    ],
)
def test_attention_refuses_shapes_that_do_not_fit(
    shapes: tuple[tuple[int, ...], ...], causal: bool, said: str
) -> None:
    with pytest.raises(ShapeError, match=said):
        nn.MultiHeadAttention(causal=causal)(*(zeros(*shape) for shape in shapes))


@pytest.mark.parametrize(
    "shapes", [((2, 3, 5),), ((2, 4),), ((2, 3, 4), (1, 3, 4)), ((1, 2, 4), (1, 2, 4), (1, 3, 4))]
)
def test_an_attention_layer_refuses_shapes_that_do_not_fit(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ShapeError, match=r"AttentionLayer: q is .* Expected \(B, T, 4\), \(B, S, 4\)"):
        nn.AttentionLayer(4, 2, 2)(*(zeros(*shape) for shape in shapes))


@pytest.mark.parametrize(
    ("shape", "batch_first", "said"),
    [
        ((7, 1, 4), False, "Transformer: a sequence of 7 places. Expected at most 6"),
        ((1, 7, 4), True, "Transformer: a sequence of 7 places. Expected at most 6"),
        ((3, 1, 5), False, r"Transformer: x is \(3, 1, 5\). Expected \(T >= 1, B >= 1, embedding_size = 4\)"),
        ((3, 4), True, r"Transformer: x is \(3, 4\). Expected \(B >= 1, T >= 1, embedding_size = 4\)"),
        ((0, 2, 4), False, r"Transformer: x is \(0, 2, 4\)"),
    ],
)
def test_a_transformer_refuses_long_sequences_and_other_shapes(
    shape: tuple[int, ...], batch_first: bool, said: str
) -> None:
    model = nn.Transformer(4, 2, 1, num_head=1, dim_head=2, batch_first=batch_first, sequence_len=6)
    with pytest.raises(ShapeError, match=said):
        model(zeros(*shape))


def test_a_transformer_takes_more_sequences_than_places() -> None:
    model = nn.Transformer(4, 2, 1, num_head=1, dim_head=2, sequence_len=2)
    assert model(init.zeros(2, 5, 4))[0].shape == (2, 5, 4)
