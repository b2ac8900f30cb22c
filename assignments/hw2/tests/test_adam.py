"""adam: steps worked by hand, with gradients that are set and not computed, and the recurrence by numbers."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import needle as ndl
from grader.expect import runner, seen
from grader.expect.drawing import arrays, reproducible, shapes

ran = runner(ndl=ndl)


def tensor(numbers):
    """Return Python that makes a tensor."""
    return f"ndl.Tensor({np.asarray(numbers, dtype=np.float64).tolist()}, dtype='float32')"


def parameter(name, numbers):
    """Return Python that makes a parameter of this name."""
    return f"{name} = ndl.nn.Parameter({tensor(numbers)})"


def gradient(name, numbers):
    """Return Python that sets the gradient of a parameter."""
    return f"{name}.grad = {'None' if numbers is None else tensor(numbers)}"


def becomes(*lines, because, rtol=1e-4, **expected):
    """Expect these numbers in the parameters of these names after Python that stepped."""
    made, text = ran(*lines)
    for name, numbers in expected.items():
        found = seen(f"{text}; {name}", made[name])
        found.has_type(ndl.nn.Parameter).has_dtype(np.float32, because="float32 stays float32.")
        found.returns(numbers, rtol=rtol, because=because)


def walked(theta, gradients, lr, beta1, beta2, eps, weight_decay):
    """Return where one number ends up after a step for each gradient, None being none."""
    m = v = 0.0
    for t, gradient in enumerate(gradients, start=1):
        if gradient is not None:
            g = gradient + weight_decay * theta
            m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
            theta = theta - lr * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)
    return theta


@st.composite
def courses(draw):
    """Draw up to three parameters, and for each of three steps a gradient or None for each parameter."""
    starts = [draw(arrays(shape)) for shape in draw(st.lists(shapes(0, 2, 2), min_size=1, max_size=3))]
    steps = [[draw(st.one_of(arrays(one.shape), st.none())) for one in starts] for _ in range(3)]
    settings = {
        "lr": draw(st.sampled_from([1, 0.5])),
        "beta1": draw(st.sampled_from([0.5, 0.75])),
        "beta2": draw(st.sampled_from([0.5, 0.875])),
        "eps": draw(st.sampled_from([1, 0.5])),
        "weight_decay": draw(st.sampled_from([0, 0.25])),
    }
    return starts, steps, settings


def test_the_first_step_is_lr_long_however_large_the_gradient():
    lines = parameter("p", [1, 2, 3]), gradient("p", [10, -0.1, 0.01]), "opt = ndl.optim.Adam([p], lr=0.1)"
    because = (
        "m = 0.1 g and v = 0.001 g^2 are divided by 1 - 0.9 and 1 - 0.999: m' = g and v' = g^2, "
        "so each number moves by 0.1 g / |g|."
    )
    becomes(*lines, "opt.step()", p=[0.9, 2.1, 2.9], because=because)


def test_the_second_step_is_the_one_worked_by_hand():
    lines = [parameter("p", [10]), "opt = ndl.optim.Adam([p], lr=1, beta1=0.5, beta2=0.75)"]
    lines += [gradient("p", [1]), "opt.step()", gradient("p", [3]), "opt.step()"]
    because = (
        "the first step leads to 9, with m = 0.5 and v = 0.25. Then m = 0.5 * 0.5 + 0.5 * 3 = 1.75 and "
        "v = 0.75 * 0.25 + 0.25 * 9 = 2.4375; m' = 1.75 / (1 - 0.5^2) = 2.333333, "
        "v' = 2.4375 / (1 - 0.75^2) = 5.571429, and 2.333333 / sqrt(5.571429) = 0.9885401."
    )
    becomes(*lines, p=[8.0114599], because=because)


def test_eps_is_added_to_the_root_of_the_corrected_square():
    lines = parameter("p", [10]), gradient("p", [3]), "opt = ndl.optim.Adam([p], lr=1, eps=1)"
    because = "m' = 3, v' = 9, and 3 / (sqrt(9) + 1) = 0.75: eps stands outside the root, and v' inside."
    becomes(*lines, "opt.step()", p=[9.25], because=because)


def test_weight_decay_is_a_part_of_the_gradient():
    lines = parameter("p", [10]), gradient("p", [-1])
    decay = "opt = ndl.optim.Adam([p], lr=0.1, weight_decay=0.5)"
    because = "g = -1 + 0.5 * 10 = 4 is positive, and the first step is lr long: p = 10 - 0.1."
    becomes(*lines, decay, "opt.step()", p=[9.9], because=because)
    decay = "opt = ndl.optim.Adam([p], lr=1, eps=1, weight_decay=0.5)"
    because = "g = -1 + 0.5 * 10 = 4, so m' = 4, v' = 16, and p = 10 - 4 / (4 + 1)."
    becomes(*lines, decay, "opt.step()", p=[9.2], because=because)


def test_t_counts_calls_of_step_and_not_parameters():
    lines = [parameter("p", [10]), parameter("q", [10])]
    lines += ["opt = ndl.optim.Adam([p, q], lr=1, beta1=0.5, beta2=0.75)"]
    first = [gradient("p", [3]), gradient("q", [3]), "opt.step()"]
    because = "in the first call t is 1 for both, and each moves by lr."
    becomes(*lines, *first, p=[9], q=[9], because=because)
    later = [gradient("p", None), gradient("q", [3]), "opt.step()", gradient("p", [1]), "opt.step()"]
    because = (
        "t is 2 in the second call, also for p, whose m and v only begin there: m' = 0.5 / (1 - 0.5^2) "
        "and v' = 0.25 / (1 - 0.75^2), so p = 10 - 0.6666667 / sqrt(0.5714286)."
    )
    becomes(*lines, *later, p=[9.1180829], because=because)


def test_each_parameter_has_running_means_of_its_own():
    lines = parameter("p", [10]), parameter("q", [10]), "opt = ndl.optim.Adam([p, q], lr=1, eps=1)"
    steps = gradient("p", [3]), gradient("q", [0]), "opt.step()"
    because = "p moves by 3 / (3 + 1); the gradient of q is 0, and q, though it looks like p, stays."
    becomes(*lines, *steps, p=[9.25], q=[10], because=because)
    again = gradient("p", [0]), "opt.step()"
    because = "no step before had a gradient for q but 0, whatever p had."
    becomes(*lines, *steps, *again, q=[10], because=because)


def test_a_parameter_without_a_gradient_is_passed_over():
    lines = [parameter("p", [10]), parameter("q", [10])]
    lines += ["opt = ndl.optim.Adam([p, q], lr=1, weight_decay=0.5)"]
    lines += [gradient("p", None), gradient("q", [3]), "opt.step()"]
    because = "p.grad is None: nothing happens to p, not even decay. q moves by lr."
    becomes(*lines, p=[10], q=[9], because=because)
    because = "q has no gradient in the second call, and stays, though its m is not 0."
    becomes(*lines, gradient("p", [3]), gradient("q", None), "opt.step()", q=[9], because=because)


def test_a_step_leaves_the_gradient_as_it_was_and_holds_on_to_no_graph():
    lines = [parameter("p", [10, -2]), gradient("p", [1, 3])]
    lines += ["opt = ndl.optim.Adam([p], lr=0.1, weight_decay=0.5)", *["opt.step()"] * 3]
    made, text = ran(*lines)
    because = "who reads p.grad after a step wants the gradient: decay and means go into other arrays."
    seen(f"{text}; p.grad", made["p"].grad).returns([1, 3], because=because).has_dtype(np.float32)
    because = "a step that is recorded holds on to all steps before it: memory grows with every step."
    seen(f"{text}; p", made["p"]).retains_no_graph(because=because)
    for name in ("m", "v"):
        for one in getattr(made["opt"], name).values():
            seen(f"{text}; opt.{name}", one).retains_no_graph(because=because)


@reproducible
@given(courses())
def test_any_steps_lead_each_number_where_the_recurrence_leads(drawn):
    starts, steps, settings = drawn
    names = ["p", "q", "r"][: len(starts)]
    lines = [parameter(name, start) for name, start in zip(names, starts, strict=True)]
    said = ", ".join(f"{name}={value}" for name, value in settings.items())
    lines += [f"opt = ndl.optim.Adam([{', '.join(names)}], {said})"]
    for gradients in steps:
        lines += [gradient(name, one) for name, one in zip(names, gradients, strict=True)] + ["opt.step()"]
    expected = {name: start.astype(np.float64) for name, start in zip(names, starts, strict=True)}
    for which, end in enumerate(expected.values()):
        for at in np.ndindex(end.shape):
            met = [None if step[which] is None else float(step[which][at]) for step in steps]
            end[at] = walked(float(end[at]), met, **settings)
    because = "theta moves by lr * m' / (sqrt(v') + eps), where m' and v' are m and v over 1 - beta^t."
    becomes(*lines, rtol=1e-3, because=because, **expected)
