"""A function of tensors as a list of steps, traced once and run as often as one likes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import needle as ndl
from needle.autograd import TensorOp, find_topo_sort


@dataclass(frozen=True)
class Step:
    """Make one value of others: op.compute of the values with these numbers."""

    op: TensorOp
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Values are numbered: first the inputs, then the constants, then the outcome of each step in order."""

    inputs: int  # how many
    constants: tuple[Any, ...]  # arrays
    steps: tuple[Step, ...]
    output: int

    def run(self, *arrays: Any) -> Any:
        """Return the output for these input arrays."""
        values = [*arrays, *self.constants]
        for step in self.steps:
            values.append(step.op.compute(*(values[number] for number in step.inputs)))
        return values[self.output]


def trace(f: Callable[..., ndl.Tensor], *examples: ndl.Tensor) -> Plan:
    """Return what f does with tensors of these shapes, as a plan; f may not look at values."""
    inputs = [ndl.Tensor(example.numpy(), requires_grad=True) for example in examples]
    nodes = find_topo_sort([f(*inputs)])
    output = nodes[-1]
    known = {id(value): number for number, value in enumerate(inputs)}
    constants = [node for node in nodes if node.op is None and id(node) not in known]
    for node in constants:
        known[id(node)] = len(known)
    steps = []
    for node in nodes:
        if node.op is not None:
            steps.append(Step(node.op, tuple(known[id(one)] for one in node.inputs)))
            known[id(node)] = len(known)
    arrays = tuple(node.realize_cached_data() for node in constants)
    return Plan(len(inputs), arrays, tuple(steps), known[id(output)])


ELEMENTWISE = (
    *("EWiseAdd", "AddScalar", "EWiseMul", "MulScalar", "EWiseDiv", "DivScalar"),
    *("PowerScalar", "EWisePow", "Negate", "Log", "Exp", "ReLU", "Tanh"),
)


def is_elementwise(op: TensorOp) -> bool:
    return type(op).__name__ in ELEMENTWISE


def uses(steps: Sequence[Step]) -> dict[int, int]:
    """Return how many times each value is an input of a step."""
    counts: dict[int, int] = {}
    for step in steps:
        for number in step.inputs:
            counts[number] = counts.get(number, 0) + 1
    return counts
