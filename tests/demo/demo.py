"""`make demo`: the whole course at work, from a release to three students' scores.

Everything runs as its user would: the instructor's commands and the students' make targets, as subprocesses.
"""

import json
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from command import CommandFailed
from rich.console import Console
from rich.table import Table
from server import Instructor
from student import Student
from training import train

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "demo"
HALF = ("add", "parse_mnist", "softmax_loss")  # what the half-done student has solved
EXPECTED = {"untouched": 0.0, "half": 35.0, "complete": 100.0}  # points of hw0, by hand

console = Console()


def main() -> int:
    began = time.monotonic()
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    with ExitStack() as stack:
        instructor = stack.enter_context(Instructor.open(ROOT, BUILD))
        students = _enrolled(instructor)
        for student in students:
            _work(student)
        training = _step("train in the complete workspace", lambda: train(students[-1], _data_folder()))
    summary = {
        "students": [student.summary(EXPECTED[student.name]) for student in students],
        "training": training,
        "seconds": round(time.monotonic() - began, 1),
    }
    (BUILD / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    _show(summary)
    return 0 if all(one["score"] == one["expected"] for one in summary["students"]) else 1


def _enrolled(instructor: Instructor) -> list[Student]:
    """Release, then publish and make the students' environments side by side: both mostly wait."""
    archive = _step("release hw0", instructor.release)
    students = [Student(name, BUILD / name) for name in EXPECTED]
    for student in students:
        student.unpack(archive)
    with ThreadPoolExecutor(2) as pool:
        published = pool.submit(instructor.serve)
        setups = [pool.submit(student.make, "setup") for student in students]
        _step("start the server and publish hw0: the reference runs on every seed", published.result)
        for student, setup in zip(students, setups, strict=True):
            _step(f"set up {student.name}'s environment", setup.result)
    for student in students:
        _step(f"enrol {student.name}", lambda student=student: _enrol(student, instructor))
    solved = {"half": HALF, "complete": None}
    for student in students:
        if student.name in solved:
            student.adopt(instructor.solution(solved[student.name], BUILD / f"solution-{student.name}"))
    return students


def _enrol(student: Student, instructor: Instructor) -> None:
    student.login(instructor.url, instructor.enrol(student.name))


def _work(student: Student) -> None:
    _step(f"{student.name}: make test", student.test)
    _step(f"{student.name}: make submit", student.submit)


def _data_folder() -> Path:
    return Path(os.environ.get("NEEDLE_DATA_DIR", ROOT / "data")).resolve()


def _step(what: str, run: "object") -> object:
    """Run one step under a spinner and say how long it took."""
    began = time.monotonic()
    with console.status(f"{what} …"):
        result = run()  # type: ignore[operator]
    console.print(f"[green]✓[/] {what} [dim]{time.monotonic() - began:.1f} s[/]")
    return result


def _show(summary: dict) -> None:
    table = Table(title="The course on hw0")
    for heading in ("student", "local tests", "score from the server", "expected"):
        table.add_column(heading, justify="left" if heading == "student" else "right")
    for student in summary["students"]:
        passed = sum(passed for passed, _ in student["local"].values())
        total = sum(total for _, total in student["local"].values())
        right = student["score"] == student["expected"]
        score = f"[{'green' if right else 'red'}]{student['score']:.2f}[/]"
        table.add_row(student["name"], f"{passed} / {total}", score, f"{student['expected']:.2f}")
    console.print(table)
    training = summary["training"]
    console.print(
        f"Test errors on {training['dataset']} MNIST: softmax regression {training['softmax_error']:.2%}, "
        f"two-layer network {training['mlp_error']:.2%}."
    )
    console.print(
        f"{summary['seconds']:.0f} s in all. The figures: {BUILD.relative_to(ROOT) / 'summary.json'}"
    )
    console.print(
        "Look next: the handout assignments/hw0/README.md; a student's workspace, build/demo/half (cd there, "
        "make test); the server with its page, by `make serve`."
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CommandFailed as error:  # its text says which command, and what it printed
        sys.exit(f"The demo stopped. {error}")
