"""Sums are right on every worker, little is sent, and many workers make the step that one makes."""

import numpy as np
import pytest

import needle as ndl
from needle import nn
from project.parallel import all_reduce, average_gradients
from project.ring import Ring, launch
from project.train import train


def summed(ring: Ring, length: int) -> tuple[np.ndarray, int]:
    own = np.arange(length, dtype="float64") + 100 * ring.rank
    return all_reduce(own, ring), ring.sent_bytes


@pytest.mark.parametrize(("count", "length"), [(2, 6), (3, 7), (4, 2), (3, 0)])
def test_every_worker_has_the_sum(count: int, length: int) -> None:
    expected = count * np.arange(length) + 100 * sum(range(count))
    for found, _ in launch(summed, count, length):
        assert found == pytest.approx(expected)


def test_one_worker_sends_nothing() -> None:
    alone = Ring(0, 1, None, None)
    assert all_reduce(np.array([3.0, 4.0]), alone).tolist() == [3, 4]
    assert alone.sent_bytes == 0


def test_a_worker_sends_less_than_twice_the_array() -> None:
    for _, sent in launch(summed, 4, 1000):
        assert sent <= 2 * 3 / 4 * 8 * 1000 + 100


def gradients(ring: Ring) -> list[np.ndarray]:
    np.random.seed(0)
    model = nn.Linear(2, 3)
    x = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")[ring.rank :: ring.count]
    (model(ndl.Tensor(x)).sum() / len(x)).backward()
    average_gradients(model.parameters(), ring)
    return [parameter.grad.numpy() for parameter in model.parameters()]


def test_averaged_gradients_are_those_of_the_whole_batch() -> None:
    [whole], parts = launch(gradients, 1), launch(gradients, 2)
    for part in parts:
        for ours, expected in zip(part, whole, strict=True):
            assert ours == pytest.approx(expected, abs=1e-5)


def test_three_workers_end_with_the_weights_of_one() -> None:
    alone, together = train(None, 3), launch(train, 3, 3)
    for worker in together:
        for ours, expected in zip(worker, alone, strict=True):
            assert ours == pytest.approx(expected, abs=1e-4)
