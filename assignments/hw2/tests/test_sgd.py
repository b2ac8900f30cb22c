"""sgd: steps worked by hand, with gradients that are set and not computed, and the recurrence by numbers."""

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


def becomes(*lines, because, **expected):
    """Expect these numbers in the parameters of these names after Python that stepped."""
    made, text = ran(*lines)
    for name, numbers in expected.items():
        found = seen(f"{text}; {name}", made[name])
        found.has_type(ndl.nn.Parameter).has_dtype(np.float32, because="float32 stays float32.")
        found.returns(numbers, because=because)


def walked(theta, gradients, lr, momentum, weight_decay):
    """Return where one number ends up after a step for each gradient, None being none."""
    u = 0.0
    for g in gradients:
        if g is not None:
            u = momentum * u + (1 - momentum) * (g + weight_decay * theta)
            theta = theta - lr * u
    return theta


@st.composite
def courses(draw):
    """Draw up to three parameters, and for each of three steps a gradient or None for each parameter."""
    starts = [draw(arrays(shape)) for shape in draw(st.lists(shapes(0, 2, 2), min_size=1, max_size=3))]
    steps = [[draw(st.one_of(arrays(one.shape), st.none())) for one in starts] for _ in range(3)]
    settings = {
        "lr": draw(st.sampled_from([1, 0.5, 0.25])),
        "momentum": draw(st.sampled_from([0, 0.5, 0.75])),
        "weight_decay": draw(st.sampled_from([0, 0.25])),
    }
    return starts, steps, settings


def test_a_step_goes_against_the_gradient_by_lr():
    lines = parameter("p", [1, 2]), gradient("p", [0.5, -1])
    because = "1 - 0.1 * 0.5 and 2 - 0.1 * (-1): the parameter itself has changed, not another one."
    becomes(*lines, "opt = ndl.optim.SGD([p], lr=0.1)", "opt.step()", p=[0.95, 2.1], because=because)


def test_momentum_goes_by_a_mean_of_the_gradients():
    lines = [parameter("p", [10]), "opt = ndl.optim.SGD([p], lr=1, momentum=0.9)"]
    lines += [gradient("p", [10]), "opt.step()"]
    because = "u = 0.9 * 0 + 0.1 * 10 = 1, so p = 10 - 1. (Without the 1 - momentum, u would be 10.)"
    becomes(*lines, p=[9], because=because)
    lines += [gradient("p", [20]), "opt.step()"]
    because = "the second u = 0.9 * 1 + 0.1 * 20 = 2.9, so p = 9 - 2.9."
    becomes(*lines, p=[6.1], because=because)
    lines += [gradient("p", [0]), "opt.step()"]
    because = "the third u = 0.9 * 2.9 + 0.1 * 0 = 2.61: p goes on after its gradient became 0."
    becomes(*lines, p=[3.49], because=because)


def test_weight_decay_is_a_part_of_the_gradient_and_so_of_its_mean():
    lines = parameter("p", [10]), gradient("p", [1])
    because = "g = 1 + 0.5 * 10 = 6, so p = 10 - 0.1 * 6."
    decay = "opt = ndl.optim.SGD([p], lr=0.1, weight_decay=0.5)"
    becomes(*lines, decay, "opt.step()", p=[9.4], because=because)
    because = "u = 0.5 * 0 + 0.5 * (1 + 0.5 * 10) = 3, so p = 10 - 0.1 * 3."
    decay = "opt = ndl.optim.SGD([p], lr=0.1, momentum=0.5, weight_decay=0.5)"
    becomes(*lines, decay, "opt.step()", p=[9.7], because=because)


def test_each_parameter_has_a_mean_of_its_own():
    lines = parameter("p", [10]), parameter("q", [10]), "opt = ndl.optim.SGD([p, q], lr=1, momentum=0.5)"
    steps = gradient("p", [4]), gradient("q", [0]), "opt.step()", gradient("p", [0]), "opt.step()"
    because = "p has u = 2 and then 1; the gradients of q were all 0, and q, though it looks like p, stays."
    becomes(*lines, *steps, p=[7], q=[10], because=because)


def test_a_parameter_without_a_gradient_is_passed_over():
    lines = [parameter("p", [10]), parameter("q", [10])]
    lines += ["opt = ndl.optim.SGD([p, q], lr=1, momentum=0.5, weight_decay=0.5)"]
    lines += [gradient("p", None), gradient("q", [3]), "opt.step()"]
    because = "p.grad is None: nothing happens to p. q has u = 0.5 * (3 + 0.5 * 10) = 4."
    becomes(*lines, p=[10], q=[6], because=because)
    lines += [gradient("p", [1]), gradient("q", None), "opt.step()", gradient("q", [7]), "opt.step()"]
    because = "q stays at 6 with u = 4 while it has no gradient; then u = 0.5 * 4 + 0.5 * (7 + 3) = 7."
    becomes(*lines, q=[-1], because=because)


def test_a_step_leaves_the_gradient_as_it_was():
    lines = [parameter("p", [10, -2]), gradient("p", [1, 3])]
    lines += ["opt = ndl.optim.SGD([p], lr=0.1, momentum=0.5, weight_decay=0.5)", "opt.step()", "opt.step()"]
    made, text = ran(*lines)
    because = "who reads p.grad after a step wants the gradient: decay and momentum go into other arrays."
    seen(f"{text}; p.grad", made["p"].grad).returns([1, 3], because=because).has_dtype(np.float32)


def test_steps_hold_on_to_no_graph():
    lines = [parameter("p", [10, -2]), gradient("p", [1, 3])]
    lines += ["opt = ndl.optim.SGD([p], lr=0.1, momentum=0.5, weight_decay=0.5)", *["opt.step()"] * 3]
    made, text = ran(*lines)
    because = "a step that is recorded holds on to all steps before it: memory grows with every step."
    for name, value in {"p": made["p"], "opt.u": [*made["opt"].u.values()]}.items():
        for one in value if name == "opt.u" else [value]:
            seen(f"{text}; {name}", one).retains_no_graph(because=because)


@reproducible
@given(courses())
def test_any_steps_lead_each_number_where_the_recurrence_leads(drawn):
    starts, steps, settings = drawn
    names = ["p", "q", "r"][: len(starts)]
    lines = [parameter(name, start) for name, start in zip(names, starts, strict=True)]
    said = ", ".join(f"{name}={value}" for name, value in settings.items())
    lines += [f"opt = ndl.optim.SGD([{', '.join(names)}], {said})"]
    for gradients in steps:
        lines += [gradient(name, one) for name, one in zip(names, gradients, strict=True)] + ["opt.step()"]
    expected = {name: start.astype(np.float64) for name, start in zip(names, starts, strict=True)}
    for which, end in enumerate(expected.values()):
        for at in np.ndindex(end.shape):
            met = [None if step[which] is None else float(step[which][at]) for step in steps]
            end[at] = walked(float(end[at]), met, **settings)
    because = "u = momentum * u + (1 - momentum) * (g + weight_decay * theta), then theta = theta - lr * u."
    becomes(*lines, because=because, **expected)
