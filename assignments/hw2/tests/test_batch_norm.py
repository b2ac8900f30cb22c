"""batch_norm: columns worked by hand, in training and in use, then any batch and its measured slopes."""

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


def attributes(*lines, because, **expected):
    """Expect these numbers in the layer's attributes after Python that made it and maybe called it."""
    made, text = ran(*lines)
    for name, numbers in expected.items():
        value = getattr(made["layer"], name)
        seen(f"{text}; layer.{name}", value).returns(numbers, because=because).has_dtype(np.float32)
    return made, text


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def setting(weight, bias, eps):
    """Return Python that makes a layer with these parameters."""
    made = f"layer = ndl.nn.BatchNorm1d({len(weight)}, eps={eps})"
    return made, f"layer.weight.data = {tensor(weight)}", f"layer.bias.data = {tensor(bias)}"


def batches(min_examples):
    """Draw a batch, a weight and a bias for each feature, weights for the outcome, and an eps."""
    shapes = st.tuples(st.integers(min_examples, 4), st.integers(1, 4))
    return shapes.flatmap(
        lambda shape: st.tuples(
            arrays(shape),
            arrays(shape[1:], -2, 2),
            arrays(shape[1:], -2, 2),
            arrays(shape, -2, 2),
            st.sampled_from([0.5, 1, 2]),
        )
    )


def normalized(column, weight, bias, eps):
    """Return one feature's outcome, its mean and its variance as Python floats."""
    mean = math.fsum(column) / len(column)
    variance = math.fsum((one - mean) ** 2 for one in column) / len(column)
    root = math.sqrt(variance + eps)
    return [weight * (one - mean) / root + bias for one in column], mean, variance


def by_columns(x, weight, bias, eps):
    """Return what `normalized` makes of each feature."""
    columns = zip(*x, strict=True)
    return [normalized(column, w, b, eps) for column, w, b in zip(columns, weight, bias, strict=True)]


def test_each_feature_comes_out_with_mean_0_and_variance_1_over_the_batch():
    layer = layer_made_by("layer = ndl.nn.BatchNorm1d(2)")
    because = "1 and 3 have mean 2 and variance 1; 10 and 30 have mean 20 and variance 100."
    call(layer, ndl.Tensor([[1, 10], [3, 30]], dtype="float32")).returns([[-1, -1], [1, 1]], because=because)


def test_the_variance_is_the_biased_one_with_eps_inside_the_root():
    x = ndl.Tensor([[0], [0], [3]], dtype="float32")
    because = "around the mean 1 the squares are 1, 1, 4; they are divided by their number: variance 6/3 = 2"
    root = math.sqrt(2)
    layer = layer_made_by("layer = ndl.nn.BatchNorm1d(1)")
    call(layer, x).returns([[-1 / root], [-1 / root], [2 / root]], because=f"{because}.")
    layer = layer_made_by("layer = ndl.nn.BatchNorm1d(1, eps=14)")
    because = f"{because}, and sqrt(2 + 14) = 4. (sqrt(2) + 14 would be 15.41.)"
    call(layer, x).returns([[-0.25], [-0.25], [0.5]], because=because)


def test_a_new_layer_has_two_parameters_and_two_running_statistics():
    because = "weight and running_var begin as ones, bias and running_mean as zeros, one for each feature."
    made, text = attributes(
        "layer = ndl.nn.BatchNorm1d(2)",
        weight=[1, 1],
        bias=[0, 0],
        running_mean=[0, 0],
        running_var=[1, 1],
        because=because,
    )
    layer = made["layer"]
    for name in ("weight", "bias"):
        because = "an optimizer finds what it may change by its type, Parameter."
        seen(f"{text}; layer.{name}", getattr(layer, name)).has_type(ndl.nn.Parameter, because=because)
    because = "no optimizer may change a running statistic: it is a plain Tensor, not a Parameter."
    for name in ("running_mean", "running_var"):
        seen(f"{text}; layer.{name}", getattr(layer, name)).has_type(ndl.Tensor, because=because)


def test_training_moves_the_running_statistics_by_momentum_towards_the_batchs():
    because = "0 and 4 have mean 2 and biased variance 4: "
    new, step = "layer = ndl.nn.BatchNorm1d(1)", f"layer({tensor([[0], [4]])})"
    first = f"{because}0.9 * 0 + 0.1 * 2 = 0.2, and 0.9 * 1 + 0.1 * 4 = 1.3."
    attributes(new, step, running_mean=[0.2], running_var=[1.3], because=first)
    second = f"{because}0.9 * 0.2 + 0.1 * 2 = 0.38, and 0.9 * 1.3 + 0.1 * 4 = 1.57."
    attributes(new, step, step, running_mean=[0.38], running_var=[1.57], because=second)
    new = "layer = ndl.nn.BatchNorm1d(1, momentum=0.25)"
    other = f"{because}0.75 * 0 + 0.25 * 2 = 0.5, and 0.75 * 1 + 0.25 * 4 = 1.75."
    attributes(new, step, running_mean=[0.5], running_var=[1.75], because=other)


