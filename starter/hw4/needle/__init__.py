"""needle, a deep-learning library."""

from needle import data, init, nn, operators, ops, optim
from needle.autograd import Tensor, TensorTuple, first_order
from needle.backend_selection import *  # noqa: F403 - BACKEND, and the devices that it has
from needle.drawing import draw
from needle.gradcheck import gradcheck
from needle.init import ones, ones_like, zeros, zeros_like
from needle.ops import *  # noqa: F403 - every op, under its own name
from needle.saving import load, save
