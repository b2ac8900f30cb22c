"""The release of the project: a template, tracks and checks to begin with, and nothing of the solved one."""

import json
from pathlib import Path

import pytest

from grader.course.policy import Course
from grader.project.begin import begin, project_of
from grader.project.training import FEWEST
from grader.release.archive import write_files
from grader.release.leaks import leaks
from grader.release.project import project_files, solved_project_files
from grader.release.sources import Sources
from grader.release.stubs import Stubs
from grader.workspace.folder import Workspace
from grader.workspace.incoming import check_release
from grader.workspace.placing import apply, plan

ROOT = Path(__file__).resolve().parents[2]
LONG = 40  # characters of a line that only a solution has


@pytest.fixture(scope="module")
def course() -> Course:
    return Course(ROOT)


@pytest.fixture(scope="module")
def sources(course: Course) -> Sources:
    return Sources(course)


def test_the_release_is_what_its_manifest_says_and_the_project_is_the_students(course: Course) -> None:
    release = check_release("project", project_files(course), "here")
    kinds = {path: one.kind for path, one in release.manifest.files.items()}
    assert {path for path, kind in kinds.items() if kind == "stub"} == {
        "project/proposal.md", "project/report.md", "project/train.py", "project/tests/test_project.py",
    }  # fmt: skip
    assert kinds["assignments/project/README.md"] == "course"
    assert kinds["Makefile"] == "glue"


def test_a_workspace_takes_the_release_and_each_track_can_be_begun_there(
    course: Course, tmp_path: Path
) -> None:
    release = check_release("project", project_files(course), "here")
    workspace = Workspace(tmp_path)
    files = {path: data for path, data in release.files.items() if path != "requirements.txt"}
    release = type(release)(release.manifest, files | {"requirements.txt": b""})
    apply(plan(workspace, [release], stubs=True))
    assert [one.id for one in workspace.assignments] == []  # it is no homework
    for track in project_of(workspace).definition.tracks:
        begin(workspace, track.id)
        assert (tmp_path / "project" / "track").read_text() == f"{track.id}\n"
        assert (tmp_path / "project" / "README.md").is_file()
    begin(workspace, None)
    assert not (tmp_path / "project" / "README.md").exists()


def test_no_line_of_the_solved_project_is_in_the_release_but_those_that_are_given(course: Course) -> None:
    given = "\n".join(
        data.decode() for path, data in project_files(course).items() if path.endswith((".py", ".md"))
    )
    solved = (ROOT / "reference/project/implicit.py").read_text()
    start = (ROOT / "assignments/project/tracks/implicit/implicit.py").read_text()
    own = {line for line in solved.splitlines() if len(line) > LONG} - set(start.splitlines())
    assert own
    assert not [line for line in own if line in given]


def test_the_project_gives_no_solution_of_a_homework_away(
    course: Course, sources: Sources, homework: str
) -> None:
    results = Stubs(course, course.assignment(homework), sources, frozenset()).results
    texts = {path: data.decode("utf-8", "replace") for path, data in project_files(course).items()}
    found = leaks(texts | {path: one.text for path, one in results.items()}, results)
    assert [f"{leak.path}:{leak.line}: {leak.taken.name}" for leak in found] == []


def test_the_solved_project_takes_the_templates_place(course: Course) -> None:
    files = solved_project_files(course)
    assert "project/tests/test_project.py" not in files
    assert files["project/implicit.py"] == (ROOT / "reference/project/implicit.py").read_bytes()
    track = ROOT / "assignments/project/tracks/implicit"
    assert files["project/train.py"] == (track / "train.py").read_bytes()
    assert files["project/tests/test_implicit.py"] == (track / "tests/test_implicit.py").read_bytes()
    assert "assignments/project/assignment.yaml" in files


def test_the_release_can_be_written_and_its_manifest_read(course: Course, tmp_path: Path) -> None:
    write_files(project_files(course), tmp_path)
    manifest = json.loads((tmp_path / ".grader/releases/project.json").read_text())
    assert manifest["cases_digest"] == project_of(Workspace(tmp_path)).digest()


def test_the_stated_steps_give_losses_enough_to_judge(course: Course) -> None:
    assert course.project is not None
    assert course.project.definition.steps >= FEWEST
