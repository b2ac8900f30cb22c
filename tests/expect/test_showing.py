"""How values and calls read as Python."""

import sys
from types import ModuleType

import numpy as np
import pytest
from expect.tensors import Tensor, tensor

from grader.expect import call, shown_as
from grader.expect.showing import show


@pytest.fixture
def needle(monkeypatch):
    """Put a library of that name where imported modules are."""
    package, nn, basic = ModuleType("needle"), ModuleType("needle.nn"), ModuleType("needle.nn.basic")

    class Given(Tensor):
        pass

    class Linear:
        def __call__(self, *args, **kwargs):
            return self.forward(*args, **kwargs)

        def forward(self, x):
            return x

    def divide(a, b):
        return a

    def summation(a, axes=None):
        return a

    Given.__name__, Given.__module__ = "Tensor", "needle.autograd"
    Linear.__module__, divide.__module__, summation.__module__ = "needle.nn.basic", "needle.ops", "needle.ops"
    Given.sum = summation
    package.Tensor, package.divide, package.summation = Given, divide, summation
    nn.Linear = basic.Linear = Linear
    for module in (package, nn, basic):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    package.nn = nn
    return package


def test_what_the_library_exports_is_named_from_its_top(needle) -> None:
    text = call(needle.divide, needle.Tensor(np.float32([[1]])), 2).text
    assert text == "ndl.divide(ndl.Tensor(np.array([[1.0]], dtype=np.float32)), 2)"


def test_what_only_a_module_of_the_library_exports_is_named_through_it(needle) -> None:
    assert call(needle.nn.Linear).text == "ndl.nn.Linear()"


def test_a_method_is_shown_after_its_object_by_the_name_of_the_attribute(needle) -> None:
    made = call(needle.Tensor([1.0]).sum, axes=0)
    assert made.text == "ndl.Tensor(np.array([1.0])).sum(axes=0)"
    assert made.name == "ndl.Tensor.sum"


def test_an_object_that_is_called_has_its_class_and_the_arguments_of_its_forward(needle) -> None:
    made = call(needle.nn.Linear(), tensor([1])).keeps("x")
    assert made.text == "<ndl.nn.Linear>(Tensor(np.array([1.0], dtype=np.float32)))"
    assert made.name == "ndl.nn.Linear"


def test_a_given_text_stands_for_the_function_after_its_setup() -> None:
    assert call(shown_as("nn.Linear(3, 2)", abs), -1).text == "nn.Linear(3, 2)(-1)"
    made = call(shown_as("f", abs, setup="f = abs"), -1)
    assert made.text == "f = abs; f(-1)"
    assert made.name == "f"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([tensor([1]), 2], "[Tensor(np.array([1.0], dtype=np.float32)), 2]"),
        ((np.array([1.0]),), "(np.array([1.0]),)"),
        ((1, 2), "(1, 2)"),
        ({"a": np.array([1.0])}, "{'a': np.array([1.0])}"),
        (np.float32(np.inf), "np.float32(np.inf)"),
        (object(), "<object>"),
        (len, "len"),
        (int, "int"),
        (slice(1, 2), "slice(1, 2, None)"),
    ],
)
def test_values_of_all_kinds_are_shown_without_addresses(value, text) -> None:
    assert show(value) == text


def test_a_tuple_of_tensors_is_shown_as_the_library_makes_it() -> None:
    class Tuple:
        def tuple(self):
            return (tensor([1]), tensor([2]))

    assert show(Tuple()).startswith("ndl.make_tuple(Tensor(np.array([1.0]")
    call(Tuple().tuple)[1].returns([2])
