"""Workspaces begin with what was built for another one, and compile none of it again."""

from pathlib import Path

from shared_course import ROOT

from grader.course.policy import Course
from grader.publishing.trials import Trials, begin_from
from grader.running.build import build


def libraries(workspace: Path) -> dict[str, int]:
    """Return when each library of a workspace was made."""
    return {path.name: path.stat().st_mtime_ns for path in (workspace / "build" / "lib").iterdir()}


def test_what_begins_from_a_built_workspace_needs_no_build(trials: Trials, tmp_path: Path) -> None:
    begin_from(trials.solved.parent, tmp_path / "next")
    report = build(tmp_path / "next" / "solved", Course(ROOT).assignment("hw0"))
    assert report.ok
    assert libraries(tmp_path / "next" / "solved") == libraries(trials.solved) != {}


def test_what_has_begun_or_has_nothing_to_begin_from_is_left_alone(trials: Trials, tmp_path: Path) -> None:
    begin_from(tmp_path / "nothing", tmp_path / "next")
    assert not (tmp_path / "next").exists()
    (tmp_path / "next").mkdir()
    begin_from(trials.solved.parent, tmp_path / "next")
    assert list((tmp_path / "next").iterdir()) == []
