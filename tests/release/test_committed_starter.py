"""starter/, as it is committed."""

import subprocess
from pathlib import Path

from release_readings import release_of

from grader.course.policy import Course
from grader.release.project import project_files


def test_starter_is_what_a_release_gives_now(repository: Path) -> None:
    course = Course(repository)
    starter = repository / "starter"
    there = {path.name for path in starter.iterdir()} - {"wheels"}
    releases = {assignment.id: release_of(course.root, assignment.id) for assignment in course.assignments}
    releases["project"] = project_files(course)
    assert there == releases.keys()
    for name, expected in releases.items():
        folder = starter / name
        files = [file for file in folder.rglob("*") if file.is_file()]
        found = {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
        different = {path for path in found.keys() | expected.keys() if found.get(path) != expected.get(path)}
        assert not different, f"starter/{name} is not current. Run: make release"


def test_git_ignores_no_file_of_starter_but_the_wheel(repository: Path) -> None:
    starter = repository / "starter"
    there = [file for file in starter.rglob("*") if file.is_file()]
    files = [str(file) for file in there if file.relative_to(starter).parts[0] != "wheels"]
    command = ["git", "check-ignore", "--no-index", *files]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert run.stdout == ""
