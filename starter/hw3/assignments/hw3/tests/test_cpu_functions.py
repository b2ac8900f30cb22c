"""cpu_functions: numbers worked by hand, any numbers one by one, and what lies beside the arrays."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible

run = runner(np=np, ndl=ndl)
pick_device(ndl.cpu())

FUNCTIONS = {"ewise_log": math.log, "ewise_exp": math.exp, "ewise_tanh": math.tanh}
SIZES = (1, 2, 7, 8, 9, 15, 17, 64, 100, 1001)


def out_of(made, text):
    """Return out, to be checked, and expect what lies around it to be as it was."""
    around = [*made["room"][:64], *made["room"][-64:]]
    because = "out is the middle of room: what lies around it belongs to others."
    seen(f"{text}; [*room[:64], *room[-64:]]", around).returns([-7] * 128, rtol=0, because=because)
    return seen(f"{text}; out", made["out"])


def applied(kernel, a):
    """Apply a kernel to an array, given as Python, and expect it to stay."""
    made, text = run(
        "device = ndl.cpu()",
        f"a = {a}",
        "x = device.array(a)",
        "room = np.full(x.size + 128, -7, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[64:-64])",
        f"device.{kernel}(x._handle, out._handle)",
    )
    kept = np.array(made["a"], dtype=np.float32)
    seen(f"{text}; x", made["x"]).returns(kept, rtol=0, because="only out is written to.")
    return out_of(made, text)


def test_log_is_the_natural_logarithm():
    because = "log 1 = 0, log e = 1, log 2 = 0.6931472: to base e, not 2 and not 10."
    applied("ewise_log", "[1, np.e, 2]").returns([0, 1, 0.6931472], rtol=1e-6, because=because)


def test_exp_is_e_to_each_element():
    because = "e^0 = 1, e^1 = 2.7182818, e^-1 = 0.3678794."
    applied("ewise_exp", "[0, 1, -1]").returns([1, 2.7182818, 0.3678794], rtol=1e-6, because=because)


def test_tanh_of_small_numbers():
    because = "tanh 0 = 0, tanh 1 = (e - 1/e) / (e + 1/e) = 0.7615942, and tanh(-x) = -tanh x."
    out = applied("ewise_tanh", "[0, 1, -1, 0.5]")
    out.returns([0, 0.7615942, -0.7615942, 0.4621172], rtol=1e-6, because=because)


def test_tanh_of_large_numbers_is_1_and_not_inf_over_inf():
    because = "e^100 does not fit into float32, but tanh 100 is 1 to 80 digits."
    applied("ewise_tanh", "[100, -100, 1000]").returns([1, -1, 1], rtol=1e-6, because=because)


def test_log_of_0_is_minus_infinity_and_exp_of_it_is_0():
    applied("ewise_log", "[0, 1]").returns([-np.inf, 0], because="as in NumPy: no if is needed.")
    applied("ewise_exp", "[-np.inf, -200, 0]").returns([0, 0, 1], because="e^-200 is 0 in float32.")


@pytest.mark.parametrize("kernel", FUNCTIONS)
def test_of_many_elements_each_has_its_own_value(kernel):
    some = [0.25, 2, 1, 0.125, 3]
    for size in SIZES:
        out = applied(kernel, f"np.resize({some}, {size})")
        out.returns([FUNCTIONS[kernel](some[i % 5]) for i in range(size)], rtol=1e-6)


@reproducible
@given(st.lists(st.integers(1, 64).map(lambda n: n / 16), min_size=1, max_size=5))
def test_any_positive_numbers_come_out_right(some):
    for kernel in FUNCTIONS:
        applied(kernel, some).returns([FUNCTIONS[kernel](x) for x in some], rtol=1e-6)


@reproducible
@given(st.lists(st.integers(-64, 64).map(lambda n: n / 16), min_size=1, max_size=5))
def test_exp_and_tanh_of_any_numbers_come_out_right(some):
    for kernel in ("ewise_exp", "ewise_tanh"):
        applied(kernel, some).returns([FUNCTIONS[kernel](x) for x in some], rtol=1e-6)
