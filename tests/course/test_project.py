"""The project's assignment.yaml: what it may say, and how a mistake is reported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_project import DEFINITION, write_definition

from grader.course.policy import Course
from grader.course.project import load_project
from grader.errors import CourseError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Return a function that loads a project with changes, and gives the refusal."""

    def load(**changes: Any) -> str:
        folder = write_definition(tmp_path, **changes)
        with pytest.raises(CourseError) as error:
            load_project(folder)
        return str(error.value)

    return load


def test_this_courses_project_can_be_read_and_its_rubric_adds_up() -> None:
    project = Course(ROOT).project
    assert project is not None
    assert {track.id for track in project.definition.tracks} == {
        "fusion", "quantization", "data_parallel", "generative", "graphs", "implicit",
    }  # fmt: skip
    assert sum(criterion.points for criterion in project.definition.rubric) == 100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rubric": DEFINITION["rubric"][:1]}, "rubric: the points add up to 40. Expected 100."),
        ({"rubric": [*DEFINITION["rubric"], DEFINITION["rubric"][0] | {"points": 0}]}, "rubric[2].points"),
        ({"kind": "homework"}, "kind: found 'homework'"),
        ({"lower_to": 1.0}, "lower_to"),
        ({"steps": 10}, "steps"),
        ({"train": ["apps/train.py"]}, "train[0]: found 'apps/train.py'. Expected a program under project/."),
        ({"sources": ["../secrets"]}, "sources[0]: found '../secrets'. Expected a file or folder"),
        ({"sources": ["/etc"]}, "sources[0]: found '/etc'. Expected a file or folder"),
        ({"forbidden": ["torch.nn"]}, "forbidden[0]"),
        ({"tracks": [{"id": "own", "title": "x"}]}, "tracks[0].id: 'own' stands twice"),
        ({"tracks": [{"id": "other", "title": "x"}]}, "'other' has no folder"),
        ({"checks": ["style"]}, "checks[0]: 'style' has no file"),
        ({"train": ["project/other.py"]}, "train: there is no"),
        ({"grade": 1}, "grade: there is no field of this name"),
    ],
)
def test_a_mistake_is_reported_with_its_place(
    refused: Callable[..., str], changes: dict[str, Any], said: str
) -> None:
    assert said in refused(**changes)


def test_the_digest_changes_with_a_check_and_not_with_how_its_lines_end(tmp_path: Path) -> None:
    folder = write_definition(tmp_path)
    before = load_project(folder).digest()
    check = folder / "tests" / "test_report.py"
    text = check.read_bytes()
    check.write_bytes(text.replace(b"\n", b"\r\n"))
    assert load_project(folder).digest() == before
    check.write_bytes(text + b"# corrected\n")
    assert load_project(folder).digest() != before


def test_a_course_that_names_a_project_without_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text("id: tiny\ntitle: Tiny\nassignments:\n  - id: hw0\nproject: {}\n")
    folder = tmp_path / "assignments" / "hw0"
    folder.mkdir(parents=True)
    (folder / "assignment.yaml").write_bytes((ROOT / "assignments/hw0/assignment.yaml").read_bytes())
    for part in ("tests", "cases"):
        (folder / part).symlink_to(ROOT / "assignments" / "hw0" / part)
    with pytest.raises(CourseError, match=r"course.yaml:5: project: there is no .*assignment.yaml"):
        Course(tmp_path)
