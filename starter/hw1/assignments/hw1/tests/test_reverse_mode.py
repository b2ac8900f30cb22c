"""reverse_mode: polynomials, which the given ops make, with slopes worked out by hand or measured."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import backward, reachable, runner, seen, shown_as
from grader.expect.drawing import arrays, reproducible
from needle.autograd import TensorOp, compute_gradient_of_variables

ran = runner(ndl=ndl)


def leaves(*lines, because, **gradients):
    """Expect these gradients in `.grad` after Python that ends with a call of backward."""
    made, text = ran(*lines)
    for name, expected in gradients.items():
        found = seen(f"{text}; {name}.grad", made[name].grad)
        found.has_type(ndl.Tensor, because="a gradient is a Tensor.").returns(expected, because=because)


def polynomial(text):
    """Return a function that is shown as its own Python."""
    return shown_as(f"({text})", eval(text, {"ndl": ndl}))


def tensor(*numbers, dtype="float32"):
    return ndl.Tensor(np.array(numbers, dtype=dtype))


class Noted(TensorOp):
    """An op that passes its input on, and notes the gradients that come back through it."""

    def __init__(self, name, notes):
        self.name, self.notes = name, notes

    def compute(self, a):
        return a + 0

    def gradient(self, out_grad, node):
        self.notes.append((self.name, float(out_grad.numpy())))
        return out_grad


@st.composite
def polynomials(draw):
    """Draw a polynomial of a and b, each of whose steps makes a value of two earlier ones."""
    names, steps = ["a", "b"], []
    for at in range(draw(st.integers(1, 6))):
        # few products, so that the degree, and with it the numbers, stays small
        sign = "*" if at < 3 and draw(st.booleans()) else "+"
        left, right = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        names.append(f"v{at}")
        steps.append(f"v{at} := {left} {sign} {right}")
    return polynomial(f"lambda a, b: [{', '.join(steps)}, a * b + {names[-1]}][-1]")


def test_each_factor_of_a_product_gets_the_other_one():
    because = "y = a * b grows by b for each unit of a, and by a for each unit of b."
    lines = "a = ndl.Tensor(3.0)", "b = ndl.Tensor(5.0)", "y = a * b", "y.backward()"
    leaves(*lines, a=5.0, b=3.0, because=because)


def test_a_diamond_adds_up_what_comes_back_on_both_sides():
    because = "b gets c = 4 and c gets b = 6; a gets 2 * 4 through b and 1 * 6 through c, 14 in all."
    lines = "a = ndl.Tensor(3.0)", "b = a * 2", "c = a + 1", "y = b * c", "y.backward()"
    leaves(*lines, y=1.0, b=4.0, c=6.0, a=14.0, because=because)


def test_a_value_that_is_both_inputs_of_an_op_gets_both_parts():
    leaves("a = ndl.Tensor(3.0)", "y = a * a", "y.backward()", a=6.0, because="d(a * a)/da = a + a = 6.")
    leaves("a = ndl.Tensor(3.0)", "y = a + a", "y.backward()", a=2.0, because="d(a + a)/da = 1 + 1 = 2.")


def test_out_grad_weighs_the_elements_of_the_output():
    a, b = tensor(1, 2, 3), tensor(4, 5, 6)
    made = backward(polynomial("lambda a, b: a * b"), a, b, out_grad=[1, 10, 100])
    because = (
        "the gradient of 1 y[0] + 10 y[1] + 100 y[2]: each element of the other factor times its weight."
    )
    made[0].returns([4, 50, 600], because=because)
    made[1].returns([1, 20, 300], because=because)


def test_a_value_used_near_the_output_and_further_down_passes_on_its_whole_gradient():
    program = "a = ndl.Tensor(2.0)", "m = a * a", "n = m * 3"
    because = "m gets 1 directly and 3 through n, 4 in all, and only then passes 4 * 2a = 16 on to a."
    leaves(*program, "y = n + m", "y.backward()", m=4.0, a=16.0, because=because)
    leaves(*program, "y = m + n", "y.backward()", m=4.0, a=16.0, because=because)


def test_the_gradient_of_each_op_is_asked_for_once_with_the_sum_of_all_that_came_back():
    notes = []
    text = "three times over, y = p(y) + p(y), where p passes its input on"
    y = ndl.Tensor(1.0)
    for name in ("first", "second", "third"):
        passed = Noted(name, notes)(y)
        y = passed + passed
    compute_gradient_of_variables(y, ndl.Tensor(1.0))
    found = ", ".join(f"{name} with {number:g}" for name, number in notes)
    expected = "third with 2, second with 4, first with 8"
    if found != expected:
        because = "an op waits until all users of its value have answered; it gets the sum of their parts."
        seen(text, None).fail("the wrong calls of the ops' gradient", found, expected, because)


def test_a_second_backward_overwrites_what_the_first_left():
    program = "a = ndl.Tensor(3.0)", "y = a * a", "y.backward()"
    because = "nothing is added to what .grad held before: 2a = 6, whenever it is asked for."
    leaves(*program, "y.backward()", a=6.0, y=1.0, because=because)
    because = "the .grad of z = 5a is 5, whatever y left there."
    leaves(*program, "z = a * 5", "z.backward()", a=5.0, because=because)


def test_backward_changes_no_values_and_keeps_float32():
    a, b = tensor(1.5, -2), tensor(0.5, 3)
    function = polynomial("lambda a, b: (a * b + a) * a * 0.5")
    made = backward(function, a, b)
    made.keeps(because="gradients go into .grad; the values stay.")
    made.keeps_dtype(because="float32 values have float32 gradients.")


def test_gradients_can_be_differentiated_again_and_again():
    program = ["x = ndl.Tensor(2.0)", "y = x * x * x * x", "y.backward()"]
    leaves(*program, x=32.0, because="the first derivative of x**4 is 4 x**3 = 32.")
    program += ["x.grad.backward()"]
    leaves(*program, x=48.0, because="the second derivative of x**4 is 12 x**2 = 48.")
    program += ["x.grad.backward()"]
    leaves(*program, x=48.0, because="the third derivative of x**4 is 24 x = 48.")
    program += ["x.grad.backward()"]
    leaves(*program, x=24.0, because="the fourth derivative of x**4 is 24.")


def test_gradients_pass_through_tuples():
    program = "a = ndl.Tensor(2.0)", "t = ndl.fused_add_scalars(a, 1, 10)", "y = t[0] * t[1]", "y.backward()"
    leaves(*program, a=15.0, because="y = (a + 1)(a + 10), so dy/da = 2a + 11 = 15.")
    program = (
        "a = ndl.Tensor(2.0)",
        "t = ndl.make_tuple(a * 3, a)",
        "u = t + t",
        "y = u[0] * u[1]",
        "y.backward()",
    )
    leaves(*program, a=48.0, because="y = (3a + 3a)(a + a) = 12 a**2, so dy/da = 24 a = 48.")


@reproducible
@given(polynomials(), *[arrays((2,), -2, 2, nonzero=True)] * 3)
def test_any_polynomial_has_the_slopes_that_are_measured(function, a, b, out_grad):
    made = backward(function, ndl.Tensor(a), ndl.Tensor(b), out_grad=out_grad)
    made.agrees_with_differences(because="each .grad is the slope along its input, weighed by out_grad.")
    made.can_be_differentiated_again()


def test_a_chain_of_20000_ops_needs_no_recursion():
    x = ndl.Tensor(1.0)
    y = x * 3
    for _ in range(20_000):
        y = y + 1
    text = "x = ndl.Tensor(1.0); y = x * 3; [y := y + 1 for _ in range(20_000)]; y.backward(); x.grad"
    try:
        y.backward()
    except RecursionError:
        because = "go through the sorted list in a loop. Nothing needs to call itself."
        seen(text, None).fail("a RecursionError", "it went too deep", "3.0", because)
    seen(text, x.grad).returns(3.0, because="the sums change nothing: y = 3x + 20000.")


def test_a_gradient_holds_on_to_its_own_graph_only():
    w, counts = ndl.Tensor(0.5), []
    for _ in range(4):
        (w * w * 3).backward()
        counts.append(len(reachable(w.grad)))
    text = "w = ndl.Tensor(0.5); [((w * w * 3).backward(), w.grad)[1] for _ in range(4)]"
    because = (
        "an earlier graph that hangs on to the new gradient is never freed: memory grows with every step."
    )
    if len(set(counts)) > 1:
        found = f"{', '.join(map(str, counts))} values behind w.grad after each step"
        seen(text, None).fail(
            "each step's gradient holds on to the steps before", found, "always as many", because
        )
    seen(text, w.grad).returns(3.0, because="d(3 w**2)/dw = 6w = 3, each time.")
