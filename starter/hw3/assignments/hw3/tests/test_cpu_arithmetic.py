"""cpu_arithmetic: numbers worked by hand, any numbers one by one, and what lies beside the arrays."""

import operator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader import pick_device
from grader.expect import runner, seen
from grader.expect.drawing import reproducible

run = runner(np=np, ndl=ndl)
pick_device(ndl.cpu())

EWISE = {"ewise_mul": operator.mul, "ewise_div": operator.truediv}
SCALAR = {"scalar_mul": operator.mul, "scalar_div": operator.truediv, "scalar_power": operator.pow}
numbers = st.sampled_from([1.0, -1.0, 2.0, 0.5, -3.0, 0.25, 7.0])  # so that a failing input is easy to read
SIZES = (1, 2, 7, 8, 9, 15, 17, 64, 100, 1001)


def out_of(made, text):
    """Return out, to be checked, and expect what lies around it to be as it was."""
    around = [*made["room"][:64], *made["room"][-64:]]
    because = "out is the middle of room: what lies around it belongs to others."
    seen(f"{text}; [*room[:64], *room[-64:]]", around).returns([-7] * 128, rtol=0, because=because)
    return seen(f"{text}; out", made["out"])


def elementwise(kernel, a, b):
    """Apply a kernel to two arrays, given as Python, and expect both to stay."""
    made, text = run(
        "device = ndl.cpu()",
        f"a, b = {a}, {b}",
        "x, y = device.array(a), device.array(b)",
        "room = np.full(x.size + 128, -7, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[64:-64])",
        f"device.{kernel}(x._handle, y._handle, out._handle)",
    )
    for before, after in (("a", "x"), ("b", "y")):
        seen(f"{text}; {after}", made[after]).returns(made[before], rtol=0, because="only out is written to.")
    return out_of(made, text)


def with_number(kernel, a, number):
    """Apply a kernel to an array, given as Python, and a number, and expect the array to stay."""
    made, text = run(
        "device = ndl.cpu()",
        f"a = {a}",
        "x = device.array(a)",
        "room = np.full(x.size + 128, -7, dtype=np.float32)",
        "out = ndl.backend_ndarray.from_dlpack(room[64:-64])",
        f"device.{kernel}(x._handle, {number}, out._handle)",
    )
    seen(f"{text}; x", made["x"]).returns(made["a"], rtol=0, because="only out is written to.")
    return out_of(made, text)


def test_ewise_mul_multiplies_each_element_by_its_partner():
    elementwise("ewise_mul", "[2, -3, 0.5]", "[4, 5, -6]").returns([8, -15, -3], rtol=0)


def test_scalar_mul_multiplies_each_element_by_the_number():
    with_number("scalar_mul", "[2, -3, 0]", -1.5).returns([-3, 4.5, 0], rtol=0)


def test_ewise_div_divides_each_element_by_its_partner():
    elementwise("ewise_div", "[1, 6, -3]", "[4, -3, 2]").returns([0.25, -2, -1.5], rtol=1e-6)


def test_ewise_div_by_0_is_infinite():
    because = "as in NumPy, and in every language that computes with IEEE's numbers: no if is needed."
    elementwise("ewise_div", "[1, -1, 0]", "[0, 0, 5]").returns([np.inf, -np.inf, 0], because=because)


def test_scalar_div_divides_each_element_by_the_number():
    with_number("scalar_div", "[1, 6, -3]", 4.0).returns([0.25, 1.5, -0.75], rtol=1e-6)
    with_number("scalar_div", "[1, 6, -3]", 2.5).returns([0.4, 2.4, -1.2], rtol=1e-6)


def test_scalar_power_raises_each_element_to_the_number():
    with_number("scalar_power", "[3, 0.5, 10]", 3.0).returns([27, 0.125, 1000], rtol=1e-5)
    with_number("scalar_power", "[4, 9, 0.25]", 0.5).returns([2, 3, 0.5], rtol=1e-5, because="a square root.")
    with_number("scalar_power", "[4, 0.5, -1]", -1.0).returns([0.25, 2, -1], rtol=1e-5)


def test_scalar_power_of_negative_numbers_and_of_0():
    because = "(-2)^3 = -8: the logarithm of a negative number does not help. And 0^3 = 0."
    with_number("scalar_power", "[-2, 0, -1]", 3.0).returns([-8, 0, -1], rtol=1e-5, because=because)
    with_number("scalar_power", "[-2, 0, 5]", 0.0).returns([1, 1, 1], rtol=1e-5, because="x^0 = 1.")


def test_of_many_elements_each_meets_its_own_partner():
    some, others = [1.5, -2, 0.25], [4, -0.5, 2, 8, 1]
    for kernel in EWISE:
        for size in SIZES:
            out = elementwise(kernel, f"np.resize({some}, {size})", f"np.resize({others}, {size})")
            pairs = [(some[i % 3], others[i % 5]) for i in range(size)]
            out.returns([EWISE[kernel](*pair) for pair in pairs], rtol=1e-6)


def test_of_many_elements_each_meets_the_number():
    some = [1.5, -2, 0.25, 3, -1]
    for kernel in SCALAR:
        for size in SIZES:
            out = with_number(kernel, f"np.resize({some}, {size})", 2.0)
            out.returns([SCALAR[kernel](some[i % 5], 2.0) for i in range(size)], rtol=1e-5)


@reproducible
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5), st.sampled_from(list(EWISE)))
def test_any_pairs_of_numbers_come_out_right(pairs, kernel):
    out = elementwise(kernel, [a for a, _ in pairs], [b for _, b in pairs])
    out.returns([EWISE[kernel](a, b) for a, b in pairs], rtol=1e-6)


@reproducible
@given(
    st.lists(numbers, min_size=1, max_size=5),
    st.sampled_from([1.0, 2.0, -2.0, 3.0]),
    st.sampled_from(list(SCALAR)),
)
def test_any_numbers_with_a_number_come_out_right(some, number, kernel):
    out = with_number(kernel, some, number)
    out.returns([SCALAR[kernel](a, number) for a in some], rtol=1e-5)
