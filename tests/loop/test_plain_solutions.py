"""Softmax in its plain form, exp without the maximum subtracted first, is accepted everywhere."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from grader.client import Client
from grader.submission.submit import submit
from grader.workspace.folder import Workspace

STABLE, PLAIN = "Z - Z.max(axis=1, keepdims=True)", "Z + 0"
QUESTIONS = ("softmax_loss", "softmax_regression_epoch", "nn_epoch")


@pytest.fixture
def plain(solved: Workspace) -> Iterator[Workspace]:
    path = solved.root / "hw0" / "simple_ml.py"
    text = path.read_text()
    assert text.count(STABLE) == 2
    path.write_text(text.replace(STABLE, PLAIN))
    yield solved
    path.write_text(text)


def test_the_plain_formula_passes_the_local_tests_and_every_case(
    plain: Workspace, enrol: Callable[[], Client]
) -> None:
    chosen = [part for question in QUESTIONS for part in ("--question", question)]
    command = [sys.executable, "-m", "pytest", "--hw", "hw0", *chosen]
    finished = subprocess.run(command, cwd=plain.root, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
    result = submit(plain, plain.assignment("hw0"), list(QUESTIONS), enrol())
    assert {one["verdict"] for one in result.answer["verdicts"]} == {"equal"}, result.answer["verdicts"]
