"""layer_norm: rows worked by hand, then any batch, feature by feature, and its measured slopes."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import call, central_differences, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible

ran = runner(ndl=ndl)


def layer_made_by(*lines):
    """Run Python, and return the layer that it made, to be called."""
    made, text = ran(*lines)
    return shown_as("layer", made["layer"], setup=text)


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(weight, bias, eps):
    """Return Python that makes a layer with these parameters."""
    made = f"layer = ndl.nn.LayerNorm1d({len(weight)}, eps={eps})"
    return made, f"layer.weight.data = {tensor(weight)}", f"layer.bias.data = {tensor(bias)}"


def batches(min_features):
    """Draw a batch, a weight and a bias for each feature, weights for the outcome, and an eps."""
    shapes = st.tuples(st.integers(1, 4), st.integers(min_features, 4))
    return shapes.flatmap(
        lambda shape: st.tuples(
            arrays(shape),
            arrays(shape[1:], -2, 2),
            arrays(shape[1:], -2, 2),
            arrays(shape, -2, 2),
            st.sampled_from([0.5, 1, 2]),
        )
    )


def normalized(row, weight, bias, eps):
    """Return one example's outcome as Python floats."""
    mean = math.fsum(row) / len(row)
    root = math.sqrt(math.fsum((one - mean) ** 2 for one in row) / len(row) + eps)
    return [w * (one - mean) / root + b for one, w, b in zip(row, weight, bias, strict=True)]


def test_a_row_comes_out_with_mean_0_and_variance_1():
    layer = layer_made_by("layer = ndl.nn.LayerNorm1d(2)")
    because = "the mean of 1 and 3 is 2, and their variance ((-1)^2 + 1^2) / 2 is 1."
    call(layer, ndl.Tensor([[1, 3]], dtype="float32")).returns([[-1, 1]], because=because)


def test_each_example_is_normalized_by_itself():
    layer = layer_made_by("layer = ndl.nn.LayerNorm1d(2)")
    because = "each row has a mean and a variance of its own, which no other example changes."
    call(layer, ndl.Tensor([[1, 3], [10, 30]], dtype="float32")).returns([[-1, 1], [-1, 1]], because=because)


def test_the_variance_is_the_biased_one():
    layer = layer_made_by("layer = ndl.nn.LayerNorm1d(3)")
    because = "around the mean 1 the squares are 1, 1, 4; they are divided by their number: variance 6/3 = 2."
    expected = [[-1 / math.sqrt(2), -1 / math.sqrt(2), 2 / math.sqrt(2)]]
    call(layer, ndl.Tensor([[0, 0, 3]], dtype="float32")).returns(expected, because=because)


def test_eps_is_added_to_the_variance_inside_the_root():
    layer = layer_made_by("layer = ndl.nn.LayerNorm1d(2, eps=3)")
    because = "the variance is 1, and sqrt(1 + 3) = 2. (sqrt(1) + 3 would be 4.)"
    call(layer, ndl.Tensor([[1, 3]], dtype="float32")).returns([[-0.5, 0.5]], because=because)
    layer = layer_made_by("layer = ndl.nn.LayerNorm1d(2)")
    because = "by default eps is 1e-5: 0.001 / sqrt(1e-6 + 1e-5) = 0.3015113."
    x = ndl.Tensor([[0, 0.002]], dtype="float32")
    call(layer, x).returns([[-0.3015113, 0.3015113]], because=because)


def test_weight_and_bias_are_parameters_that_begin_as_ones_and_zeros():
    made, text = ran("layer = ndl.nn.LayerNorm1d(3)")
    layer = made["layer"]
    weight, bias = seen(f"{text}; layer.weight", layer.weight), seen(f"{text}; layer.bias", layer.bias)
    weight.returns([1, 1, 1], because="there is one weight for each feature, and at first none changes it.")
    bias.returns([0, 0, 0], because="there is one bias for each feature, and at first none changes it.")
    for one in (weight, bias):
        one.has_dtype(np.float32).has_type(
            ndl.nn.Parameter, because="an optimizer finds what it may change by its type, Parameter."
        )
    found = seen(f"{text}; len(layer.parameters())", len(layer.parameters()))
    found.returns(2, because="the parameters are weight and bias.")


def test_each_feature_is_multiplied_by_its_weight_and_moved_by_its_bias():
    layer = layer_made_by(*setting([10, 100], [0.5, 7], 1e-5))
    because = "normalized, both rows are [-1, 1]: -1 * 10 + 0.5 and 1 * 100 + 7."
    call(layer, ndl.Tensor([[1, 3], [5, 9]], dtype="float32")).returns(
        [[-9.5, 107], [-9.5, 107]], because=because
    )


@reproducible
@given(batches(min_features=1))
def test_any_batch_comes_out_as_worked_row_by_row(drawn):
    x, weight, bias, _, eps = drawn
    expected = [normalized(row, weight.tolist(), bias.tolist(), eps) for row in x.tolist()]
    because = "weight * (x - mean) / sqrt(variance + eps) + bias, with the mean and variance of each row."
    made = call(layer_made_by(*setting(weight, bias, eps)), ndl.Tensor(x))
    made.returns(expected, because=because).has_dtype(np.float32).keeps()


@reproducible
@given(batches(min_features=2))
def test_the_gradients_of_x_weight_and_bias_are_the_measured_slopes(drawn):
    x, weight, bias, out_grad, eps = drawn
    made, text = ran(
        *setting(weight, bias, eps), f"x = {tensor(x)}", f"layer(x).backward({tensor(out_grad)})"
    )

    def outcome(x, weight, bias):
        return [normalized(row, weight, bias, eps) for row in x]

    slopes = [one.round(6) + 0.0 for one in central_differences(outcome, x, weight, bias, out_grad=out_grad)]
    grads = {
        "x.grad": made["x"].grad,
        "layer.weight.grad": made["layer"].weight.grad,
        "layer.bias.grad": made["layer"].bias.grad,
    }
    because = "mean and variance move with x, and a weight or bias meets every example."
    for (name, grad), slope in zip(grads.items(), slopes, strict=True):
        seen(f"{text}; {name}", grad).returns(slope, rtol=1e-3, because=because).has_dtype(np.float32)
