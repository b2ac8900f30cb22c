"""Right solutions in other styles pass every local test and earn full points."""

from collections.abc import Callable
from pathlib import Path

import pytest
from planting import Variant, first_of_each_question, homework_of, read_variants, run_locally, submitted
from shared_course import ROOT, Workspaces

from grader.client import Client
from grader.course.policy import Course

HERE = Path(__file__).parent


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "style" not in metafunc.fixturenames:
        return
    styles: list[Variant] = []
    for assignment in Course(ROOT).assignments:
        every = read_variants(HERE, assignment)
        everyone = metafunc.config.getoption("all_mutants")
        most = metafunc.config.getoption("most_mutants")
        styles += first_of_each_question(every, most) if everyone else every[:1]
    metafunc.parametrize("style", styles, ids=lambda style: f"{style.homework}-{style.name}")


def test_a_right_solution_in_another_style_earns_full_points(
    style: Variant, workspaces: Workspaces, enrol: Callable[..., Client]
) -> None:
    workspace = workspaces.solved(style.homework)
    client = enrol(style.homework)
    with style.planted(workspace):
        local = run_locally(workspace, style.homework, style.questions)
        answer = submitted(workspace, style.homework, style.questions, client)
    missing = {one.question: [test.message for test in one.missing] for one in local if not one.tally.full}
    assert missing == {}, style.why
    assert {one["verdict"] for one in answer["verdicts"]} == {"equal"}, answer["verdicts"]


def test_every_file_of_styles_is_a_homeworks() -> None:
    homeworks = {path.name for path in (ROOT / "assignments").iterdir()}
    assert {homework_of(path) for path in HERE.glob("*.yaml")} <= homeworks
