"""The process in which cases run takes nothing from the workspace but what the assignment names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.assignment import load_assignment
from grader.running.run_cases import Job, run_question

CASE = """
from work import add
from grader import case

@case()
def a_sum(rng):
    return add(1, 2)
"""


@pytest.mark.parametrize("name", ["json", "random", "grader", "numpy", "types"])
def test_a_students_own_file_beside_the_assignment_stands_in_for_no_library(
    tmp_path: Path, make_workspace: Callable[..., Path], name: str
) -> None:
    root = make_workspace(tmp_path, "def add(x, y):\n    return x + y\n", {"add": ""})
    (root / "assignments" / "hw0" / "cases" / "add.py").write_text(CASE)
    (root / f"{name}.py").write_text("raise RuntimeError('imported')\n")
    assignment = load_assignment(root / "assignments" / "hw0")
    found = run_question(Job(root, assignment, assignment.question("add")), {"a_sum": [1]})
    outcome = found["a_sum"][1]
    assert (outcome.raised, outcome.tree) == ("", {"number": 3}), outcome.message


ON_A_DEVICE = """
from types import SimpleNamespace
from work import add
from grader import case, pick_device

CUDA = SimpleNamespace(name="cuda", enabled=lambda: False)
SIMULATED = SimpleNamespace(name="cuda_sim", enabled=lambda: True)

@case()
def a_sum(rng):
    return add(1, 2)

@case()
def another_sum(rng):
    pick_device(CUDA, SIMULATED)
    return add(1, None)
"""


def test_an_outcome_says_on_which_device_it_was_computed_also_when_it_raised(
    tmp_path: Path, make_workspace: Callable[..., Path]
) -> None:
    root = make_workspace(tmp_path, "def add(x, y):\n    return x + y\n", {"add": ""})
    (root / "assignments" / "hw0" / "cases" / "add.py").write_text(ON_A_DEVICE)
    assignment = load_assignment(root / "assignments" / "hw0")
    seeds = {"a_sum": [1], "another_sum": [1]}
    found = run_question(Job(root, assignment, assignment.question("add")), seeds)
    assert (found["a_sum"][1].devices, found["a_sum"][1].raised) == ([], "")
    assert (found["another_sum"][1].devices, found["another_sum"][1].raised) == (["cuda_sim"], "TypeError")


HIDDEN_STUB = """
def add(x, y):
    try:
        raise NotImplementedError("not started: hw0/add")
    except NotImplementedError:
        pass
    {then}
"""


@pytest.mark.parametrize("then", ["return x + y", "raise KeyError('other') from None"])
def test_a_stub_that_was_reached_is_named_whatever_came_after_it(
    tmp_path: Path, make_workspace: Callable[..., Path], then: str
) -> None:
    root = make_workspace(tmp_path, HIDDEN_STUB.format(then=then), {"add": ""})
    (root / "assignments" / "hw0" / "cases" / "add.py").write_text(CASE)
    assignment = load_assignment(root / "assignments" / "hw0")
    outcome = run_question(Job(root, assignment, assignment.question("add")), {"a_sum": [1]})["a_sum"][1]
    assert (outcome.raised, outcome.message) == ("NotStarted", "not started: hw0/add")
