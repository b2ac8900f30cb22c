"""The addresses: those of students, and those that only instructors use."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from grader.server.messages import (
    Alerts,
    AttemptReply,
    AttemptRequest,
    EmailRequest,
    FreshKey,
    Gradebook,
    ListedAssignment,
    Me,
    Published,
    Revoked,
    Roster,
    RosterRequest,
    ScoreReply,
)
from grader.server.web.bodies import OCTETS, PUBLICATION_LIMIT, read_body
from grader.server.web.services import Here, Instructor, SignedIn

students = APIRouter(prefix="/api/v1", tags=["students"])
instructors = APIRouter(prefix="/api/v1", tags=["instructors"])
IdempotencyKey = Annotated[str, Header(min_length=1, max_length=100, description="The same for each retry.")]


@students.post("/attempts", status_code=201)
def draw_attempt(request: AttemptRequest, person: SignedIn, here: Here) -> AttemptReply:
    """Draw seeds for the questions. An older open attempt for the assignment is closed."""
    return here.drawing.draw(person, request)


@students.post("/attempts/{attempt_id}/answers", response_model=ScoreReply, openapi_extra=OCTETS)
async def answer_attempt(
    attempt_id: str, idempotency_key: IdempotencyKey, request: Request, person: SignedIn, here: Here
) -> Response:
    """Score the one answer of an attempt: a safetensors blob of values and sources."""
    limit = await run_in_threadpool(here.scoring.limit, person, attempt_id)
    body = await read_body(request, limit)
    reply = await run_in_threadpool(here.scoring.answer, person, attempt_id, idempotency_key, body)
    return Response(reply, media_type="application/json")


@students.get("/me")
def me(person: SignedIn, here: Here) -> Me:
    """Return who you are and where you stand."""
    return here.reports.me(person)


@students.get("/assignments")
def assignments(person: SignedIn, here: Here) -> list[ListedAssignment]:
    """Return the published assignments."""
    return here.reports.assignments(person)


@students.get("/assignments/{assignment}/release", response_class=FileResponse)
def release(assignment: str, here: Here) -> FileResponse:
    """Return the archive that students start from. It needs no key."""
    path = here.files.path(here.reports.release(assignment))
    return FileResponse(path, media_type="application/gzip", filename=f"{assignment}.tar.gz")


@instructors.put("/assignments/{assignment}", openapi_extra=OCTETS)
async def publish(assignment: str, request: Request, person: Instructor, here: Here) -> Published:
    """Publish an assignment: a safetensors blob of expected values and the release archive."""
    body = await read_body(request, PUBLICATION_LIMIT)
    return await run_in_threadpool(here.publishing.publish, assignment, body)


@instructors.post("/roster")
def enrol(request: RosterRequest, person: Instructor, here: Here) -> Roster:
    """Add people, or correct those there are. A new person's key is in this reply and nowhere else."""
    return here.people.enrol(request.people)


@instructors.post("/keys")
def renew_key(request: EmailRequest, person: Instructor, here: Here) -> FreshKey:
    """Give a person a new key and revoke the older ones."""
    return here.people.renew(request.email)


@instructors.post("/keys/revoke")
def revoke_keys(request: EmailRequest, person: Instructor, here: Here) -> Revoked:
    """Revoke a person's keys."""
    return here.people.revoke(request.email)


@instructors.get("/gradebook")
def gradebook(person: Instructor, here: Here) -> Gradebook:
    """Return every student's scores."""
    return here.reports.gradebook()


@instructors.get("/alerts")
def alerts(person: Instructor, here: Here) -> Alerts:
    """Return what only an instructor can put right, newest first."""
    return here.reports.alerts()
