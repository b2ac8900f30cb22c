"""Whatever a student's code does costs its own case, is told on the screen, and leaves the rest graded."""

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader.client import Client
from grader.grading.cases import Outcome
from grader.running import run_cases
from grader.submission import submit as module
from grader.submission.standing import show_result
from grader.submission.submit import Result, submit
from grader.workspace.folder import Workspace

Add = Callable[[str], None]
ADD = "    return x + y\n"


@pytest.fixture
def add(solved: Workspace) -> Iterator[Add]:
    """Return a function that gives `add` another body; the file is put back."""
    path = solved.root / "hw0" / "simple_ml.py"
    text = path.read_text()
    assert text.count(ADD) == 1
    yield lambda body: path.write_text(text.replace(ADD, body + ADD)) and None
    path.write_text(text)


def verdicts(result: Result, question: str = "add") -> dict[str, str]:
    found = [one for one in result.answer["verdicts"] if one["question"] == question]
    return {one["case"]: ": ".join(filter(None, (one["verdict"], one["detail"]))) for one in found}


def screen(result: Result) -> str:
    text = io.StringIO()
    show_result(result, Console(file=text, width=100))
    return text.getvalue()


def test_a_segfault_and_a_hang_cost_their_own_cases(
    solved: Workspace, enrol: Callable[[], Client], add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("    if isinstance(x, int): __import__('os').kill(__import__('os').getpid(), 11)\n"
        "    while isinstance(x, float): pass\n")  # fmt: skip
    client = enrol()  # first: publishing needs its time
    monkeypatch.setattr(run_cases, "_limit", lambda job: 1.5)
    result = submit(solved, solved.assignment("hw0"), ["add", "softmax_loss"], client)
    assert verdicts(result) == {
        "whole_numbers": "raised: Crashed", "floats": "raised: TimedOut", "arrays": "equal",
    }  # fmt: skip
    assert set(verdicts(result, "softmax_loss").values()) == {"equal"}
    assert "add · whole_numbers: raised: Crashed: the process ended by SIGSEGV" in screen(result)
    assert "add · floats: raised: TimedOut: stopped after 1.5 seconds" in screen(result)


def test_leaving_python_costs_its_own_case(solved: Workspace, enrol: Callable[[], Client], add: Add) -> None:
    add("    if isinstance(x, int): raise SystemExit(0)\n"
        "    if isinstance(x, float): __import__('os')._exit(0)\n")  # fmt: skip
    result = submit(solved, solved.assignment("hw0"), ["add"], enrol())
    crashed = "raised: Crashed"
    assert verdicts(result) == {"whole_numbers": crashed, "floats": crashed, "arrays": "equal"}


def test_what_can_not_be_sent_is_named_with_its_leaf_and_type_on_the_students_screen(
    solved: Workspace, enrol: Callable[[], Client], add: Add
) -> None:
    add("    if isinstance(x, int): return {x}\n    if isinstance(x, float): return complex(x)\n")
    result = submit(solved, solved.assignment("hw0"), ["add"], enrol())
    assert verdicts(result) == {
        "whole_numbers": "raised: CaseError", "floats": "raised: CaseError", "arrays": "equal",
    }  # fmt: skip
    said = screen(result)
    assert "raised: CaseError: whole_numbers['sum']: found set, which can't be sent. Expected a dict" in said
    assert "raised: CaseError: floats['sum']: found complex, which can't be sent." in said
    assert "hw0: 1.67 of 100" in said


def test_nan_a_wrong_dtype_and_a_huge_array_are_verdicts(
    solved: Workspace, enrol: Callable[[], Client], add: Add
) -> None:
    add("    import numpy as np\n"
        "    if isinstance(x, int): return np.float32(x + y)\n"
        "    if isinstance(x, float): return float('nan')\n"
        "    return np.zeros((3000, 3000), dtype=np.float32)\n")  # fmt: skip
    result = submit(solved, solved.assignment("hw0"), ["add", "softmax_loss"], enrol())
    assert verdicts(result) == {
        "whole_numbers": "wrong dtype: found a array, expected a number",
        "floats": "not finite",
        "arrays": "wrong shape: found (3000, 3000), expected (3, 4)",
    }  # fmt: skip
    assert set(verdicts(result, "softmax_loss").values()) == {"equal"}


def test_a_float64_and_a_text_beyond_any_limit_are_verdicts(
    solved: Workspace, enrol: Callable[[], Client], add: Add
) -> None:
    add("    if isinstance(x, int): return 'x' * 2_200_000\n"
        "    if isinstance(x, float): return [x] * 100_000\n"
        "    return (x + y).astype(float)\n")  # fmt: skip
    result = submit(solved, solved.assignment("hw0"), ["add", "softmax_loss"], enrol())
    assert verdicts(result) == {
        "whole_numbers": "missing", "floats": "missing",
        "arrays": "wrong dtype: found float64, expected float32",
    }  # fmt: skip
    assert "add · floats: missing: the value was too large to be sent" in screen(result)
    assert set(verdicts(result, "softmax_loss").values()) == {"equal"}


def test_a_stub_passes_nothing_however_its_error_is_hidden(
    solved: Workspace, enrol: Callable[[], Client], add: Add
) -> None:
    """Also where the right value comes out in the end."""
    marker = "not started: hw0/add"
    add(f"    try: raise NotImplementedError({marker!r})\n    except NotImplementedError: pass\n")
    result = submit(solved, solved.assignment("hw0"), ["add"], enrol())
    assert set(verdicts(result).values()) == {"raised: NotStarted"}
    assert result.answer["score"] == 0


def test_other_draws_are_not_judged_say_why_and_cost_nothing(
    solved: Workspace, enrol: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, assignment = enrol(), solved.assignment("hw0")
    submit(solved, assignment, ["add"], client)
    run = module.run_attempt

    def drawn_otherwise(*arguments: Any) -> dict[Any, Outcome]:
        return {at: replace(outcome, inputs="0" * 64) for at, outcome in run(*arguments).items()}

    monkeypatch.setattr(module, "run_attempt", drawn_otherwise)
    result = submit(solved, assignment, ["add"], client)
    assert {one["verdict"] for one in result.answer["verdicts"]} == {"could not be judged"}
    assert "another NumPy draws other numbers" in screen(result)
    assert "this cost nothing" in screen(result)
    assert result.answer["score"] == 5


def test_a_mistake_in_cpp_is_shown_with_its_question_and_no_older_library_is_graded(
    solved: Workspace, enrol: Callable[[], Client], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Workspace(Path(shutil.copytree(solved.root, tmp_path / "workspace", symlinks=True)))
    source = workspace.root / "src" / "simple_ml_ext.cpp"
    lines = source.read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if "softmax_regression_epoch_cpp(" in line)
    body = next(n for n in range(at, len(lines)) if lines[n].rstrip().endswith("{")) + 1
    source.write_text("".join([*lines[:body], "  int n = nowhere;\n", *lines[body:]]))
    assert list((workspace.root / "build" / "lib").glob("simple_ml_ext*"))
    questions = ["add", "softmax_regression_epoch_cpp"]
    result = submit(workspace, workspace.assignment("hw0"), questions, enrol())
    said = capsys.readouterr().err
    assert not result.built, "`grader submit` exits with 1"
    assert f"src/simple_ml_ext.cpp:{body + 1}:" in said
    assert "nowhere" in said
    assert "softmax_regression_epoch_cpp" in said
    assert set(verdicts(result, "softmax_regression_epoch_cpp").values()) == {"raised: NotBuilt"}
    assert "raised: NotBuilt: it does not compile:\n  src/simple_ml_ext.cpp" in screen(result)
    assert set(verdicts(result).values()) == {"equal"}
    [library] = (workspace.root / "build" / "lib").glob("simple_ml_ext*")
    assert b"not started: hw0/softmax_regression_epoch_cpp" in library.read_bytes()
