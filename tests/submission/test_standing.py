"""What is shown after a submission: every figure, on any terminal, and no text of a server as markup."""

import io
from typing import Any

import pytest
from rich.console import Console

from grader.submission.standing import show_result, show_standing
from grader.submission.submit import Result

QUESTION = "softmax_regression_epoch"


def verdict(case: str, kind: str, detail: str = "") -> dict[str, Any]:
    return {"question": QUESTION, "case": case, "verdict": kind, "detail": detail}


ANSWER: dict[str, Any] = {
    "attempt": "12345678-9",
    "assignment": "hw0",
    "score": 71.25,
    "average": 68.5,
    "threshold": 0.8,
    "questions": [
        {"title": "One epoch of softmax regression", "passed": 2, "total": 3, "earned": 13.33, "points": 20,
         "best_earned": 20.0},
        {"title": "Addition [bold]", "passed": 0, "total": 0, "earned": 0.0, "points": 5, "best_earned": 0.0},
    ],
    "verdicts": [
        verdict("in_one_batch", "equal"),
        verdict("with_a_short_last_batch", "raised", "ValueError"),
        verdict("with_default_settings", "raised", "NotStarted"),
        verdict("with_a_momentum", "raised", "NotStarted"),
        verdict("with_other_draws", "could not be judged", "another NumPy draws other numbers"),
    ],
}  # fmt: skip
NOTES = {
    "softmax_regression_epoch/with_a_short_last_batch": "shapes [5] and (3,) at hw0/simple_ml.py:12",
    "softmax_regression_epoch/with_default_settings": "not started: hw0/softmax_regression_epoch",
    "softmax_regression_epoch/with_a_momentum": "not started: hw0/softmax_loss",
}


def shown(answer: dict[str, Any], width: int) -> str:
    screen = io.StringIO()
    show_result(Result(answer, NOTES), Console(file=screen, width=width))
    return screen.getvalue()


def test_an_error_stands_beside_its_verdict_and_what_is_equal_is_not_listed() -> None:
    said = shown(ANSWER, 120)
    assert (
        "softmax_regression_epoch · with_a_short_last_batch: raised: ValueError: "
        "shapes [5] and (3,) at hw0/simple_ml.py:12\n" in said
    )
    assert "softmax_regression_epoch · with_default_settings: not started\n" in said
    assert "softmax_regression_epoch · with_a_momentum: waits for softmax_loss\n" in said
    assert "with_other_draws: could not be judged: another NumPy draws other numbers\n" in said
    assert "in_one_batch" not in said
    assert "Addition [bold]" in said


def test_where_cases_say_so_the_device_stands_beside_the_question() -> None:
    assert "computed on" not in shown(ANSWER, 120)
    verdicts = [verdict("in_one_batch", "equal") | {"devices": ["cuda_sim"]}, *ANSWER["verdicts"][1:]]
    questions = [one | {"id": name} for one, name in zip(ANSWER["questions"], [QUESTION, "add"], strict=True)]
    said = shown(ANSWER | {"verdicts": verdicts, "questions": questions}, 120)
    [head] = [line for line in said.splitlines() if "best" in line]
    [row] = [line for line in said.splitlines() if "One epoch" in line]
    assert head.split()[-2:] == ["computed", "on"]
    assert row.split()[-1] == "cuda_sim"


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_narrow_terminal_shows_every_figure_whole(width: int) -> None:
    said = shown(ANSWER, width)
    for figure in ("2 / 3", "13.33 / 20", "20.00", "0 / 0", "0.00 / 5", "71.25 of 100", "68.50"):
        assert figure in said, (figure, said)


@pytest.mark.parametrize("width", [30, 40, 80])
def test_a_narrow_terminal_shows_a_standing_whole(width: int) -> None:
    me = {
        "name": "A. Student [x]",
        "course": {"title": "Build a deep-learning library"},
        "average": 68.5,
        "threshold": 0.8,
        "slip_days": 5,
        "slip_days_left": 3,
        "project_required": True,
        "project": "waiting for a review",
        "assignments": [
            {"id": "hw0", "title": "Softmax regression, by hand", "score": 100.0,
             "due": "2026-10-01T21:59:00Z", "cut_off": "2026-10-04T21:59:00Z", "extended": True,
             "phase": "late", "seconds_left": 7200, "days_late": 2,
             "slip_days": 1, "dropped": True, "catch_up": True,
             "questions": [{"title": "One epoch of softmax regression", "earned": 13.33, "points": 20,
                            "state": "caught_up"}]},
        ],
    }  # fmt: skip
    screen = io.StringIO()
    show_standing(me, Console(file=screen, width=width))
    dates = ("extended", "2 days late", "1 day of it", "leaves it out") if width == 80 else ()
    for figure in ("100.00 / 100", "13.33 / 20", "68.50", "3 of 5", "waiting", *dates):
        assert figure in screen.getvalue(), (figure, screen.getvalue())
