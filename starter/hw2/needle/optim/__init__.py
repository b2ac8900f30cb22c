"""Optimizers, which change parameters by their gradients, and schedules of the learning rate."""

from needle.optim.adam import Adam
from needle.optim.clipping import clip_grad_norm
from needle.optim.optimizer import Optimizer
from needle.optim.schedules import CosineAnnealingLR, StepLR
from needle.optim.sgd import SGD
