"""The addresses that students use."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from grader.server.bodies import OCTETS, read_body
from grader.server.messages import AttemptReply, AttemptRequest, ListedAssignment, Me, ScoreReply
from grader.server.services import Here, SignedIn

router = APIRouter(prefix="/api/v1", tags=["students"])
IdempotencyKey = Annotated[str, Header(min_length=1, max_length=100, description="The same for each retry.")]


@router.post("/attempts", status_code=201)
def draw_attempt(request: AttemptRequest, person: SignedIn, here: Here) -> AttemptReply:
    """Draw seeds for the questions. An older open attempt for the assignment is closed."""
    return here.drawing.draw(person, request)


@router.post("/attempts/{attempt_id}/answers", response_model=ScoreReply, openapi_extra=OCTETS)
async def answer_attempt(
    attempt_id: str, idempotency_key: IdempotencyKey, request: Request, person: SignedIn, here: Here
) -> Response:
    """Score the one answer of an attempt: a safetensors blob of values and sources."""
    limit = await run_in_threadpool(here.scoring.limit, person, attempt_id)
    body = await read_body(request, limit)
    reply = await run_in_threadpool(here.scoring.answer, person, attempt_id, idempotency_key, body)
    return Response(reply, media_type="application/json")


@router.get("/me")
def me(person: SignedIn, here: Here) -> Me:
    """Return who you are and where you stand."""
    return here.reports.me(person)


@router.get("/assignments")
def assignments(person: SignedIn, here: Here) -> list[ListedAssignment]:
    """Return the published assignments."""
    return here.reports.assignments(person)


@router.get("/assignments/{assignment}/release", response_class=FileResponse)
def release(assignment: str, here: Here) -> FileResponse:
    """Return the archive that students start from. It needs no key."""
    path = here.files.path(here.reports.release(assignment))
    return FileResponse(path, media_type="application/gzip", filename=f"{assignment}.tar.gz")
