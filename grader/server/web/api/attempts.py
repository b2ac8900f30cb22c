"""Draw an attempt, and answer it."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from grader.server.messages.attempts import AttemptReply, AttemptRequest, ScoreReply
from grader.server.web.bodies import OCTETS, read_body
from grader.server.web.services import Here, Submits

router = APIRouter(prefix="/api/v1", tags=["attempts"])
IdempotencyKey = Annotated[str, Header(min_length=1, max_length=100, description="The same for each retry.")]


@router.post("/attempts", status_code=201)
def draw_attempt(request: AttemptRequest, person: Submits, here: Here) -> AttemptReply:
    """Draw seeds for the questions. An older open attempt for the assignment is closed."""
    return here.drawing.draw(person, request)


@router.post("/attempts/{attempt_id}/answers", response_model=ScoreReply, openapi_extra=OCTETS)
async def answer_attempt(
    attempt_id: str, idempotency_key: IdempotencyKey, request: Request, person: Submits, here: Here
) -> Response:
    """Score the one answer of an attempt: a safetensors blob of values and sources."""
    attempt = await run_in_threadpool(here.scoring.attempt, person, attempt_id)
    body = await read_body(request, attempt.limit_bytes)
    reply = await run_in_threadpool(here.scoring.answer, person, attempt, idempotency_key, body)
    return Response(reply, media_type="application/json")
