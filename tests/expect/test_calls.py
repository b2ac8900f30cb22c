"""What a student reads when a local test fails."""

import numpy as np
import pytest
from expect.tensors import multiply, tensor

from grader.expect import Unexpected, call, raises, runner, seen


def halve(x):
    return x / 2


def double_in_place(x, note=""):
    x *= 2


def read_pixels(filename):
    return filename


def text_of(check, *args, **kwargs):
    with pytest.raises(Unexpected) as caught:
        check(*args, **kwargs)
    return str(caught.value)


def test_a_wrong_number_shows_call_got_expected_and_because() -> None:
    assert text_of(call(halve, 3).returns, 1, because="A half of 3 is 1 in whole numbers.") == (
        "halve: the value is 1.5, not 1\n"
        "  call      halve(3)\n"
        "  got       1.5\n"
        "  expected  1\n"
        "  because   A half of 3 is 1 in whole numbers."
    )


def test_a_wrong_array_names_the_place_of_the_largest_difference() -> None:
    x = np.array([[0.2, 1], [4, 5]], dtype=np.float32)
    assert text_of(call(halve, x).returns, [[0.1, 0.6], [3, 2.5]]) == (
        "halve: the value at [1, 0] is 2, not 3\n"
        "  call      halve(np.array([[0.2, 1.0], [4.0, 5.0]], dtype=np.float32))\n"
        "  got       np.array([[0.1, 0.5], [2.0, 2.5]], dtype=np.float32)\n"
        "  expected  [[0.1, 0.6], [3, 2.5]]"
    )


@pytest.mark.parametrize(
    "x",
    [
        np.array([[0.1, -np.inf], [np.nan, 1e-10]], dtype=np.float32),
        np.array([3, 255], dtype=np.uint8),
        np.arange(6.0).reshape(1, 2, 3),
        np.zeros((0, 3), dtype=np.float32),
        np.array([True, False]),
        np.float32(0.1),
        np.array(7, dtype=np.int32),
    ],
)
def test_the_shown_call_repeats_the_call_exactly(x) -> None:
    shown = call(read_pixels, x).text
    again = eval(shown, {"np": np, "read_pixels": lambda value: value})
    assert again.dtype == x.dtype
    np.testing.assert_array_equal(again, x)


def test_a_large_array_is_described_and_not_printed() -> None:
    shown = call(halve, np.ones((60, 784), dtype=np.float32)).text
    assert shown == "halve(<float32 array of shape (60, 784): 1.0, 1.0, 1.0, 1.0, ...>)"


def test_closeness_is_measured_against_the_largest_expected_value() -> None:
    call(halve, np.array([2000.0, 0.1])).returns([1000.0, 0.0])
    assert "at [1] is 0.3, not 0" in text_of(call(halve, np.array([2000.0, 0.6])).returns, [1000.0, 0.0])


