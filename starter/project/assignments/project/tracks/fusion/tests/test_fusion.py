"""A fused plan has fewer steps and computes the same."""

import numpy as np
import pytest

import needle as ndl
from needle import ops
from project.fusion import fuse
from project.plan import is_elementwise, trace

rng = np.random.default_rng(0)
X, Y = (ndl.Tensor(rng.normal(size=(5, 4)).astype("float32")) for _ in range(2))


def same(f, *tensors: ndl.Tensor) -> tuple[int, int]:
    """See that the fused plan of f computes the same; return how many steps there were, and are."""
    plan = trace(f, *tensors)
    fused = fuse(plan)
    arrays = [tensor.realize_cached_data() for tensor in tensors]
    ours, expected = (ndl.Tensor.make_const(one.run(*arrays)).numpy() for one in (fused, plan))
    assert ours == pytest.approx(expected, abs=1e-6)
    return len(plan.steps), len(fused.steps)


def test_a_chain_of_three_becomes_one_step() -> None:
    assert same(lambda x: ops.tanh(x * 2 + 1), X) == (3, 1)


def test_two_inputs_go_into_one_step() -> None:
    assert same(lambda x, y: ops.exp(x * y) + y, X, Y) == (3, 1)


def test_a_value_that_two_others_need_is_computed_once() -> None:
    before, after = same(
        lambda x, y: (ops.exp(x) + y) * ops.exp(x * 2).sum(axes=0).broadcast_to((5, 4)), X, Y
    )
    assert after < before

    def shared(x: ndl.Tensor) -> ndl.Tensor:
        e = ops.exp(x)
        return (e + 1).sum() * (e * 2).sum()

    assert same(shared, X)[1] >= 5  # exp itself, a chain of one on either side, two sums, a product less one


def test_a_sum_ends_a_chain_and_begins_another() -> None:
    before, after = same(lambda x: ops.exp((x * 2 + 1).sum()) * 3, X)
    assert (before, after) == (5, 3)


def test_the_output_is_not_swallowed() -> None:
    plan = fuse(trace(lambda x: -x, X))
    assert len(plan.steps) == 1


def test_fusing_twice_changes_nothing() -> None:
    once = fuse(trace(lambda x: ops.relu(x + 1) / 2, X))
    assert len(fuse(once).steps) == len(once.steps) == 1


def test_matrix_products_are_left_alone() -> None:
    plan = fuse(trace(lambda x, y: ops.relu(x @ y.transpose() + 1), X, Y))
    assert [is_elementwise(step.op) for step in plan.steps].count(False) >= 2
