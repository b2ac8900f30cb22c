"""A layer whose output is the solution of an equation: z = tanh(z W + x U + b).

Source: Bai, Kolter and Koltun, Deep Equilibrium Models (2019). The solution is found by repeating the right
side until z stays as it is; its gradient needs no step of that, only the solution.
"""

import needle as ndl
from needle import nn
from needle.autograd import TensorOp
from needle.nn import Parameter

# The most by which W may lengthen a vector: below 1 there is one solution, and steps lead to it.
STRETCH = 0.95


class ThroughSolution(TensorOp):
    """Pass a solution on, and give its gradient the sum over all paths through the equation.

    With J the Jacobian of the right side at the solution, the gradient g of what goes into one application
    solves g = out_grad + J^T g. For tanh(z W + ...) that is g = out_grad + (g * (1 - z^2)) W^T.
    """

    def __init__(self, weight: ndl.Tensor) -> None:
        self.weight = weight.detach()

    def compute(self, z):
        return z

    def gradient(self, out_grad: ndl.Tensor, node: ndl.Tensor) -> ndl.Tensor:
        raise NotImplementedError("not started: project/implicit: write ThroughSolution.gradient")


class Equilibrium(nn.Module):
    """Return the z that solves z = tanh(z W + x U + b).

    `inside` is the Parameter W (features, features), which begins small enough for one solution to exist;
    `from_input` the nn.Linear that holds U and b. `steps` says how many the last forward pass took.
    Shapes: x (batch, in_features) -> (batch, features).
    """

    def __init__(self, in_features: int, features: int, device=None, dtype: str = "float32") -> None:
        super().__init__()
        small = 0.5 / features**0.5
        self.inside = Parameter(ndl.init.randn(features, features, std=small, device=device, dtype=dtype))
        self.from_input = nn.Linear(in_features, features, device=device, dtype=dtype)
        self.steps = 0

    def forward(self, x: ndl.Tensor) -> ndl.Tensor:
        raise NotImplementedError("not started: project/implicit: write Equilibrium.forward")

    def contract(self) -> None:
        """Scale W back where an optimizer's step has let it stretch too much: tanh itself never stretches."""
        raise NotImplementedError("not started: project/implicit: write Equilibrium.contract")
