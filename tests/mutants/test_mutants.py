"""Plant the classic mistakes of students in the reference, and see each caught locally and on submission."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from grader.client import Client
from grader.submission.submit import submit
from grader.workspace.folder import Workspace

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Mutant:
    """A wrong variant of the reference: in `file`, `find` replaced by `replace`."""

    question: str
    name: str
    why: str
    file: str
    find: str
    replace: str


def _mutants() -> list[Mutant]:
    return [Mutant(**said) for said in yaml.safe_load((HERE / "hw0.yaml").read_text())]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        every = _mutants()
        first = {mutant.question: mutant for mutant in reversed(every)}
        chosen = every if metafunc.config.getoption("all_mutants") else list(first.values())
        metafunc.parametrize("mutant", chosen, ids=lambda mutant: f"{mutant.question}-{mutant.name}")


@pytest.fixture
def planted(mutant: Mutant, solved: Workspace) -> Iterator[Workspace]:
    path = solved.root / mutant.file
    right = path.read_text()
    assert right.count(mutant.find) == 1, f"{mutant.name}: its text stands {right.count(mutant.find)} times"
    path.write_text(right.replace(mutant.find, mutant.replace))
    yield solved
    path.write_text(right)


def test_a_classic_mistake_is_caught_locally_and_on_submission(
    mutant: Mutant, planted: Workspace, enrol: Callable[[], Client], tmp_path: Path
) -> None:
    local = _local(planted, mutant.question, tmp_path / "results.json")
    assert local["total"] > 0
    assert local["passed"] < local["total"], f"the local tests of {mutant.question} let it pass: {mutant.why}"
    result = submit(planted, planted.assignment("hw0"), [mutant.question], enrol())
    [scored] = [one for one in result.answer["questions"] if one["id"] == mutant.question]
    assert scored["passed"] < scored["total"], f"the cases of {mutant.question} let it pass: {mutant.why}"
    assert {one["detail"] for one in result.answer["verdicts"]}.isdisjoint(
        {"ModuleNotFoundError", "NotStarted"}
    )


def test_every_question_has_at_least_four_mutants(solved: Workspace) -> None:
    planted = [mutant.question for mutant in _mutants()]
    for question in solved.assignment("hw0").questions:
        assert planted.count(question.id) >= 4, question.id


def _local(workspace: Workspace, question: str, results: Path) -> dict[str, int]:
    command = [sys.executable, "-m", "pytest", "--hw", "hw0", "--question", question, "--json", str(results)]
    finished = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    [said] = [
        one["extra_data"]
        for one in json.loads(results.read_text())["tests"]
        if one["extra_data"]["question"] == question
    ]
    return said
