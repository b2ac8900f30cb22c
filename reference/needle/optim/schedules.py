"""Schedules: the learning rate as a function of how many steps were taken."""

import math

from needle.optim.optimizer import Optimizer


class Schedule:
    """Set an optimizer's `lr`: at once for step 0, then for one step more at each call of `step`."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.base_lr = optimizer.lr
        self.steps = 0
        optimizer.lr = float(self.lr_at(0))  # NumPy's own numbers would turn float32 into float64

    def lr_at(self, step: int) -> float:
        """Return the learning rate after that many steps."""
        raise NotImplementedError(f"{type(self).__name__} has no method lr_at.")

    def step(self) -> None:
        self.steps += 1
        self.optimizer.lr = float(self.lr_at(self.steps))


class StepLR(Schedule):
    """Multiply the learning rate by gamma once in every step_size steps."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer)

    def lr_at(self, step: int) -> float:
        return self.base_lr * self.gamma ** (step // self.step_size)


class CosineAnnealingLR(Schedule):
    """Let the learning rate fall along half a cosine, from the optimizer's to eta_min in T_max steps.

    With warmup_steps it first rises: to 1, 2, ... of warmup_steps + 1 equal parts of the optimizer's.
    It stays at eta_min afterwards.
    Source: Loshchilov and Hutter, SGDR (2016); for the warm-up, Goyal et al., Accurate, Large Minibatch SGD
    (2017).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, warmup_steps: int = 0) -> None:
        self.T_max = T_max  # steps of the fall alone, as PyTorch names it
        self.eta_min = eta_min
        self.warmup_steps = warmup_steps
        super().__init__(optimizer)

    def lr_at(self, step: int) -> float:
        if step < self.warmup_steps:
            return self.base_lr * (step + 1) / (self.warmup_steps + 1)
        done = min((step - self.warmup_steps) / self.T_max, 1)
        return self.eta_min + (self.base_lr - self.eta_min) * (1 + math.cos(math.pi * done)) / 2
