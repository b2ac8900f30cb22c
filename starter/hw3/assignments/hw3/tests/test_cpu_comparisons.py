"""cpu_comparisons: numbers worked by hand, any numbers one by one, and what lies beside the arrays."""

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

EWISE = {"ewise_maximum": max, "ewise_eq": operator.eq, "ewise_ge": operator.ge}
SCALAR = {"scalar_maximum": max, "scalar_eq": operator.eq, "scalar_ge": operator.ge}
numbers = st.sampled_from([0.0, 1.0, -1.0, 0.5, -2.5])  # few, so that many are equal
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


def test_ewise_maximum_takes_the_larger_of_each_pair():
    because = "of -1 and -2 the larger is -1, not 0."
    elementwise("ewise_maximum", "[1, -1, 3]", "[2, -2, 3]").returns([2, -1, 3], rtol=0, because=because)


def test_scalar_maximum_takes_the_larger_of_each_element_and_the_number():
    with_number("scalar_maximum", "[1, -1, 3]", 2.0).returns([2, 2, 3], rtol=0)
    because = "of -1 and -2 the larger is -1, not 0."
    with_number("scalar_maximum", "[1, -1, -3]", -2.0).returns([1, -1, -2], rtol=0, because=because)


def test_ewise_eq_is_1_where_a_pair_is_equal_and_else_0():
    elementwise("ewise_eq", "[1, 2, -3, 0]", "[1, -2, -3, 5]").returns([1, 0, 1, 0], rtol=0)


def test_scalar_eq_is_1_where_an_element_is_the_number_and_else_0():
    with_number("scalar_eq", "[1, 2, -1, 2.5]", 2.0).returns([0, 1, 0, 0], rtol=0)


def test_ewise_ge_is_1_where_the_first_is_larger_or_equal_and_else_0():
    because = "2 >= 1 and 4 >= 4 hold, 1 >= 2 and -5 >= -4 don't."
    elementwise("ewise_ge", "[1, 2, 4, -5]", "[2, 1, 4, -4]").returns([0, 1, 1, 0], rtol=0, because=because)


def test_scalar_ge_is_1_where_an_element_is_larger_or_equal_and_else_0():
    because = "-1 >= -2 and -2 >= -2 hold, -3 >= -2 doesn't."
    with_number("scalar_ge", "[-1, -2, -3]", -2.0).returns([1, 1, 0], rtol=0, because=because)


def test_numbers_that_differ_in_the_last_bit_are_not_equal():
    close = float(np.nextafter(np.float32(1), np.float32(2)))
    because = f"float32 knows {close} from 1."
    elementwise("ewise_eq", f"[1, {close}]", "[1, 1]").returns([1, 0], rtol=0, because=because)
    with_number("scalar_eq", f"[1, {close}]", close).returns([0, 1], rtol=0, because=because)
    elementwise("ewise_ge", "[1, 1]", f"[1, {close}]").returns([1, 0], rtol=0, because=because)


def test_infinities_are_compared_like_other_numbers():
    because = "-inf is smaller than any other number, and equal to itself."
    made = "[-np.inf, -np.inf, np.inf]", "[-np.inf, -(2.0**100), 5]"
    elementwise("ewise_maximum", *made).returns([-np.inf, -(2.0**100), np.inf], because=because)
    elementwise("ewise_eq", *made).returns([1, 0, 0], because=because)
    elementwise("ewise_ge", *made).returns([1, 0, 1], because=because)


def test_of_many_elements_each_meets_its_own_partner():
    some, others = [1.5, -2, 0.25], [1.5, -2, 0, 3, -4]
    for kernel in EWISE:
        for size in SIZES:
            out = elementwise(kernel, f"np.resize({some}, {size})", f"np.resize({others}, {size})")
            pairs = [(some[i % 3], others[i % 5]) for i in range(size)]
            out.returns([float(EWISE[kernel](*pair)) for pair in pairs], rtol=0)


def test_of_many_elements_each_meets_the_number():
    some = [1.5, -2, 0.25, 3, -1]
    for kernel in SCALAR:
        for size in SIZES:
            out = with_number(kernel, f"np.resize({some}, {size})", 0.25)
            out.returns([float(SCALAR[kernel](some[i % 5], 0.25)) for i in range(size)], rtol=0)


@reproducible
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5), st.sampled_from(list(EWISE)))
def test_any_pairs_of_numbers_come_out_right(pairs, kernel):
    out = elementwise(kernel, [a for a, _ in pairs], [b for _, b in pairs])
    out.returns([float(EWISE[kernel](a, b)) for a, b in pairs], rtol=0)


@reproducible
@given(st.lists(numbers, min_size=1, max_size=5), numbers, st.sampled_from(list(SCALAR)))
def test_any_numbers_with_a_number_come_out_right(some, number, kernel):
    with_number(kernel, some, number).returns([float(SCALAR[kernel](a, number)) for a in some], rtol=0)
