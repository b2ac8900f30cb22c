"""cuda_functions: numbers worked by hand, any numbers one by one, and more than a block has threads."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible

run = runner(np=np, ndl=ndl)
device = pick_device(ndl.cuda(), ndl.cuda_sim())

FUNCTIONS = {"ewise_log": math.log, "ewise_exp": math.exp, "ewise_tanh": math.tanh}
eighths = st.integers(1, 40).map(lambda n: n / 8)
SIZES = (1, 255, 256, 257, 512, 600, 1025)


def applied(kernel, a):
    """Apply a kernel to an array, given as Python, and expect that to stay."""
    made, text = run(
        f"device = ndl.{device}",
        f"a = {a}",
        "x = device.array(a)",
        "out = device.full(x.shape, -7)",
        f"device.{kernel}(x._handle, out._handle)",
    )
    seen(f"{text}; x", made["x"]).returns(made["a"], rtol=1e-7, because="only out is written to.")
    return seen(f"{text}; out", made["out"])


def test_logarithms_are_natural():
    because = "log 1 = 0, log 2 = 0.6931472, log(1/2) = -0.6931472, log 10 = 2.3025851."
    expected = [0, 0.6931472, -0.6931472, 2.3025851]
    applied("ewise_log", "[1, 2, 0.5, 10]").returns(expected, rtol=1e-6, because=because)


def test_the_logarithm_of_0_is_minus_infinity():
    applied("ewise_log", "[1, 0]").returns([0, -np.inf], because="as in NumPy.")


def test_exponentials_have_the_base_e():
    because = "e^0 = 1, e^1 = 2.7182818, e^-1 = 0.3678794, e^-200 is smaller than any float32."
    expected = [1, 2.7182818, 0.3678794, 0]
    applied("ewise_exp", "[0, 1, -1, -200]").returns(expected, rtol=1e-6, because=because)


def test_tanh_bends_towards_1_and_minus_1():
    because = "tanh 0 = 0, tanh 1 = 0.7615942, tanh(-1/2) = -0.4621172."
    expected = [0, 0.7615942, -0.4621172]
    applied("ewise_tanh", "[0, 1, -0.5]").returns(expected, rtol=1e-6, because=because)


def test_tanh_of_large_numbers_does_not_overflow():
    because = "e^100 is no float32, but tanh 100 is 1."
    applied("ewise_tanh", "[100, -100]").returns([1, -1], because=because)


def test_of_many_elements_each_gets_its_own_value():
    some = [1.5, 2, 0.25, 3, 1]
    for kernel in FUNCTIONS:
        for size in SIZES:
            out = applied(kernel, f"np.resize({some}, {size})")
            out.returns(np.array([FUNCTIONS[kernel](some[i % 5]) for i in range(size)]), rtol=1e-5)


@reproducible
@given(st.lists(eighths, min_size=1, max_size=5), st.sampled_from(list(FUNCTIONS)))
def test_any_positive_numbers_come_out_right(some, kernel):
    applied(kernel, some).returns([FUNCTIONS[kernel](a) for a in some], rtol=1e-5)


@reproducible
@given(st.lists(eighths, min_size=1, max_size=5), st.sampled_from(["ewise_exp", "ewise_tanh"]))
def test_any_negative_numbers_come_out_right(some, kernel):
    applied(kernel, [-a for a in some]).returns([FUNCTIONS[kernel](-a) for a in some], rtol=1e-5)
