"""Diffusion: mixing with noise, learning to tell it, and the way back."""

import numpy as np

import needle as ndl
from needle import nn

STEPS = 100
KEEPS = 1 - np.linspace(1e-4, 0.12, STEPS)  # of the variance, at each step
KEPT = np.cumprod(KEEPS)  # up to each step, it included


def mixed(x: np.ndarray, t: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return x after t + 1 steps, in one: sqrt(kept) x + sqrt(1 - kept) noise.

    Shapes: x and noise (B, d), t (B,) whole numbers -> (B, d).
    """
    kept = KEPT[t][:, None]
    return (np.sqrt(kept) * x + np.sqrt(1 - kept) * noise).astype("float32")


class Denoiser(nn.Module):
    """Predict the noise in x after t + 1 steps.

    Shapes: x (B, 2), t (B,) as arrays -> (B, 2).
    """

    def __init__(self, features: int = 96) -> None:
        super().__init__()
        layers = [nn.Linear(2 + 8, features), nn.ReLU(), nn.Linear(features, features), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(features, 2))

    def forward(self, x: np.ndarray, t: np.ndarray) -> ndl.Tensor:
        angles = np.outer(t / STEPS, np.pi * 2.0 ** np.arange(4))
        seen = np.concatenate([x, np.sin(angles), np.cos(angles)], axis=1)
        return self.layers(ndl.Tensor(seen.astype("float32")))


def loss_of(model: Denoiser, x: np.ndarray, rng: np.random.Generator) -> ndl.Tensor:
    """Return the mean squared error of the predicted noise, at random steps."""
    t, noise = rng.integers(0, STEPS, size=len(x)), rng.normal(size=x.shape).astype("float32")
    missed = model(mixed(x, t, noise), t) - ndl.Tensor(noise)
    return (missed * missed).sum() / x.size


def sample(model: Denoiser, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return points that the model makes of noise.

    Shapes: -> (count, 2) float32.
    """
    raise NotImplementedError("not started: project/generative: write sample")


def energy_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Return 2 E|x - y| - E|x - x'| - E|y - y'|, the means taken over all pairs.

    Shapes: x (m, d), y (n, d).
    """
    raise NotImplementedError("not started: project/generative: write energy_distance")
