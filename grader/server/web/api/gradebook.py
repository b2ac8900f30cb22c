"""What instructors read: everybody's scores, and alerts."""

from fastapi import APIRouter

from grader.server.messages.gradebook import Alerts, Gradebook
from grader.server.web.services import Here, ReadsAll

router = APIRouter(prefix="/api/v1", tags=["gradebook"])


@router.get("/gradebook")
def gradebook(person: ReadsAll, here: Here) -> Gradebook:
    """Return every student's scores."""
    return here.reports.gradebook()


@router.get("/alerts")
def alerts(person: ReadsAll, here: Here) -> Alerts:
    """Return what only an instructor can put right, newest first."""
    return here.reports.alerts()
