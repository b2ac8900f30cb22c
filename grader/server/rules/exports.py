"""The gradebook in other programs' formats. Pure functions."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from grader.server.messages.gradebook import Gradebook, GradedPerson
from grader.server.messages.standings import MyAssignment, MyQuestion

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a spreadsheet tells one


def plain_csv(book: Gradebook) -> str:
    """Return a row a person: every score, 0 where nothing was handed in, and the average."""
    names = [one.id for one in book.assignments]
    head = ["name", "email", "section", *names, "average", "days_late", "slip_days_left"]
    rows = [
        [
            *map(_text, (one.name, one.email, one.section)),
            *(f"{one.scores.get(name, 0.0):.2f}" for name in names),
            f"{one.average:.2f}",
            str(max(one.days_late.values(), default=0)),
            str(one.slip_days_left),
        ]
        for one in book.people
    ]
    return _csv([head, *rows])


def canvas_csv(book: Gradebook) -> str:
    """Return what Canvas imports: it knows people by their login, here the e-mail address.

    A score is empty where nothing was handed in, which Canvas leaves as it is.
    """
    titles = [_text(f"{one.id}: {one.title}") for one in book.assignments]
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles]
    possible = ["    Points Possible", "", "", "", "", *("100.00" for _ in titles)]
    return _csv([head, possible, *(_canvas_row(book, one) for one in book.people)])


def _canvas_row(book: Gradebook, person: GradedPerson) -> list[str]:
    scores = [person.scores.get(one.id) for one in book.assignments]
    shown = ["" if score is None else f"{score:.2f}" for score in scores]
    return [_text(person.name), "", "", _text(person.email), _text(person.section), *shown]


def _text(said: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{said}" if said.startswith(_FORMULA) else said


def _csv(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def gradescope(assignment: MyAssignment) -> dict[str, Any]:
    """Return a person's results of an assignment as Gradescope's results.json."""
    late = f", {assignment.days_late} days late" if assignment.days_late else ""
    return {
        "score": assignment.score,
        "output": f"{assignment.title}: version {assignment.version}{late}.",
        "visibility": "visible",
        "tests": [_gradescope_test(one) for one in assignment.questions],
    }


def _gradescope_test(question: MyQuestion) -> dict[str, Any]:
    said = f"{question.passed} of {question.total} cases passed" if question.total else "not handed in"
    late = f", {question.days_late} days late" if question.days_late else ""
    return {
        "name": question.title,
        "score": question.earned,
        "max_score": question.points,
        "status": "passed" if question.state == "solved" else "failed",
        "output": f"{said}{late}.",
        "visibility": "visible",
        "extra_data": {"question": question.id, "passed": question.passed, "total": question.total},
    }
