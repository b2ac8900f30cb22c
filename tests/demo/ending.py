"""How the course ends: the complete student's project is handed in, repeated and accepted, and certified."""

import shutil
import sys
from pathlib import Path
from typing import Any

import requests
from command import CommandFailed
from server import Instructor
from steps import Steps
from student import Student

GRADER_HERE = ".venv/bin/grader"
REVIEW = {"question": 10, "correctness": 30, "measurement": 20, "code": 15, "report": 18}
MISSING = "No certificate yet: "  # how the client tells somebody what is not there yet


def end_course(students: list[Student], instructor: Instructor, steps: Steps) -> dict[str, Any]:
    """Let the complete student earn the certificate, and the half-done one ask for it."""
    *_, half, complete = students
    steps(f"{complete.name}: make start HW=project", lambda: complete.start("project"))
    grader = [GRADER_HERE, "project"]
    solved = instructor.root / "reference" / "project"
    complete.run([*grader, "begin", (solved / "track").read_text().strip()])
    _adopt(complete, solved)
    complete.run([*grader, "group", "new", "Equations"])
    steps(f"{complete.name}: grader project propose", lambda: complete.run([*grader, "propose"]))
    steps(f"{complete.name}: make submit HW=project", lambda: complete.make("submit", "HW=project"))
    accepted = steps("instructor: repeat the project's checks, and review it", lambda: _review(instructor))
    refusal = half.run([GRADER_HERE, "certificate"], codes=(1,)).strip()
    folder = instructor.build / "certificate"
    fetch = [GRADER_HERE, "certificate", "--into", str(folder)]
    steps(f"{complete.name}: grader certificate", lambda: complete.run(fetch))
    return {
        "project_accepted": accepted,
        "verified_offline": _verified_offline(complete, instructor, folder),
        "verified_on_page": _verified_on_page(complete),
        "refused": refusal,
        "files": sorted(str(path.relative_to(instructor.root)) for path in folder.iterdir()),
    }


def as_expected(ending: dict[str, Any], half_average: float) -> bool:
    """Tell whether the complete student is certified, and the half-done one told all that is missing."""
    told = ending["refused"]
    refused = told.startswith(MISSING) and f"{half_average:.2f}" in told and "project" in told
    checks = ("project_accepted", "verified_offline", "verified_on_page")
    return refused and all(ending[name] for name in checks) and len(ending["files"]) == 2


def _adopt(student: Student, solved: Path) -> None:
    """Put a finished project into the workspace, as if the student had written it."""
    shutil.copytree(
        solved,
        student.workspace / "project",
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__"),
    )


def _review(instructor: Instructor) -> bool:
    """Repeat the checks of the newest project, and accept it by the rubric."""
    hand_ins = _ask(instructor, "GET", "/project/hand-ins")
    number = next(one["id"] for one in hand_ins if one["kind"] == "project")
    instructor.run("project", "recheck", str(number), "--yes")
    review = {
        "points": REVIEW,
        "comments": {"": "Right, measured, and honest about what it is not."},
        "accepted": True,
    }
    reviewed = _ask(instructor, "POST", f"/project/hand-ins/{number}/review", json=review)
    return bool(reviewed["reviews"][0]["accepted"])


def _ask(instructor: Instructor, method: str, path: str, **content: Any) -> Any:
    headers = {"Authorization": f"Bearer {instructor.key}"}
    response = requests.request(
        method, f"{instructor.url}/api/v1{path}", headers=headers, timeout=60, **content
    )
    if not response.ok:
        raise CommandFailed(f"{method} {path}: {response.status_code} {response.text}")
    return response.json()


def _verified_offline(student: Student, instructor: Instructor, folder: Path) -> bool:
    """Check both files against the key that the student's workspace keeps: no server is asked."""
    key = student.workspace / ".grader" / "course_key.json"
    for name in ("certificate.jwt", "certificate.pdf"):
        command = [sys.executable, "-m", "grader.cli", "verify", str(folder / name), "--key", str(key)]
        instructor.commands.run(command, instructor.root, instructor.log)  # it ends with 1 for a forged one
    return True


def _verified_on_page(student: Student) -> bool:
    said = student.run(
        [GRADER_HERE, "certificate", "--into", str(student.workspace / "build" / "certificate")]
    )
    url = next(word for word in said.split() if "/certificates/" in word)
    page = requests.get(url, headers={"Accept": "text/html"}, timeout=60)
    return page.ok and "<strong>Valid.</strong>" in page.text
