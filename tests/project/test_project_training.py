"""What a training program printed: which lines are losses, and whether they were lowered."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.project.training import FEWEST, Loss, problem_with, read_losses

REPEATABLE = settings(derandomize=True, deadline=None, database=None)
CURVE = [Loss(step, 1 / step) for step in range(1, 41)]


def test_only_objects_with_a_step_and_a_loss_are_read() -> None:
    printed = "\n".join(
        [
            "epoch 1",
            '{"step": 1, "loss": 0.5, "accuracy": 0.1}',
            '  {"step": 2, "loss": 1}',
            '{"step": "3", "loss": 1}',
            '{"step": 4.0, "loss": 1}',
            '{"loss": 1}',
            "[1, 2]",
            '{"step": 5, "loss": "low"}',
            '{"step": 6, "loss": ',
            '{"a":' * 3000,
        ]
    )
    assert read_losses(printed) == [Loss(1, 0.5), Loss(2, 1.0)]


def test_a_falling_curve_has_no_problem() -> None:
    assert problem_with(CURVE, 40, 0.8) == ""


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (CURVE[: FEWEST - 1], "printed 29 losses. Expected 30 lines at least"),
        ([], "printed 0 losses"),
        ([*CURVE[:-1], Loss(40, float("nan"))], "the loss of step 40 is nan. Expected a number"),
        ([*CURVE, Loss(41, 0.0)], "went on to step 41. Expected it to end after --steps 40"),
        ([*CURVE[:20], *CURVE], "step 1 comes after step 20. Expected steps that count up from 1"),
        (
            [Loss(step, 1.0) for step in range(1, 41)],
            "Expected the last to be at most 0.8 of the first, 0.8.",
        ),
        ([Loss(step, -1.0) for step in range(1, 41)], "Expected a loss that is not negative"),
    ],
)
def test_a_curve_that_shows_nothing_is_refused_with_the_reason(losses: list[Loss], said: str) -> None:
    assert said in problem_with(losses, 40, 0.8)


@REPEATABLE
@given(
    st.floats(0.01, 1e3),
    st.floats(0.0, 2.0),
    st.integers(FEWEST, 200),
)
def test_it_is_the_tenths_at_both_ends_that_count(first: float, share: float, count: int) -> None:
    tenth = count // 10
    values = [first] * tenth + [1e9] * (count - 2 * tenth) + [first * share] * tenth
    losses = [Loss(step, value) for step, value in enumerate(values, 1)]
    assert (problem_with(losses, count, 0.5) == "") == (share * first * tenth <= 0.5 * first * tenth)


def test_not_a_number_is_read_so_that_it_can_be_named() -> None:
    [loss] = read_losses(json.dumps({"step": 3, "loss": float("nan")}))
    assert loss.step == 3
    assert loss.value != loss.value
