"""The kernels of losses, embeddings, norms and recurrent layers give what float64 gives.

Each is compared with its definition in NumPy's float64; gradients with the definition's derivatives, taken
along some direction by central differences.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_kernels import COLUMNS, FEW, ROWS, Exact, call, check_slopes, close, numbers, seeds
from strided_views import CPU, Array, backend, drawn, fast, lacks, read, run_tests_with, threads

# CUDA's scatter_add_rows does not wait for the device to find wrong indices, which gather_rows has refused
REFUSERS = ["gather_rows", "softmax_loss", *(["scatter_add_rows"] if backend.__name__ == CPU else [])]


def labels_of(seed: int, count: int, classes: int) -> Array:
    return np.random.default_rng(seed).integers(0, classes, count).astype("float32")


def loss_of(logits: Exact, labels: Array) -> Exact:
    largest = logits.max(1, keepdims=True)
    sums = np.log(np.exp(logits - largest).sum(1)) + largest[:, 0]
    return np.array([(sums - logits[range(len(labels)), labels.astype(int)]).mean()])


@drawn
@given(rows=ROWS, classes=COLUMNS, scale=st.sampled_from([1.0, 1e4]), seed=seeds)
def test_the_softmax_loss_and_its_gradient_are_those_of_float64(
    rows: int, classes: int, scale: float, seed: int
) -> None:
    (logits,), labels = numbers(seed, (rows, classes)), labels_of(seed, rows, classes)
    logits *= np.float32(scale)
    loss, sums = call("softmax_loss", (rows, classes), logits, labels)
    close(loss, loss_of(logits.astype("float64"), labels))
    weight = np.full(1, 1.5, "float32")
    (gradient,) = call("softmax_loss_gradient", (rows, classes), logits, labels, sums, weight)
    shifted = np.exp(logits.astype("float64") - logits.max(1, keepdims=True))
    exact = shifted / shifted.sum(1, keepdims=True)
    exact[range(rows), labels.astype(int)] -= 1
    found = read(gradient, (rows, classes))
    # a rounded logarithm of a sum is wrong by its size in units in the last place
    np.testing.assert_allclose(found, 1.5 * exact / rows, atol=1e-6 + 2e-7 * np.abs(logits).max())


def test_a_class_that_is_impossible_costs_nothing_and_gets_no_gradient() -> None:
    logits = np.array([[1, -np.inf, 2], [0, 0, -np.inf]], "float32")
    labels = np.array([0, 1], "float32")
    loss, sums = call("softmax_loss", (2, 3), logits, labels)
    exact = (np.log(np.exp(1.0) + np.exp(2.0)) - 1 + np.log(2.0)) / 2
    np.testing.assert_allclose(read(loss, (1,)), [exact], rtol=1e-6)
    (gradient,) = call("softmax_loss_gradient", (2, 3), logits, labels, sums, np.ones(1, "float32"))
    assert read(gradient, (2, 3))[0, 1] == read(gradient, (2, 3))[1, 2] == 0


@pytest.mark.parametrize("place", [0, 5, 16, 36])
def test_a_logit_that_is_no_number_makes_the_loss_none(place: int) -> None:
    logits = np.ones((1, 37), "float32")
    logits[0, place] = np.nan
    loss, _ = call("softmax_loss", (1, 37), logits, np.zeros(1, "float32"))
    assert np.isnan(read(loss, (1,)))[0]


@drawn
@given(count=ROWS, rows=ROWS, columns=COLUMNS, seed=seeds)
def test_rows_are_gathered_and_added_where_they_came_from(
    count: int, rows: int, columns: int, seed: int
) -> None:
    table, a = numbers(seed, (rows, columns), (count, columns))
    indices = labels_of(seed, count, rows)
    (out,) = call("gather_rows", (count, rows, columns), table, indices)
    np.testing.assert_array_equal(read(out, (count, columns)), table[indices.astype(int)])
    (added,) = call("scatter_add_rows", (count, rows, columns), a, indices)
    exact = np.zeros((rows, columns))
    np.add.at(exact, indices.astype(int), a.astype("float64"))
    close(added, exact)


@pytest.mark.parametrize(
    ("index", "shown"), [(-1, "-1.0"), (4, "4.0"), (0.5, "0.5"), (np.nan, "nan"), (np.inf, "inf")]
)
@pytest.mark.parametrize("name", REFUSERS)
def test_an_index_of_no_row_is_refused_with_its_place(name: str, index: float, shown: str) -> None:
    indices = np.array([0, index, 1], "float32")
    sizes = (3, 4) if name == "softmax_loss" else (3, 4, 2)
    size = (3, 2) if name == "scatter_add_rows" else (4, 2) if name == "gather_rows" else (3, 4)
    with pytest.raises(IndexError, match=rf"{name}: \w+ holds {shown}\d* at place 1. Expected whole numbers"):
        call(name, sizes, np.zeros(size, "float32"), indices)


def normalized(x: Exact, weight: Exact, bias: Exact) -> Exact:
    centered = x - x.mean(1, keepdims=True)
    return (weight * centered / np.sqrt((centered**2).mean(1, keepdims=True) + 1e-3) + bias).ravel()


@drawn
@given(rows=ROWS, columns=COLUMNS, seed=seeds)
def test_layer_norm_and_its_gradients_are_those_of_float64(rows: int, columns: int, seed: int) -> None:
    x, weight, bias, upper = numbers(seed, (rows, columns), (columns,), (columns,), (rows, columns))
    out, means, inverses = call("layer_norm", (rows, columns), x, weight, bias, 1e-3)
    exact = normalized(*(one.astype("float64") for one in (x, weight, bias)))
    close(out, exact.reshape(rows, columns))
    found = call("layer_norm_gradient", (rows, columns), x, weight, means, inverses, upper)
    check_slopes(normalized, [x, weight, bias], [upper.astype("float64")], list(found))


def test_layer_norm_of_numbers_far_from_0_keeps_their_differences() -> None:
    x = (1000 + np.arange(32, dtype="float32") / 8).reshape(1, 32)
    one, zero = np.ones(32, "float32"), np.zeros(32, "float32")
    out, *_ = call("layer_norm", (1, 32), x, one, zero, 0.0)
    exact = (x.astype("float64") - x.mean()) / x.astype("float64").std()
    close(out, exact, 1e-6)


@drawn
@given(rows=st.sampled_from([1, 5, 95, 96, 97, 200]), n=COLUMNS, p=COLUMNS, seed=seeds)
def test_linear_adds_its_bias_to_each_row(rows: int, n: int, p: int, seed: int) -> None:
    x, weight, bias = numbers(seed, (rows, n), (n, p), (p,))
    (out,) = call("linear", (rows, n, p), x, weight, bias)
    close(out, x.astype("float64") @ weight + bias)


def test_linear_takes_a_weight_that_no_cache_holds() -> None:
    x, weight, bias = numbers(0, (130, 300), (300, 600), (600,))
    (out,) = call("linear", (130, 300, 600), x, weight, bias)
    close(out, x.astype("float64") @ weight + bias)


def sigmoid(x: Exact) -> Exact:
    return (np.tanh(x / 2) + 1) / 2


def rnn_of(x: Exact, W_ih: Exact, W_hh: Exact, bias: Exact, h: Exact, f: Any = np.tanh) -> Exact:
    states = []
    for step in x:
        h = f(step @ W_ih + h @ W_hh + bias)
        states.append(h.ravel())
    return np.concatenate([*states, h.ravel()])


def lstm_of(x: Exact, W_ih: Exact, W_hh: Exact, bias: Exact, h: Exact, c: Exact) -> Exact:
    states = []
    for step in x:
        i, f, g, o = np.split(step @ W_ih + h @ W_hh + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h.ravel())
    return np.concatenate([*states, h.ravel(), c.ravel()])


def gru_of(x: Exact, W_ih: Exact, W_hh: Exact, bias_ih: Exact, bias_hh: Exact, h: Exact) -> Exact:
    states = []
    for step in x:
        r_x, z_x, n_x = np.split(step @ W_ih + bias_ih, 3, axis=1)
        r_h, z_h, n_h = np.split(h @ W_hh + bias_hh, 3, axis=1)
        z = sigmoid(z_x + z_h)
        h = (1 - z) * np.tanh(n_x + sigmoid(r_x + r_h) * n_h) + z * h
        states.append(h.ravel())
    return np.concatenate([*states, h.ravel()])


def apart(flat: Exact, *shapes: tuple[int, ...]) -> list[Exact]:
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]


@drawn
@given(steps=FEW, batch=ROWS, inputs=FEW, hidden=COLUMNS, relu=st.booleans(), seed=seeds)
def test_rnn_and_the_gradients_of_its_tanh_are_those_of_float64(
    steps: int, batch: int, inputs: int, hidden: int, relu: bool, seed: int
) -> None:
    T, B, I, H = sizes = steps, batch, inputs, hidden  # noqa: E741
    given = numbers(seed, (T, B, I), (I, H), (H, H), (H,), (B, H))
    given[2] /= np.float32(H**0.5)
    x, W_ih, W_hh, _, h0 = given
    out, h_n = call("rnn", sizes, int(relu), *given)
    shapes = (T, B, H), (B, H)
    rule = (lambda total: np.maximum(total, 0)) if relu else np.tanh
    exact = apart(rnn_of(*(one.astype("float64") for one in given), rule), *shapes)
    for handle, expected in zip((out, h_n), exact, strict=True):
        close(handle, expected)
    if not relu:  # whose slope is another one on either side of 0
        upper = numbers(seed + 1, *shapes)
        found = call("rnn_gradient", sizes, 0, x, W_ih, W_hh, h0, out, *upper)
        check_slopes(rnn_of, given, [one.astype("float64") for one in upper], list(found))


def test_a_step_of_an_rnn_passes_gradients_back_through_relu_where_it_is_above_0() -> None:
    x, W_ih, W_hh, bias, h0 = (
        np.full(shape, 1, "float32") for shape in ((1, 1, 1), (1, 3), (3, 3), 3, (1, 3))
    )
    W_ih[:] = [[-9, 1, 0]]
    W_hh[:] = np.diag([2.0, 3.0, -1.0])
    out, _ = call("rnn", (1, 1, 1, 3), 1, x, W_ih, W_hh, bias, h0)
    np.testing.assert_array_equal(read(out, (3,)), [0, 5, 0])  # of -6, 5 and 0
    upper = np.array([[[1, 10, 100]]], "float32")
    found = call("rnn_gradient", (1, 1, 1, 3), 1, x, W_ih, W_hh, h0, out, upper, 2 * upper[0])
    exact = [[30], [0, 30, 0], [0, 30, 0] * 3, [0, 30, 0], [0, 90, 0]]
    for handle, expected in zip(found, exact, strict=True):
        np.testing.assert_array_equal(read(handle, (len(expected),)), expected)


@drawn
@given(steps=FEW, batch=ROWS, inputs=FEW, hidden=COLUMNS, seed=seeds)
def test_lstm_and_its_gradients_are_those_of_float64(
    steps: int, batch: int, inputs: int, hidden: int, seed: int
) -> None:
    T, B, I, H = sizes = steps, batch, inputs, hidden  # noqa: E741
    state = (B, H)
    given = numbers(seed, (T, B, I), (I, 4 * H), (H, 4 * H), (4 * H,), state, state)
    given[2] /= np.float32(H**0.5)
    x, W_ih, W_hh, _, h0, c0 = given
    out, h_n, c_n, gates, cells = call("lstm", sizes, *given)
    shapes = (T, B, H), state, state
    exact = apart(lstm_of(*(one.astype("float64") for one in given)), *shapes)
    for handle, expected in zip((out, h_n, c_n), exact, strict=True):
        close(handle, expected)
    upper = numbers(seed + 1, *shapes)
    found = call("lstm_gradient", sizes, x, W_ih, W_hh, h0, c0, gates, cells, out, *upper)
    check_slopes(lstm_of, given, [one.astype("float64") for one in upper], list(found))


@drawn
@given(steps=FEW, batch=ROWS, inputs=FEW, hidden=COLUMNS, seed=seeds)
def test_gru_and_its_gradients_are_those_of_float64(
    steps: int, batch: int, inputs: int, hidden: int, seed: int
) -> None:
    T, B, I, H = sizes = steps, batch, inputs, hidden  # noqa: E741
    given = numbers(seed, (T, B, I), (I, 3 * H), (H, 3 * H), (3 * H,), (3 * H,), (B, H))
    given[2] /= np.float32(H**0.5)
    x, W_ih, W_hh, _, _, h0 = given
    out, h_n, gates, inner = call("gru", sizes, *given)
    shapes = (T, B, H), (B, H)
    exact = apart(gru_of(*(one.astype("float64") for one in given)), *shapes)
    for handle, expected in zip((out, h_n), exact, strict=True):
        close(handle, expected)
    upper = numbers(seed + 1, *shapes)
    found = call("gru_gradient", sizes, x, W_ih, W_hh, h0, gates, inner, out, *upper)
    check_slopes(gru_of, given, [one.astype("float64") for one in upper], list(found))


def test_gates_that_are_far_open_or_shut_give_finite_gradients() -> None:
    sizes = (2, 1, 1, 1)
    for size in (200.0, -200.0, 1e30):
        given = [
            np.full(shape, size, "float32") for shape in ((2, 1, 1), (1, 4), (1, 4), (4,), (1, 1), (1, 1))
        ]
        out, _, _, gates, cells = call("lstm", sizes, *given)
        assert np.isfinite(read(out, (2,))).all()
        x, W_ih, W_hh, _, h0, c0 = given
        upper = numbers(0, (2, 1, 1), (1, 1), (1, 1))
        found = call("lstm_gradient", sizes, x, W_ih, W_hh, h0, c0, gates, cells, out, *upper)
        assert all(np.isfinite(read(one, (one.size,))).all() for one in found)


SIZES: dict[str, tuple[tuple[int, ...], list[tuple[int, ...]], list[Any]]] = {
    "softmax_loss": ((3, 4), [(3, 4), (3,)], []),
    "softmax_loss_gradient": ((3, 4), [(3, 4), (3,), (3,), (1,)], []),
    "gather_rows": ((2, 3, 4), [(3, 4), (2,)], []),
    "scatter_add_rows": ((2, 3, 4), [(2, 4), (2,)], []),
    "layer_norm": ((2, 3), [(2, 3), (3,), (3,)], [1e-5]),
    "layer_norm_gradient": ((2, 3), [(2, 3), (3,), (2,), (2,), (2, 3)], []),
    "linear": ((2, 3, 4), [(2, 3), (3, 4), (4,)], []),
    "rnn": ((2, 3, 4, 5), [(2, 3, 4), (4, 5), (5, 5), (5,), (3, 5)], []),
    "rnn_gradient": ((2, 3, 4, 5), [(2, 3, 4), (4, 5), (5, 5), (3, 5), *[(2, 3, 5)] * 2, (3, 5)], []),
    "lstm": ((2, 3, 4, 5), [(2, 3, 4), (4, 20), (5, 20), (20,), (3, 5), (3, 5)], []),
    "lstm_gradient": (
        (2, 3, 4, 5),
        [(2, 3, 4), (4, 20), (5, 20), (3, 5), (3, 5), (2, 3, 20), *[(2, 3, 5)] * 3, (3, 5), (3, 5)],
        [],
    ),
    "gru": ((2, 3, 4, 5), [(2, 3, 4), (4, 15), (5, 15), (15,), (15,), (3, 5)], []),
    "gru_gradient": (
        (2, 3, 4, 5),
        [(2, 3, 4), (4, 15), (5, 15), (3, 5), (2, 3, 15), *[(2, 3, 5)] * 3, (3, 5)],
        [],
    ),
    "attention": ((2, 3, 4, 5, 6, 7), [(2, 4, 18), (2, 5, 18), (2, 5, 21)], []),
    "attention_gradient": (
        (2, 3, 4, 5, 6, 7),
        [(2, 4, 18), (2, 5, 18), (2, 5, 21), (2, 4, 21), (2, 3, 4), (2, 4, 21)],
        [],
    ),
}


def prepared(name: str) -> tuple[tuple[int, ...], list[Array], list[Any], list[int]]:
    """Return a right call: sizes, arrays, what follows them, and what lies between sizes and arrays."""
    sizes, shapes, after = SIZES[name]
    arrays = [np.zeros(shape, "float32") for shape in shapes]
    return sizes, arrays, after, [0] if name.startswith(("attention", "rnn")) else []


@pytest.mark.parametrize("name", SIZES)
def test_an_array_of_another_size_is_refused_whichever_it_is(name: str) -> None:
    sizes, arrays, after, between = prepared(name)
    call(name, sizes, *between, *arrays, *after)
    for at, array in enumerate(arrays):
        for other in (array.size - 1, array.size + 1):
            wrong = [*arrays[:at], np.zeros(other, "float32"), *arrays[at + 1 :]]
            with pytest.raises(
                ValueError, match=rf"{name}: \w+ holds {other} elements. Expected {array.size}"
            ):
                call(name, sizes, *between, *wrong, *after)


@pytest.mark.parametrize("name", SIZES)
def test_sizes_below_1_or_too_few_of_them_are_refused(name: str) -> None:
    sizes, arrays, after, between = prepared(name)
    with pytest.raises(ValueError, match=rf"{name}: sizes holds {len(sizes) - 1} numbers. Expected"):
        call(name, sizes[1:], *between, *arrays, *after)
    for at in range(len(sizes)):
        for wrong in (0, -1, -(2**62)):
            with pytest.raises(ValueError, match=rf"{name}: one of sizes is below 1. Expected 1 or more"):
                call(name, (*sizes[:at], wrong, *sizes[at + 1 :]), *between, *arrays, *after)
        with pytest.raises(ValueError, match=rf"{name}: "):
            call(name, (*sizes[:at], 2**61, *sizes[at + 1 :]), *between, *arrays, *after)


def outcomes(name: str) -> bytes:
    """Call some kernels with sizes that threads share, and return all that they make."""
    if name == "softmax_loss":
        (logits,), labels = numbers(0, (70, 1000)), labels_of(0, 70, 1000)
        loss, sums = call(name, (70, 1000), logits, labels)
        made = (
            loss,
            sums,
            *call("softmax_loss_gradient", (70, 1000), logits, labels, sums, np.ones(1, "float32")),
        )
    elif name == "rows":
        table, a = numbers(0, (3000, 40), (2000, 40))
        indices, sizes = labels_of(0, 2000, 3000), (2000, 3000, 40)
        made = *call("gather_rows", sizes, table, indices), *call("scatter_add_rows", sizes, a, indices)
    elif name == "layer_norm":
        x, weight, bias = numbers(0, (2100, 40), (40,), (40,))
        made = call(name, (2100, 40), x, weight, bias, 1e-5)
        made = *made, *call("layer_norm_gradient", (2100, 40), x, weight, *made[1:], x)
    elif name == "lstm":
        sizes, state = (5, 35, 20, 40), (35, 40)
        given = numbers(0, (5, 35, 20), (20, 160), (40, 160), (160,), state, state)
        x, W_ih, W_hh, _, h0, c0 = given
        out, h_n, c_n, gates, cells = call(name, sizes, *given)
        found = call("lstm_gradient", sizes, x, W_ih, W_hh, h0, c0, gates, cells, out, out, h_n, c_n)
        made = out, h_n, c_n, *found
    else:
        sizes = (2, 3, 150, 150, 8, 8)
        q, k, v = numbers(0, *[(2, 150, 3, 8)] * 3)
        out, sums = call(name, sizes, 1, q, k, v)
        made = out, sums, *call("attention_gradient", sizes, 1, q, k, v, out, sums, q)
    return b"".join(read(one, (one.size,)).tobytes() for one in made)


@pytest.mark.parametrize("name", ["softmax_loss", "rows", "layer_norm", "lstm", "attention"])
def test_results_are_the_same_on_any_number_of_threads(name: str) -> None:
    made = set()
    for number in (1, 2, 3):
        with threads(number):
            made.add(outcomes(name))
    assert len(made) == 1


@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_other_instruction_sets_pass_the_same_tests(isa: str) -> None:
    if fast.isa == isa or lacks(isa):
        pytest.skip(f"these tests run with {fast.isa}, and {isa} is no other one that is here")
    run_tests_with(isa, __file__, "gradient or linear or gathered or number or far")
