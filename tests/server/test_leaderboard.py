"""The leaderboard: only of those who chose a name, under that name, and nothing but figures."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.cli import main
from grader.client import Login, save_login
from grader.errors import GraderError
from grader.submission.speed import figures_in


def _figures(value: float, name: str = "matmul") -> dict[str, Any]:
    return {
        "assignment": "tiny0",
        "machine": "A machine <i>",
        "figures": [{"name": name, "value": value, "unit": "GFLOP/s"}],
    }


def _shown(person: Any, name: str) -> list[tuple[int, str, float, bool]]:
    for ranking in person.get("/leaderboard"):
        if ranking["name"] == name:
            return [(one["rank"], one["pseudonym"], one["value"], one["mine"]) for one in ranking["places"]]
    return []


def test_figures_are_shown_only_of_those_who_chose_a_name(server: Any) -> None:
    slow, fast, shy = server.student("Slow Person"), server.student("Fast Person"), server.student()
    for person, value in ((slow, 10.0), (fast, 20.0), (shy, 30.0)):
        assert person.post("/leaderboard/figures", _figures(value, "first")).json() == {"pseudonym": None}
    assert _shown(slow, "first") == []
    assert slow.post("/leaderboard/me", {"pseudonym": " Tortoise "}).json() == {"pseudonym": "Tortoise"}
    fast.post("/leaderboard/me", {"pseudonym": "Hare"})
    assert _shown(slow, "first") == [(1, "Hare", 20.0, False), (2, "Tortoise", 10.0, True)]
    assert "Fast Person" not in json.dumps(shy.get("/leaderboard"))
    fast.post("/leaderboard/me", {"pseudonym": None})
    assert _shown(slow, "first") == [(1, "Tortoise", 10.0, True)]


def test_what_is_sent_again_replaces_what_was_sent_before(server: Any) -> None:
    person = server.student()
    person.post("/leaderboard/me", {"pseudonym": "Twice"})
    for value in (3.0, 2.0):
        person.post("/leaderboard/figures", _figures(value, "again"))
    assert _shown(person, "again") == [(1, "Twice", 2.0, True)]


def test_a_name_is_one_persons_whatever_its_case(server: Any) -> None:
    one, other = server.student(), server.student()
    assert one.post("/leaderboard/me", {"pseudonym": "Needle"}).status_code == 200
    refused = other.post("/leaderboard/me", {"pseudonym": "nEEDLE"})
    assert refused.status_code == 409
    assert refused.json()["error"].endswith("Choose another one.")
    assert one.post("/leaderboard/me", {"pseudonym": "needle"}).status_code == 200


@pytest.mark.parametrize("pseudonym", ["", "x", "y" * 41, "two\nlines", 7])
def test_a_name_that_is_none_is_refused(server: Any, pseudonym: object) -> None:
    assert server.student().post("/leaderboard/me", {"pseudonym": pseudonym}).status_code == 422


@pytest.mark.parametrize("value", [0, -1, 1e13, "NaN", None])
def test_a_figure_that_is_none_is_refused(server: Any, value: Any) -> None:
    assert server.student().post("/leaderboard/figures", _figures(value)).status_code == 422


def test_figures_of_no_assignment_or_twice_the_same_are_refused(server: Any) -> None:
    person = server.student()
    assert person.post("/leaderboard/figures", _figures(1) | {"assignment": "hw99"}).status_code == 404
    twice = _figures(1)
    twice["figures"] *= 2
    assert person.post("/leaderboard/figures", twice).status_code == 422


def test_of_each_kernel_the_best_figure_is_sent(tmp_path: Path) -> None:
    kernels = [("matmul", 10), ("matmul", 30.123), ("ewise", 2), ("stub", 0)]
    file = tmp_path / "hw3.json"
    file.write_text(json.dumps({"kernels": [{"kernel": name, "gflops": value} for name, value in kernels]}))
    assert [(one["name"], one["value"]) for one in figures_in(file)] == [("matmul", 30.12), ("ewise", 2.0)]


def test_a_file_without_figures_is_refused_and_named(tmp_path: Path) -> None:
    file = tmp_path / "hw3.json"
    for text in ("{", "[]", '{"kernels": [{}]}'):
        file.write_text(text)
        with pytest.raises(GraderError, match=r"hw3\.json: no figures of kernels are here"):
            figures_in(file)
    with pytest.raises(GraderError, match="no figures of kernels"):
        figures_in(tmp_path / "missing.json")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Any) -> Path:
    """A student's workspace with an assignment whose program writes figures, logged in."""
    write_assignment(tmp_path, "tiny0", ["--json", "build/bench/tiny0.json"])
    save_login(tmp_path, Login(server.url, server.student().key))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_assignment(root: Path, name: str, options: list[str]) -> None:
    """Write an assignment whose measuring program writes figures of one kernel."""
    folder = root / "assignments" / name
    for inner in ("tests", "cases"):
        (folder / inner).mkdir(parents=True)
        (folder / inner / ("test_double.py" if inner == "tests" else "double.py")).write_text("")
    (root / "tiny").mkdir()
    (root / "tiny" / "work.py").write_text("def double(x): return 2 * x\n")
    figures = {"kernels": [{"kernel": "doubling", "gflops": 12.5}]}
    (root / "tiny" / "bench.py").write_text(
        f"import sys, pathlib\npathlib.Path(sys.argv[2]).write_text({json.dumps(figures)!r})\n"
    )
    question = {"id": "double", "title": "D", "points": 100, "implement": ["tiny.work.double"]}
    content = {
        "id": name,
        "title": "Tiny",
        "adds": ["tiny/work.py"],
        "glue": ["tiny/bench.py"],
        "bench": ["tiny/bench.py", *options],
        "questions": [question],
    }
    (folder / "assignment.yaml").write_text(yaml.safe_dump(content))


def test_a_student_measures_and_sends_and_is_shown(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["leaderboard", "send", "tiny0"]) == 0
    said = capsys.readouterr().out
    assert "doubling 12.5." in said
    assert said.endswith("until you choose a name: grader leaderboard join NAME\n")
    assert main(["leaderboard", "join", "Doubler"]) == 0
    assert main(["leaderboard", "show"]) == 0
    assert "   1      12.50  Doubler  [" in capsys.readouterr().out
    assert main(["leaderboard", "leave"]) == 0
    capsys.readouterr()
    main(["leaderboard", "show"])
    assert "Doubler" not in capsys.readouterr().out


def test_a_program_that_fails_sends_nothing(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "tiny" / "bench.py").write_text("raise SystemExit(3)\n")
    assert main(["leaderboard", "send", "tiny0"]) == 1
    assert "tiny0 could not be measured" in capsys.readouterr().err


def test_a_program_that_is_not_told_where_to_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    write_assignment(tmp_path, "tiny0", ["-", "build/bench/tiny0.json"])
    save_login(tmp_path, Login(server.url, server.student().key))
    monkeypatch.chdir(tmp_path)
    assert main(["leaderboard", "send", "tiny0"]) == 1
    assert "Expected `--json FILE`" in capsys.readouterr().err