def test_in_use_the_running_statistics_normalize_and_stay_as_they_are():
    lines = (
        *setting([10, 1], [0.5, 0], 1),
        f"layer.running_mean.data = {tensor([2, 0])}",
        f"layer.running_var.data = {tensor([8, 3])}",
        "layer.eval()",
    )
    because = "10 * (5 - 2) / sqrt(8 + 1) + 0.5 = 10.5, and 1 * (4 - 0) / sqrt(3 + 1) = 2, in any batch."
    call(layer_made_by(*lines), ndl.Tensor([[5, 4]], dtype="float32")).returns([[10.5, 2]], because=because)
    because = "after eval() nothing is learned: a batch leaves the running statistics as they were."
    step = f"layer({tensor([[5, 4], [7, 9]])})"
    attributes(*lines, step, running_mean=[2, 0], running_var=[8, 3], because=because)


def test_in_training_the_running_statistics_play_no_part_in_the_outcome():
    lines = (
        "layer = ndl.nn.BatchNorm1d(1)",
        f"layer.running_mean.data = {tensor([100])}",
        f"layer.running_var.data = {tensor([100])}",
        "layer.eval()",
        "layer.train()",
    )
    because = "in training the mean 2 and the variance 1 of the batch itself normalize it."
    call(layer_made_by(*lines), ndl.Tensor([[1], [3]], dtype="float32")).returns([[-1], [1]], because=because)


def test_the_running_statistics_hold_on_to_no_graph():
    step = f"layer({tensor([[0], [4]])}).backward({tensor([[1], [2]])})"
    made, text = ran("layer = ndl.nn.BatchNorm1d(1)", step, step, step)
    because = "a graph behind them would hold on to every batch that was ever seen."
    for name in ("running_mean", "running_var"):
        found = seen(f"{text}; layer.{name}", getattr(made["layer"], name))
        found.retains_no_graph(because=because).has_type(ndl.Tensor)


@reproducible
@given(batches(min_examples=1))
def test_any_batch_comes_out_as_worked_column_by_column(drawn):
    x, weight, bias, _, eps = drawn
    outcomes, means, variances = zip(*by_columns(x.tolist(), weight, bias, eps), strict=True)
    lines = setting(weight, bias, eps)
    because = "weight * (x - mean) / sqrt(variance + eps) + bias, with the mean and variance of each column."
    made = call(layer_made_by(*lines), ndl.Tensor(x))
    made.returns([*zip(*outcomes, strict=True)], because=because).has_dtype(np.float32).keeps()
    running_mean = [0.1 * mean for mean in means]
    running_var = [0.9 + 0.1 * variance for variance in variances]
    because = f"the batch has the means {[round(one, 4) for one in means]} and the biased variances "
    because += f"{[round(one, 4) for one in variances]}; momentum is 0.1."
    step = f"layer({tensor(x)})"
    attributes(*lines, step, running_mean=running_mean, running_var=running_var, because=because)


@reproducible
@given(batches(min_examples=2))
def test_the_gradients_of_x_weight_and_bias_are_the_measured_slopes(drawn):
    x, weight, bias, out_grad, eps = drawn
    made, text = ran(
        *setting(weight, bias, eps), f"x = {tensor(x)}", f"layer(x).backward({tensor(out_grad)})"
    )

    def outcome(x, weight, bias):
        return [*zip(*(column for column, _, _ in by_columns(x, weight, bias, eps)), strict=True)]

    slopes = [one.round(6) + 0.0 for one in central_differences(outcome, x, weight, bias, out_grad=out_grad)]
    grads = {
        "x.grad": made["x"].grad,
        "layer.weight.grad": made["layer"].weight.grad,
        "layer.bias.grad": made["layer"].bias.grad,
    }
    because = "mean and variance move with x, and a weight or bias meets every example."
    for (name, grad), slope in zip(grads.items(), slopes, strict=True):
        seen(f"{text}; {name}", grad).returns(slope, rtol=1e-3, because=because).has_dtype(np.float32)


def test_in_use_a_gradient_takes_the_running_statistics_as_constants():
    made, text = ran(
        *setting([10], [0], 1),
        f"layer.running_var.data = {tensor([3])}",
        "layer.eval()",
        f"x = {tensor([[5], [7]])}",
        f"layer(x).backward({tensor([[1], [2]])})",
    )
    because = "each x is multiplied by 10 / sqrt(3 + 1) = 5, and weighs 1 or 2."
    seen(f"{text}; x.grad", made["x"].grad).returns([[5], [10]], because=because)
