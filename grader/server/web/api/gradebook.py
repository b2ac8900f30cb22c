"""What instructors read: everybody's scores, and alerts."""

from fastapi import APIRouter

from grader.server.messages.gradebook import Alerts, Gradebook
from grader.server.messages.standings import History
from grader.server.web.services import Here, ReadsAll

router = APIRouter(prefix="/api/v1", tags=["gradebook"])


@router.get("/gradebook")
def gradebook(person: ReadsAll, here: Here) -> Gradebook:
    """Return every student's scores."""
    return here.reports.gradebook()


@router.get("/people/{email}/attempts")
def attempts_of(email: str, person: ReadsAll, here: Here, assignment: str | None = None) -> History:
    """Return what a person has handed in, newest first."""
    return here.histories.of(email, assignment)


@router.get("/alerts")
def alerts(person: ReadsAll, here: Here) -> Alerts:
    """Return what only an instructor can put right, newest first."""
    return here.reports.alerts()
