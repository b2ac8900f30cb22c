"""The solution is one, its gradient is that of differences, and it is that of all steps at once."""

import numpy as np
import pytest

import needle as ndl
from project.implicit import Equilibrium
from project.settling import NotSettled, settle
from project.unrolled import Unrolled


def layer(in_features: int = 3, features: int = 4) -> Equilibrium:
    np.random.seed(5)
    return Equilibrium(in_features, features)


def test_a_falling_cosine_settles_where_it_crosses_the_diagonal() -> None:
    found, steps = settle(lambda z: ndl.Tensor(np.cos(z.numpy())), ndl.Tensor(np.zeros(1, "float32")))
    assert found.numpy()[0] == pytest.approx(0.739085, abs=1e-4)
    assert steps > 5


def test_the_worked_equation_has_this_solution_and_gradient() -> None:
    one = Equilibrium(1, 1)
    for parameter, value in zip((one.inside, one.from_input.weight), (0.5, 0.0), strict=True):
        parameter.data = ndl.Tensor(np.full((1, 1), value, dtype="float32"))
    one.from_input.bias.data = ndl.Tensor(np.ones((1, 1), dtype="float32"))
    z = one(ndl.Tensor(np.zeros((1, 1), dtype="float32")))
    z.sum().backward()
    assert z.numpy()[0, 0] == pytest.approx(0.8952, abs=1e-3)
    assert one.from_input.bias.grad.numpy()[0, 0] == pytest.approx(0.2205, abs=1e-3)


def test_the_output_solves_the_equation() -> None:
    one, x = layer(), np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    z = one(ndl.Tensor(x)).numpy()
    W, U, b = (p.numpy() for p in (one.inside, one.from_input.weight, one.from_input.bias))
    assert np.tanh(z @ W + x @ U + b) == pytest.approx(z, abs=1e-4)


def test_the_gradients_are_those_of_all_steps_at_once() -> None:
    one, x = layer(), np.random.default_rng(1).normal(size=(5, 3)).astype("float32")
    unrolled = Unrolled(3, 4)
    unrolled.load_state_dict(one.state_dict())
    unrolled.steps = 100
    weights = ndl.Tensor(np.random.default_rng(2).normal(size=(5, 4)).astype("float32"))
    for model in (one, unrolled):
        (model(ndl.Tensor(x)) * weights).sum().backward()
    for ours, theirs in zip(one.parameters(), unrolled.parameters(), strict=True):
        assert ours.grad.numpy() == pytest.approx(theirs.grad.numpy(), abs=2e-3)


def test_the_gradient_is_that_of_differences() -> None:
    one, x = layer(2, 3), np.random.default_rng(3).normal(size=(4, 2)).astype("float32")
    one(ndl.Tensor(x)).sum().backward()
    found, W, step = one.inside.grad.numpy(), one.inside.numpy(), 1e-2
    for at in np.ndindex(W.shape):
        sums = []
        for sign in (1, -1):
            moved = W.copy()
            moved[at] += sign * step
            one.inside.data = ndl.Tensor(moved)
            sums.append(float(one(ndl.Tensor(x)).sum().numpy()))
        assert found[at] == pytest.approx((sums[0] - sums[1]) / (2 * step), abs=5e-3)


def test_an_equation_without_one_solution_is_refused_in_words() -> None:
    one = layer()
    one.inside.data = ndl.Tensor(-3 * np.eye(4, dtype="float32"))
    with pytest.raises(NotSettled, match="make the weights inside the equation smaller"):
        one(ndl.Tensor(np.ones((1, 3), dtype="float32")))


def test_weights_that_grew_are_scaled_back_until_steps_lead_to_the_solution() -> None:
    one = layer()
    one.inside.data = ndl.Tensor(-3 * np.eye(4, dtype="float32"))
    one.contract()
    assert np.linalg.norm(one.inside.numpy(), 2) == pytest.approx(0.95, abs=1e-4)
    one(ndl.Tensor(np.ones((1, 3), dtype="float32")))
    assert one.steps < 400
