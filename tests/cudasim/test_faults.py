"""Each mistake is found, and its message says what, who, where and why."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Run = Callable[[str], Any]
HERE = Path(__file__).parent
SOURCE = (HERE / "faults.cu").read_text().splitlines()
LINES = {mark: number for number, line in enumerate(SOURCE, 1) for mark in re.findall(r"// <- (.+)", line)}
PROGRAMS = re.findall(r"PROGRAM\((\w+)\)", "\n".join(SOURCE))
EXPECTED: dict[str, str] = yaml.safe_load((HERE / "faults.yaml").read_text())


def with_lines(text: str) -> str:
    """Put in the lines that marks stand for."""
    text = re.sub(r"\{line of ([^{}]+)\}", lambda mark: str(LINES[mark[1]]), text)
    return re.sub(r"\{([^{}]+)\}", lambda mark: f"faults.cu:{LINES[mark[1]]}", text)


@pytest.mark.parametrize("program", EXPECTED)
def test_a_mistake_is_named_with_thread_line_and_cause(run: Run, program: str) -> None:
    outcome = run(program)
    assert outcome.error == ""
    assert outcome.fault == with_lines(EXPECTED[program])
    assert run("after_a_fault").numbers == list(range(1, 11))  # the process goes on


def test_every_program_with_a_mistake_is_tried() -> None:
    assert {*PROGRAMS} == {*EXPECTED, "after_a_fault"}
