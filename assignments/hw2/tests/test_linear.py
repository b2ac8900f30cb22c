"""linear: layers worked by hand, how a new one is drawn, then any shape and its measured slopes."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible, shapes

ran = runner(np=np, ndl=ndl)


def layer_made_by(*lines):
    """Run Python, and return the layer that it made, to be called."""
    made, text = ran(*lines)
    return shown_as("layer", made["layer"], setup=text)


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(weight, bias=None):
    """Return Python that makes a layer with these parameters, and without a bias if it is None."""
    ins, outs = np.shape(weight)
    lines = [f"layer = ndl.nn.Linear({ins}, {outs}{', bias=False' if bias is None else ''})"]
    lines.append(f"layer.weight = ndl.nn.Parameter({tensor(weight)})")
    if bias is not None:
        lines.append(f"layer.bias = ndl.nn.Parameter({tensor(bias)})")
    return lines


def one_output(x, weight, bias, at):
    """Return a single output of a layer, for an example with these features."""
    return math.fsum([bias[at], *(one * row[at] for one, row in zip(x, weight, strict=True))])


def by_rows(x, weight, bias):
    """Return all outputs, one by one, as nested lists with x's leading axes."""
    if np.ndim(x) > 1:
        return [by_rows(part, weight, bias) for part in x]
    return [one_output(x, weight, bias, at) for at in range(len(bias))]


@st.composite
def layers(draw):
    """Draw an input with one or more leading axes, a weight, a bias, and weights for the outcome."""
    leading, ins, outs = draw(shapes(1, 3, 2)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes = ((*leading, ins), (ins, outs), (1, outs), (*leading, outs))
    return tuple(draw(arrays(size, -2, 2)) for size in sizes)


def test_an_output_is_a_column_of_the_weights_times_x_plus_its_bias():
    layer = layer_made_by(*setting([[1, 0], [10, 2]], [[0.5, -1]]))
    because = "3 * 1 + 4 * 10 + 0.5 = 43.5, and 3 * 0 + 4 * 2 - 1 = 7."
    call(layer, ndl.Tensor([[3, 4]], dtype="float32")).returns([[43.5, 7]], because=because)


def test_every_example_meets_the_same_weights_and_bias():
    layer = layer_made_by(*setting([[1, 10]], [[0.5, 7]]))
    because = "each row is x * 1 + 0.5, x * 10 + 7. The bias is a row, repeated for each example."
    x = ndl.Tensor([[2], [3]], dtype="float32")
    call(layer, x).returns([[2.5, 27], [3.5, 37]], because=because)


def test_any_number_of_axes_may_come_before_the_features():
    layer = layer_made_by(*setting([[1, 10]], [[0.5, 7]]))
    because = "x is (3, 1, 1): the last axis holds the feature, the others stay as they are."
    x = ndl.Tensor([[[2]], [[3]], [[4]]], dtype="float32")
    call(layer, x).returns([[[2.5, 27]], [[3.5, 37]], [[4.5, 47]]], because=because)


def test_a_layer_without_a_bias_only_multiplies():
    made, text = ran(*setting([[1, 10]]))
    layer = made["layer"]
    because = "with bias=False nothing is added: 2 * 1 and 2 * 10."
    call(shown_as("layer", layer, setup=text), ndl.Tensor([[2]], dtype="float32")).returns(
        [[2, 20]], because=because
    )
    seen(f"{text}; layer.bias", layer.bias).returns_nothing(because="with bias=False there is no bias.")
    count = seen(f"{text}; len(layer.parameters())", len(layer.parameters()))
    count.returns(1, because="weight is all that it learns.")


def test_a_bias_whose_data_are_a_vector_is_added_to_every_row_too():
    lines = setting([[1, 10]], [[0, 0]])
    layer = layer_made_by(*lines, f"layer.bias.data = {tensor([0.5, 7])}")
    because = "0.5 belongs to the first output and 7 to the second, in (2,) as in (1, 2)."
    x = ndl.Tensor([[2], [3]], dtype="float32")
    call(layer, x).returns([[2.5, 27], [3.5, 37]], because=because)
    x = ndl.Tensor([[[2], [3]], [[4], [5]]], dtype="float32")
    call(layer, x).returns([[[2.5, 27], [3.5, 37]], [[4.5, 47], [5.5, 57]]], because=because)


def test_a_new_layer_draws_its_weight_first_and_then_its_bias():
    made, text = ran("np.random.seed(0)", "layer = ndl.nn.Linear(6, 24)")
    layer = made["layer"]
    np.random.seed(0)
    draws = [2 * np.random.rand() - 1 for _ in range(6 * 24 + 24)]  # from -1 to 1
    because = "kaiming_uniform(6, 24) spreads the draws 1 to 144 from -1 to 1, as sqrt(6 / 6) = 1."
    weight = seen(f"{text}; layer.weight", layer.weight)
    weight.returns(np.reshape(draws[:144], (6, 24)), because=because)
    because = "kaiming_uniform(24, 1) spreads the draws 145 to 168 from -0.5 to 0.5, as sqrt(6 / 24) = 0.5."
    bias = seen(f"{text}; layer.bias", layer.bias)
    bias.returns([[draw / 2 for draw in draws[144:]]], because=because)


def test_weight_and_bias_are_the_layers_parameters():
    for dtype in ("float32", "float64"):
        made, text = ran(f"layer = ndl.nn.Linear(2, 3, dtype='{dtype}')")
        layer = made["layer"]
        for name, shape in (("weight", (2, 3)), ("bias", (1, 3))):
            because = "an optimizer finds what it may change by its type, Parameter."
            found = seen(f"{text}; layer.{name}", getattr(layer, name)).has_shape(shape)
            found.has_type(ndl.nn.Parameter, because=because).has_dtype(dtype)
        count = seen(f"{text}; len(layer.parameters())", len(layer.parameters()))
        count.returns(2, because="it learns its weight and its bias.")


@reproducible
@given(layers())
def test_any_input_comes_out_as_worked_one_by_one(drawn):
    x, weight, bias, _ = drawn
    expected = by_rows(x.tolist(), weight.tolist(), bias[0].tolist())
    because = "each output is the sum of x[i] * weight[i, at] over i, plus bias[0, at]."
    made = call(layer_made_by(*setting(weight, bias)), ndl.Tensor(x))
    made.returns(expected, because=because).has_dtype(np.float32).keeps()


@reproducible
@given(layers())
def test_the_gradients_of_x_weight_and_bias_are_the_measured_slopes(drawn):
    x, weight, bias, out_grad = drawn
    made, text = ran(*setting(weight, bias), f"x = {tensor(x)}", f"layer(x).backward({tensor(out_grad)})")

    def outcome(x, weight, bias):
        return by_rows(x, weight, bias[0])

    slopes = central_differences(outcome, x, weight, bias, out_grad=out_grad)
    layer = made["layer"]
    grads = {"x": made["x"].grad, "layer.weight": layer.weight.grad, "layer.bias": layer.bias.grad}
    because = "weight and bias meet every example, so their gradients are sums over all of them."
    for (name, grad), slope in zip(grads.items(), slopes, strict=True):
        found = seen(f"{text}; {name}.grad", grad).returns(slope, rtol=1e-3, because=because)
        found.has_dtype(np.float32)
