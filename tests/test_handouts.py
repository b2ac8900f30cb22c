"""The examples in the handouts run as they stand, one after the other, on a solved course."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.assignment import Assignment
from grader.course.policy import Course

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENTS = Course(ROOT).assignments


def examples(assignment: Assignment) -> Iterator[str]:
    """Yield the blocks of Python that are more than a signature."""
    text = (assignment.folder / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        try:
            ast.parse(block)
        except SyntaxError:
            assert block.startswith("def "), f"{assignment.id}: this is no Python:\n{block}"
        else:
            yield block


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.id)
def test_a_handouts_examples_run_in_their_order(assignment: Assignment, tmp_path: Path) -> None:
    entries = os.pathsep.join(str(ROOT / "reference" / entry) for entry in assignment.definition.path)
    environment = {**os.environ, **assignment.definition.environment, "PYTHONPATH": entries}
    program = "\n\n".join(examples(assignment))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.id)
def test_a_handout_names_every_question_and_shows_only_pictures_that_are_there(
    assignment: Assignment,
) -> None:
    text = (assignment.folder / "README.md").read_text(encoding="utf-8")
    for question in assignment.questions:
        assert f"`{question.id.removesuffix('_gradient')}`" in text, question.id
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
        assert (assignment.folder / picture).is_file(), picture
