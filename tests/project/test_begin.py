"""Beginning a project writes a starting point, and never over what a student wrote."""

from pathlib import Path

import pytest
from small_project import TEMPLATE, write_definition

from grader.errors import CourseError, WorkspaceError
from grader.project.begin import begin, chosen_track, project_of
from grader.workspace.folder import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path.resolve()
    write_definition(root)
    (root / ".grader" / "releases").mkdir(parents=True)
    return Workspace(root)


def files(workspace: Workspace) -> dict[str, str]:
    folder = workspace.root / "project"
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_text() for file in found}


def test_without_a_track_the_template_is_written(workspace: Workspace) -> None:
    begin(workspace, None)
    assert files(workspace) == TEMPLATE | {"track": "own\n"}


def test_an_own_idea_is_begun_with_the_template(workspace: Workspace) -> None:
    begin(workspace, "own")
    assert files(workspace) == TEMPLATE | {"track": "own\n"}


def test_a_track_replaces_what_it_has_and_keeps_the_rest(workspace: Workspace) -> None:
    begin(workspace, None)
    changed = begin(workspace, "fusion")
    expected = TEMPLATE | {"train.py": "# fusion\n", "fusion.py": "# fusion\n", "track": "fusion\n"}
    assert files(workspace) == expected
    assert changed == ["project/fusion.py", "project/track", "project/train.py"]
    assert chosen_track(workspace, project_of(workspace)) == "fusion"


def test_a_track_with_tests_needs_none_of_the_templates(workspace: Workspace) -> None:
    tests = workspace.root / "assignments/project/tracks/graphs/tests"
    tests.mkdir()
    (tests / "test_graphs.py").write_text("# graphs\n")
    begin(workspace, None)
    begin(workspace, "graphs")
    assert {path for path in files(workspace) if path.startswith("tests/")} == {"tests/test_graphs.py"}
    begin(workspace, None)
    assert {path for path in files(workspace) if path.startswith("tests/")} == {"tests/test_project.py"}


def test_another_track_takes_the_place_of_an_untouched_one(workspace: Workspace) -> None:
    begin(workspace, "fusion")
    begin(workspace, "graphs")
    expected = TEMPLATE | {"train.py": "# graphs\n", "graphs.py": "# graphs\n", "track": "graphs\n"}
    assert files(workspace) == expected


def test_a_students_edit_is_never_overwritten(workspace: Workspace) -> None:
    begin(workspace, None)
    (workspace.root / "project" / "train.py").write_text("mine")
    before = files(workspace)
    with pytest.raises(WorkspaceError, match=r"project/train.py: you have edited this.*Nothing was changed"):
        begin(workspace, "fusion")
    assert files(workspace) == before


def test_what_only_the_student_has_stays(workspace: Workspace) -> None:
    begin(workspace, "fusion")
    for path in ("fusion.py", "mine.py", "proposal.md"):
        (workspace.root / "project" / path).write_text("mine")
    with pytest.raises(WorkspaceError, match=r"^project/proposal.md: you have edited this"):
        begin(workspace, "graphs")
    (workspace.root / "project" / "proposal.md").write_text(TEMPLATE["proposal.md"])
    begin(workspace, "graphs")
    found = files(workspace)
    assert found["fusion.py"] == found["mine.py"] == "mine"
    assert found["graphs.py"] == "# graphs\n"


def test_beginning_twice_changes_nothing(workspace: Workspace) -> None:
    begin(workspace, "fusion")
    assert begin(workspace, "fusion") == []


def test_an_unknown_track_is_refused_with_those_there_are(workspace: Workspace) -> None:
    with pytest.raises(
        CourseError, match=r"'fusino': there is no such track. Expected one of fusion, graphs"
    ):
        begin(workspace, "fusino")


def test_a_track_file_that_says_anything_else_means_an_own_idea(workspace: Workspace) -> None:
    (workspace.root / "project").mkdir()
    (workspace.root / "project" / "track").write_text("../../etc")
    assert chosen_track(workspace, project_of(workspace)) == "own"


def test_a_workspace_without_the_project_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="Start it with: make start HW=project"):
        begin(Workspace(tmp_path), None)
