"""The way back is right where the answer is known, and the distance is one."""

import numpy as np
import pytest

import needle as ndl
from project.diffusion import KEPT, energy_distance, mixed, sample

rng = np.random.default_rng(0)


class Knowing:
    """A model of data that are all one point: it knows the noise."""

    def __init__(self, point: tuple[float, float]) -> None:
        self.point = np.array(point)

    def __call__(self, x: np.ndarray, t: np.ndarray) -> ndl.Tensor:
        kept = KEPT[np.asarray(t)].reshape(-1, 1)
        return ndl.Tensor(((x - np.sqrt(kept) * self.point) / np.sqrt(1 - kept)).astype("float32"))


def test_the_worked_distance_is_two() -> None:
    assert energy_distance(np.array([[0.0]]), np.array([[1.0]])) == pytest.approx(2)


def test_a_cloud_is_at_no_distance_from_itself_and_at_some_from_another() -> None:
    x = rng.normal(size=(50, 3))
    assert energy_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert energy_distance(x, x + 1) == pytest.approx(energy_distance(x + 1, x))
    assert energy_distance(x, x + 1) > 0.5


def test_samples_of_a_model_that_knows_one_point_are_that_point() -> None:
    found = sample(Knowing((0.5, -1.0)), 200, np.random.default_rng(1))
    assert found.shape == (200, 2)
    assert found.dtype == np.float32
    assert found.mean(axis=0) == pytest.approx([0.5, -1.0], abs=0.01)
    assert found.std(axis=0) == pytest.approx([0, 0], abs=0.05)


def test_samples_differ_from_each_other_and_follow_the_generator() -> None:
    class Blind:
        def __call__(self, x: np.ndarray, t: np.ndarray) -> ndl.Tensor:
            return ndl.Tensor(np.zeros_like(x))

    one, again, other = (sample(Blind(), 5, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert (one == again).all()
    assert len(np.unique(np.concatenate([one, other]), axis=0)) == 10


def test_mixing_ends_in_noise() -> None:
    x, noise = np.full((1, 2), 5.0), np.array([[0.3, -0.2]])
    assert mixed(x, np.array([99]), noise) == pytest.approx(noise, abs=0.3)
