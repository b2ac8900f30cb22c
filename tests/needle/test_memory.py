"""What lives and when it is freed: by reference counts, by one collection, and at once in first_order()."""

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest

import needle as ndl
from needle import Tensor, autograd, ops
from needle.autograd import Value


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """Let only reference counts free, unless a test collects."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def living() -> int:
    return autograd.TENSOR_COUNTER


def loss(x: Tensor, w: Tensor) -> Tensor:
    return ops.logsumexp(ops.relu(x @ w) * 2 + 1, 1).sum()


def pair() -> tuple[Tensor, Tensor]:
    rng = np.random.default_rng(0)
    return Tensor(rng.normal(size=(4, 3))), Tensor(rng.normal(size=(3, 2)))


def test_the_counter_counts_leaves_and_what_ops_make() -> None:
    before = living()
    x = Tensor([1.0])
    assert living() == before + 1
    y = x * 2 + x
    assert living() == before + 3  # the leaf, the product, the sum
    del y
    assert living() == before + 1
    del x
    assert living() == before


def test_without_backward_reference_counts_free_the_whole_graph() -> None:
    x, w = pair()
    before = living()
    output = loss(x, w)
    interior = weakref.ref(output.inputs[0])
    del output
    assert interior() is None
    assert living() == before


def test_after_backward_one_collection_frees_all_but_the_leaves_gradients() -> None:
    x, w = pair()
    before = living()
    loss(x, w).backward()
    x.grad = w.grad = None
    gc.collect()
    assert living() == before


def test_in_first_order_everything_is_freed_at_once() -> None:
    x, w = pair()
    before = living()
    with ndl.first_order():
        output = loss(x, w)
        output.backward()
        interior = weakref.ref(output.inputs[0])
        del output
    assert interior() is None
    assert living() == before + 2  # the gradients of x and of w
    assert gc.collect() == 0


def test_in_first_order_interior_gradients_are_dropped_as_soon_as_they_were_used() -> None:
    x, w = pair()
    output = loss(x, w)
    with ndl.first_order():
        output.backward()
    interior = [one for one in autograd.find_topo_sort([output]) if not one.is_leaf()]
    assert all(one.grad is None for one in interior)
    assert x.grad.shape == (4, 3)
    assert reachable(x.grad) == 1


def reachable(value: Value) -> int:
    return len(autograd.find_topo_sort([value]))


def descend(w: Tensor, x: Tensor) -> None:
    with ndl.first_order():
        loss(x, w).backward()
    w.data = w.data - w.grad.data * 0.01


def test_a_thousand_steps_do_not_grow() -> None:
    x, w = pair()
    counts = set()
    for step in range(1000):
        descend(w, x)
        if step:
            counts.add((living(), reachable(w), reachable(w.grad)))
    assert len(counts) == 1
    assert counts.pop()[1:] == (1, 1)
    assert gc.collect() == 0


def test_a_graph_that_is_kept_through_a_sum_of_losses_is_as_long_as_the_steps() -> None:
    """What the test above would see, if a step did grow."""
    x, w = pair()
    total = loss(x, w)
    lengths = [reachable(total)]
    for _ in range(3):
        total = total + loss(x, w)
        lengths.append(reachable(total))
    grown = {after - before for before, after in pairwise(lengths)}
    assert len(grown) == 1
    assert grown.pop() > 0


def long_chain(length: int) -> tuple[Tensor, Tensor]:
    x = value = Tensor([1.0])
    for _ in range(length):
        value = value + 1.0
    return x, value


@pytest.mark.parametrize("backward", [lambda value: None, lambda value: value.backward()])
def test_a_chain_of_a_hundred_thousand_ops_is_built_differentiated_and_freed(
    backward: Callable[[Tensor], None],
) -> None:
    before = living()
    x, value = long_chain(100_000)
    assert living() == before + 100_001
    backward(value)
    assert x.grad is None or x.grad.numpy() == 1
    del x, value
    gc.collect()
    assert living() == before


def test_a_long_chain_of_gradients_of_gradients_is_freed() -> None:
    before = living()
    x = value = Tensor([1.0])
    for _ in range(5_000):
        value = value * x
    value.backward()
    x.grad.backward(Tensor([1.0]))
    del x, value
    gc.collect()
    assert living() == before


def test_a_tensor_that_outlives_its_module_says_nothing_when_python_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    monkeypatch.setattr(autograd, "TENSOR_COUNTER", None)  # as Python leaves a module that it has cleared
    x = Tensor.__new__(Tensor)
    x.cached_data = np.ones(1)
    del x
    assert said == []
