"""The gradebook: everybody's scores, sorted and filtered by links and a form."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from grader.server.access.sessions import SignedInSession
from grader.server.messages.gradebook import Gradebook, GradedAssignment, GradedPerson
from grader.server.rules.figures import median
from grader.server.web.api.gradebook import gradebook_csv
from grader.server.web.rendering import render, viewer_with
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)
Order = Literal["ascending", "descending"]
_Reader = Annotated[SignedInSession, viewer_with("read_all")]


@dataclass(frozen=True)
class Chosen:
    """What the page's address asks for."""

    sort: str = "name"
    order: Order = "ascending"
    section: str = ""
    missing: str = ""  # an assignment: only those who have not started it

    def address(self) -> str:
        asked = {name: value for name, value in asdict(self).items() if value != getattr(Chosen(), name)}
        return "/gradebook" + ("?" + urlencode(asked) if asked else "")


@dataclass(frozen=True)
class Column:
    name: str
    text: str
    number: bool
    address: str  # of the page sorted by it
    sorted: str  # ascending, descending or nothing


@dataclass(frozen=True)
class Summary:
    people: int
    median: float | None  # of the averages
    reached: int
    idle: int


@router.get("/gradebook")
def gradebook_page(
    request: Request, here: Here, visitor: _Reader, chosen: Annotated[Chosen, Depends()]
) -> HTMLResponse:
    book = here.reports.gradebook()
    sections = sorted({one.section for one in book.people if one.section})
    people = [one for one in book.people if chosen.section in ("", one.section)]
    rows = arranged((one for one in people if not _has_started(one, chosen.missing)), chosen)
    return render(
        request,
        here,
        "gradebook.html",
        visitor,
        book=book,
        chosen=chosen,
        sections=sections,
        rows=rows,
        columns=_columns(book, chosen, bool(sections)),
        summary=_summary(people),
        medians={each.id: _median_of(rows, each.id) for each in book.assignments},
    )


@router.get("/gradebook.csv")
def gradebook_table(visitor: _Reader, here: Here, format: str = "plain") -> Response:
    return gradebook_csv(visitor.person, here, "canvas" if format == "canvas" else "plain")


def arranged(people: Iterable[GradedPerson], chosen: Chosen) -> list[GradedPerson]:
    """Return people in the order asked for; those without a score come last in either."""
    ordered = sorted(people, key=lambda one: (one.name.casefold(), one.email))
    down = chosen.order == "descending"
    if chosen.sort == "name":
        return ordered[::-1] if down else ordered
    if chosen.sort == "section":
        return sorted(ordered, key=lambda one: one.section.casefold(), reverse=down)
    with_score = [one for one in ordered if _score(one, chosen.sort) is not None]
    without = [one for one in ordered if _score(one, chosen.sort) is None]
    return sorted(with_score, key=lambda one: _score(one, chosen.sort) or 0.0, reverse=down) + without


def _score(person: GradedPerson, column: str) -> float | None:
    return person.average if column == "average" else person.scores.get(column)


def _has_started(person: GradedPerson, assignment: str) -> bool:
    return bool(assignment) and assignment in person.scores


def _columns(book: Gradebook, chosen: Chosen, sections: bool) -> list[Column]:
    names = [("name", "Student", False)]
    names += [("section", "Section", False)] if sections else []
    names += [(one.id, _heading(one), True) for one in book.assignments] + [("average", "Average", True)]
    return [_column(chosen, *one) for one in names]


def _heading(assignment: GradedAssignment) -> str:
    """Return an assignment's id, marked where it was published over another protocol."""
    marked = "" if assignment.protocol == "native" else f" ({assignment.protocol})"
    return assignment.id + marked


def _column(chosen: Chosen, name: str, text: str, number: bool) -> Column:
    """Return a column whose heading sorts by it: figures from the highest, and then the other way."""
    here = chosen.order if chosen.sort == name else ""
    down = here != "descending" if number else here == "ascending"
    order: Order = "descending" if down else "ascending"
    return Column(name, text, number, replace(chosen, sort=name, order=order).address(), here)


def _summary(people: list[GradedPerson]) -> Summary:
    return Summary(
        people=len(people),
        median=median([one.average for one in people]),
        reached=sum(one.reached for one in people),
        idle=sum(not one.scores for one in people),
    )


def _median_of(people: list[GradedPerson], assignment: str) -> float | None:
    return median([one.scores[assignment] for one in people if assignment in one.scores])
