"""What is published: versions, dates, and the alerts that only an instructor can put right."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from grader.server.access.sessions import SignedInSession
from grader.server.grades.figures import PublishedVersion
from grader.server.web.rendering import render, viewer_with
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class PublishedEntry:
    """An assignment of the course, with its versions, the newest first."""

    id: str
    title: str
    weight: float
    release: datetime | None
    due: datetime | None
    versions: list[PublishedVersion]


@router.get("/publish")
def published_page(
    request: Request, here: Here, visitor: Annotated[SignedInSession, viewer_with("read_all")]
) -> HTMLResponse:
    policy, published = here.policies.current, here.figures.published()
    entries = []
    for entry in policy.assignments:
        versions = [one for one in published if one.assignment == entry.id]
        title = versions[0].title if versions else entry.id
        dates = policy.release_of(entry), policy.due_of(entry)
        entries.append(PublishedEntry(entry.id, title, entry.weight, *dates, versions))
    return render(
        request, here, "publish.html", visitor, entries=entries, alerts=here.reports.alerts().alerts
    )