@pytest.mark.parametrize("found", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_never_close_to_a_number(found) -> None:
    assert f"is {found:g}, not 1" in text_of(call(halve, np.array([2 * found, 2.0])).returns, [1.0, 1.0])


def test_a_finite_value_is_not_close_to_infinity_but_infinity_is() -> None:
    assert "is 1, not inf" in text_of(call(halve, np.array([2.0])).returns, [np.inf])
    call(halve, np.array([np.inf, 2.0])).returns([np.inf, 1.0])


def test_a_wrong_shape_is_named_before_any_value() -> None:
    assert "halve: the value has shape (3,), not (3, 1)\n" in text_of(
        call(halve, np.ones(3)).returns, 0.5 * np.ones((3, 1))
    )


@pytest.mark.parametrize("value", [None, "text", [1, [2]], {"a": 1}])
def test_a_value_that_is_no_array_is_shown_with_what_was_expected(value) -> None:
    text = text_of(call(read_pixels, value).returns, 1.0)
    assert f"  got       {value!r}\n  expected  a number or an array of numbers" in text


def test_dtype_and_type_are_told_by_name() -> None:
    assert "got       float64\n  expected  float32" in text_of(call(halve, np.ones(2)).has_dtype, np.float32)
    assert "got       float: 0.5\n  expected  int" in text_of(call(halve, 1).has_type, int)
    call(halve, np.ones(2, dtype=np.float32)).has_dtype(np.float32)
    call(halve, 1).has_type(float)


def test_an_array_updated_in_place_is_compared_after_the_call_and_shown_before_it() -> None:
    made = call(double_in_place, np.array([1.0, 2.0]), note="hi").returns_nothing().turns("x", into=[2, 4])
    text = text_of(made.turns, "x", into=[2, 5])
    assert "double_in_place: x after the call at [1] is 4, not 5\n" in text
    assert "double_in_place(np.array([1.0, 2.0]), note='hi')\n" in text


def test_an_array_that_was_not_updated_is_said_to_be_so() -> None:
    assert "x after the call (it was not changed in place) at [0]" in text_of(
        call(halve, np.array([1.0])).turns, "x", into=[0.5]
    )


def test_a_changed_input_shows_it_after_and_before() -> None:
    made = call(double_in_place, x=np.array([1.0]))
    assert text_of(made.keeps, "x") == (
        "double_in_place: the call changed x\n"
        "  call      double_in_place(x=np.array([1.0]))\n"
        "  got       np.array([2.0])\n"
        "  expected  np.array([1.0])"
    )


def test_an_unchanged_input_with_nan_counts_as_kept() -> None:
    call(halve, np.array([1.0, np.nan])).keeps("x")


def test_a_value_where_none_belongs_is_refused() -> None:
    assert "halve: something was returned" in text_of(call(halve, 1).returns_nothing)


def test_one_item_of_a_tuple_is_checked_by_its_place() -> None:
    made = call(read_pixels, (np.array([1.0]), 2))
    made[1].returns(2)
    assert "read_pixels(...)[0]: the value at [0] is 1, not 3\n" in text_of(made[0].returns, [3])


@pytest.mark.parametrize("value", [None, (1,)])
def test_a_missing_item_says_how_many_were_expected(value) -> None:
    assert "expected  a tuple of at least 2" in text_of(call(read_pixels, value).__getitem__, 1)


def test_a_tensor_is_compared_and_shown_by_its_numbers() -> None:
    made = call(read_pixels, tensor([1, 2])).returns([1, 2]).has_dtype(np.float32).keeps("filename")
    assert "got       Tensor(np.array([1.0, 2.0], dtype=np.float32))" in text_of(made.returns, [1, 3])


def test_an_error_passes_through_with_the_call_attached() -> None:
    with pytest.raises(TypeError) as caught:
        call(halve, "x")
    assert caught.value.needle_call == "halve('x')"


def test_arguments_that_do_not_fit_raise_the_functions_own_error() -> None:
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        call(halve, 1, 2)


def test_a_function_without_signature_is_checked_by_its_keywords() -> None:
    def compiled(x):
        x += 1

    compiled.__signature__ = "none, as in an extension module"
    call(compiled, x=np.array([1.0])).turns("x", into=[2.0])


def test_without_a_name_every_argument_is_kept() -> None:
    text = text_of(call(double_in_place, np.array([1.0]), note="hi").keeps)
    assert "double_in_place: the call changed x" in text


def test_a_tensor_or_an_array_inside_a_list_that_was_changed_is_not_kept() -> None:
    def double_all(xs):
        for x in xs:
            x *= 2

    def double_data(t):
        t.array *= 2

    assert "the call changed xs" in text_of(call(double_all, [np.ones(1), np.ones(2)]).keeps)
    call(len, [np.ones(1), np.ones(2)]).keeps()
    text = text_of(call(double_data, tensor([1])).keeps, "t")
    assert "got       np.array([2.0], dtype=np.float32)\n  expected  np.array([1.0]" in text


def test_a_shape_is_checked_whatever_the_values() -> None:
    call(halve, np.ones((2, 3))).has_shape((2, 3)).has_shape([2, 3])
    assert "got       (2, 3)\n  expected  (3, 2)" in text_of(call(halve, np.ones((2, 3))).has_shape, (3, 2))


def test_something_else_is_checked_after_the_call_and_shown_so() -> None:
    x = np.array([1.0])
    made = call(double_in_place, x).then("x", x).returns([2])
    assert text_of(made.returns, [3]).startswith(
        "x after double_in_place: the value at [0] is 2, not 3\n"
        "  call      double_in_place(np.array([1.0])); x\n"
    )


def test_what_came_of_several_calls_is_shown_by_the_text_given() -> None:
    text = text_of(seen("x = 1; x += 1; x", 2).returns, 3)
    assert text.startswith("x: the value is 2, not 3\n  call      x = 1; x += 1; x\n")


def test_a_tensor_that_holds_on_to_its_graph_says_to_how_many_nodes() -> None:
    product = multiply(tensor([1]), tensor([2]))
    seen("p", tensor([1])).retains_no_graph()
    assert "got       2 nodes behind it\n  expected  none" in text_of(seen("p", product).retains_no_graph)


def refuse(x):
    raise ValueError("refuse: x is (4, 3). Expected (4, 5).")


def test_an_expected_error_may_be_a_more_special_one_and_names_all_words() -> None:
    raises(ValueError, refuse, 1, naming=["(4, 3)", "(4, 5)"])
    raises(Exception, refuse, 1)


def test_an_error_that_names_too_little_is_shown_with_the_words_wanted() -> None:
    text = text_of(raises, ValueError, refuse, 1, naming=["(4, 3)", "(5, 4)"], because="both shapes help.")
    assert text == (
        "refuse: the error does not say what is wrong\n"
        "  call      refuse(1)\n"
        "  got       refuse: x is (4, 3). Expected (4, 5).\n"
        "  expected  ValueError naming (4, 3), (5, 4)\n"
        "  because   both shapes help."
    )


def test_no_error_or_another_one_is_not_the_expected_one() -> None:
    assert "no error was raised\n  call      halve(4)\n  got       2.0" in text_of(
        raises, ValueError, halve, 4
    )
    assert "got       ValueError: refuse: x" in text_of(raises, TypeError, refuse, 1)


@pytest.mark.parametrize("error", [ValueError, Exception, RuntimeError])
def test_a_stub_is_no_refusal(error) -> None:
    def stub():
        raise NotImplementedError("not started: hw1/add")

    with pytest.raises(NotImplementedError):
        raises(error, stub)


def test_lines_of_python_give_what_they_name_and_the_text_to_paste() -> None:
    made, text = runner(np=np)("a = np.ones(2)", "b = a + 1")
    assert text == "a = np.ones(2); b = a + 1"
    assert set(made) == {"a", "b"}
    assert made["b"].tolist() == [2, 2]


def test_an_error_in_lines_of_python_carries_them() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        runner()("a = 1", "a / 0")
    assert caught.value.needle_call == "a = 1; a / 0"  # type: ignore[attr-defined]
