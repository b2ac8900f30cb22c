"""The addresses that only instructors use."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from grader.server.bodies import OCTETS, PUBLICATION_LIMIT, read_body
from grader.server.messages import (
    Alerts,
    EmailRequest,
    FreshKey,
    Gradebook,
    Published,
    Revoked,
    Roster,
    RosterRequest,
)
from grader.server.services import Here, Instructor

router = APIRouter(prefix="/api/v1", tags=["instructors"])


@router.put("/assignments/{assignment}", openapi_extra=OCTETS)
async def publish(assignment: str, request: Request, person: Instructor, here: Here) -> Published:
    """Publish an assignment: a safetensors blob of expected values and the release archive."""
    body = await read_body(request, PUBLICATION_LIMIT)
    return await run_in_threadpool(here.publishing.publish, assignment, body)


@router.post("/roster")
def enrol(request: RosterRequest, person: Instructor, here: Here) -> Roster:
    """Add people, or correct those there are. A new person's key is in this reply and nowhere else."""
    return here.people.enrol(request.people)


@router.post("/keys")
def renew_key(request: EmailRequest, person: Instructor, here: Here) -> FreshKey:
    """Give a person a new key and revoke the older ones."""
    return here.people.renew(request.email)


@router.post("/keys/revoke")
def revoke_keys(request: EmailRequest, person: Instructor, here: Here) -> Revoked:
    """Revoke a person's keys."""
    return here.people.revoke(request.email)


@router.get("/gradebook")
def gradebook(person: Instructor, here: Here) -> Gradebook:
    """Return every student's scores."""
    return here.reports.gradebook()


@router.get("/alerts")
def alerts(person: Instructor, here: Here) -> Alerts:
    """Return what only an instructor can put right, newest first."""
    return here.reports.alerts()
