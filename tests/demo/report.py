"""What the demo found: as figures for other programs, and as a table for people."""

from collections.abc import Iterator
from statistics import mean
from typing import Any

from ending import as_expected
from homeworks import Homework
from rich.console import Console
from rich.table import Table
from student import Student

Figures = dict[str, Any]


def summarize(
    students: list[Student],
    homeworks: list[Homework],
    training: dict[str, Figures],
    ending: Figures,
    seconds: float,
) -> Figures:
    """Return the content of summary.json."""
    found = [_student(student, homeworks) for student in students]
    scored = all(one["as_expected"] for student in found for one in student["homeworks"].values())
    return {
        "students": found,
        "training": _training(training),
        "ending": ending,
        "as_expected": scored and as_expected(ending, half_average=found[1]["expected"]),
        "seconds": round(seconds, 1),
    }


def _student(student: Student, homeworks: list[Homework]) -> Figures:
    each = {homework.id: _work(student, homework) for homework in homeworks}
    local = {
        f"{name}/{question}": said for name, one in each.items() for question, said in one["local"].items()
    }
    means = {key: round(mean(one[key] for one in each.values()), 2) for key in ("score", "expected")}
    return {"name": student.name, "homeworks": each, "local": local, **means}


def _work(student: Student, homework: Homework) -> Figures:
    local, score = student.local[homework.id], student.scores[homework.id]
    expected = homework.expected[student.name]
    passed = {passed / total for passed, total in local.values()}
    local_expected = {(): {0}, None: {1}}.get(homework.solved_by(student.name), passed)
    return {
        "local": local,
        "score": score,
        "expected": expected,
        "as_expected": score == expected and passed == local_expected,
    }


def _training(training: dict[str, Figures]) -> Figures:
    first = next(iter(training.values()))
    return {
        **{name: first[name] for name in ("dataset", "softmax_error", "mlp_error")},
        "homeworks": training,
    }


def show(summary: Figures, console: Console) -> None:
    """Print the scores, the test errors, and where to look next."""
    table = Table(title="The course, as three students took it")
    for heading in ("student", "homework", "local tests", "score from the server", "expected"):
        table.add_column(heading, justify="left" if heading in ("student", "homework") else "right")
    for student in summary["students"]:
        for row in _rows(student):
            table.add_row(*row)
        table.add_section()
    console.print(table)
    for name, figures in summary["training"]["homeworks"].items():
        errors = [
            f"{key.removesuffix('_error')} {said:.2%}" for key, said in figures.items() if "error" in key
        ]
        console.print(
            f"{name}, trained on {figures['dataset']} data, test error: {', '.join(errors)}.", soft_wrap=True
        )
    ending = summary["ending"]
    console.print(f"half, asking for a certificate: {ending['refused']}", soft_wrap=True)
    console.print(f"complete: {', '.join(ending['files'])}, verified offline and on the course's page.")
    console.print(f"{summary['seconds']:.0f} s in all. The figures: build/demo/summary.json")
    console.print(
        "Look next: the handout assignments/hw0/README.md; a student's workspace, build/demo/half (cd there, "
        "make test); the server with its page, by `make serve`; whole trainings, by `make train HW=hw0`.",
        soft_wrap=True,
    )


def _rows(student: Figures) -> Iterator[tuple[str, ...]]:
    shown = student["name"]
    for homework, one in student["homeworks"].items():
        passed = sum(passed for passed, _ in one["local"].values())
        total = sum(total for _, total in one["local"].values())
        color = "green" if one["as_expected"] else "red"
        score = f"[{color}]{one['score']:.2f}[/]"
        yield shown, homework, f"{passed} / {total}", score, f"{one['expected']:.2f}"
        shown = ""
