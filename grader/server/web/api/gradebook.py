"""What instructors read: everybody's scores, and alerts."""

from typing import Any, Literal

from fastapi import APIRouter, Response

from grader.course.assignment import Identifier
from grader.server.messages.fields import Email
from grader.server.messages.gradebook import Alerts, Gradebook
from grader.server.messages.standings import History
from grader.server.rules.exports import canvas_csv, gradescope, plain_csv
from grader.server.web.services import Here, ReadsAll

router = APIRouter(prefix="/api/v1", tags=["gradebook"])


@router.get("/gradebook")
def gradebook(person: ReadsAll, here: Here) -> Gradebook:
    """Return every student's scores."""
    return here.reports.gradebook()


@router.get("/gradebook.csv", response_class=Response)
def gradebook_csv(person: ReadsAll, here: Here, format: Literal["plain", "canvas"] = "plain") -> Response:
    """Return every student's scores as a table, for a spreadsheet or for Canvas to import."""
    book = here.reports.gradebook()
    text = canvas_csv(book) if format == "canvas" else plain_csv(book)
    headers = {"Content-Disposition": f'attachment; filename="gradebook-{format}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/people/{email}/results/{assignment}")
def results_of(email: Email, assignment: Identifier, person: ReadsAll, here: Here) -> dict[str, Any]:
    """Return a person's results of an assignment as Gradescope's results.json."""
    return gradescope(here.reports.assignment_of(email, assignment))


@router.get("/people/{email}/attempts")
def attempts_of(email: Email, person: ReadsAll, here: Here, assignment: Identifier | None = None) -> History:
    """Return what a person has handed in, newest first."""
    return here.histories.of(email, assignment)


@router.get("/alerts")
def alerts(person: ReadsAll, here: Here) -> Alerts:
    """Return what only an instructor can put right, newest first."""
    return here.reports.alerts()
