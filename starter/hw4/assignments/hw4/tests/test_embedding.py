"""embedding: rows taken by number, how they are drawn, what reaches them backwards, then any tokens."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, raises, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible

ran = runner(np=np, ndl=ndl)


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(weight):
    """Return Python that makes an embedding with these rows."""
    rows, dim = np.shape(weight)
    return f"embedding = ndl.nn.Embedding({rows}, {dim})", f"embedding.weight.data = {tensor(weight)}"


def embedding_made_by(*lines):
    """Run Python, and return the embedding that it made, to be called."""
    made, text = ran(*lines)
    return shown_as("embedding", made["embedding"], setup=text)


@st.composite
def tokens(draw):
    """Draw a weight, tokens (T, B) and weights for the outcome."""
    rows, dim, steps, batch = (draw(st.integers(1, most)) for most in (5, 3, 3, 3))
    words = draw(st.lists(st.integers(0, rows - 1), min_size=steps * batch, max_size=steps * batch))
    shapes = (rows, dim), (steps, batch, dim)
    weight, out_grad = (draw(arrays(shape)) for shape in shapes)
    return weight, np.reshape(words, (steps, batch)), out_grad


def test_each_token_becomes_the_row_of_its_number():
    embedding = embedding_made_by(*setting([[1, 2], [30, 40], [500, 600]]))
    because = "token 2 is row 2, [500, 600], and token 0 row 0, [1, 2]."
    x = ndl.Tensor([[2, 0]], dtype="float32")
    call(embedding, x).returns([[[500, 600], [1, 2]]], because=because).has_dtype(np.float32)


def test_steps_and_examples_keep_their_axes():
    embedding = embedding_made_by(*setting([[1], [20], [300]]))
    because = (
        "x is (3, 2), 3 steps of 2 examples, so the outcome is (3, 2, 1): no axis is mixed with another."
    )
    x = ndl.Tensor([[0, 1], [2, 2], [1, 0]], dtype="float32")
    call(embedding, x).returns([[[1], [20]], [[300], [300]], [[20], [1]]], because=because).keeps()


def test_the_gradient_of_a_row_is_the_sum_over_the_places_of_its_token():
    lines = setting([[1, 2], [30, 40], [500, 600]])
    step = f"embedding({tensor([[1, 0], [1, 1]])}).backward({tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])})"
    made, text = ran(*lines, step)
    because = "token 1 stands at three places: [1 + 5 + 7, 2 + 6 + 8]; token 0 at one; token 2 nowhere."
    grad = seen(f"{text}; embedding.weight.grad", made["embedding"].weight.grad)
    grad.returns([[3, 4], [13, 16], [0, 0]], because=because).has_dtype(np.float32)


def test_a_new_embedding_is_drawn_from_the_normal_distribution():
    made, text = ran("np.random.seed(0)", "embedding = ndl.nn.Embedding(6, 3)")
    np.random.seed(0)
    drawn = [np.random.randn() for _ in range(6 * 3)]
    weight = seen(f"{text}; embedding.weight", made["embedding"].weight)
    because = "(num_embeddings, embedding_dim) draws from N(0, 1)."
    weight.returns(np.reshape(drawn, (6, 3)), because=because).has_dtype(np.float32)
    weight.has_type(ndl.nn.Parameter, because="an optimizer finds what it may change by its type.")
    count = seen(f"{text}; len(embedding.parameters())", len(made["embedding"].parameters()))
    count.returns(1, because="weight is all that it learns.")


def test_a_weight_that_was_replaced_by_a_tensor_counts():
    replaced = f"embedding.weight = {tensor([[7], [8]])}"
    embedding = embedding_made_by("embedding = ndl.nn.Embedding(2, 1)", replaced)
    because = "forward looks at the attribute as it is now."
    call(embedding, ndl.Tensor([[1], [0]], dtype="float32")).returns([[[8]], [[7]]], because=because)


def test_a_token_out_of_the_vocabulary_is_refused_in_words():
    embedding = embedding_made_by("embedding = ndl.nn.Embedding(5, 2)")
    because = "a vocabulary of 5 words has the tokens 0 to 4: require_tokens says so."
    for token in (5, -1):
        x = ndl.Tensor([[0, token]], dtype="float32")
        raises(ValueError, embedding, x, naming=["Embedding", f"{token}", "from 0 to 4"], because=because)


@reproducible
@given(tokens())
def test_any_tokens_give_their_rows_and_the_rows_their_gradients(drawn):
    weight, words, out_grad = drawn
    made, text = ran(*setting(weight), f"x = {tensor(words)}", "out = embedding(x)")
    expected = [[weight[word].tolist() for word in step] for step in words]
    seen(f"{text}; out", made["out"]).returns(expected, because="out[t, b] is row x[t, b] of weight.")
    made, text = ran(*setting(weight), f"embedding({tensor(words)}).backward({tensor(out_grad)})")
    sums = [[0.0] * weight.shape[1] for _ in weight]
    for word, part in zip(words.ravel(), out_grad.reshape((-1, weight.shape[1])), strict=True):
        sums[word] = [one + float(other) for one, other in zip(sums[word], part, strict=True)]
    because = "row w gets the sum of out_grad[t, b] over all t, b with x[t, b] = w."
    seen(f"{text}; embedding.weight.grad", made["embedding"].weight.grad).returns(sums, because=because)
