"""The course: what is published, who you are in it, and its archives."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from grader.course.assignment import Identifier
from grader.server.messages.publishing import Published
from grader.server.messages.standings import History, ListedAssignment, Me
from grader.server.web.bodies import OCTETS, PUBLICATION_LIMIT, pieces, read_body
from grader.server.web.services import Here, Manages, Reads

router = APIRouter(prefix="/api/v1", tags=["course"])


@router.get("/me")
def me(person: Reads, here: Here) -> Me:
    """Return who you are and where you stand."""
    return here.reports.me(person).model_copy(update={"project": here.reviews.state(person.id)})


@router.get("/me/attempts")
def my_attempts(person: Reads, here: Here, assignment: Identifier | None = None) -> History:
    """Return what you have handed in, newest first: of one assignment, or of all."""
    return here.histories.of(person.email, assignment)


@router.get("/assignments")
def assignments(person: Reads, here: Here) -> list[ListedAssignment]:
    """Return the published assignments."""
    return here.reports.assignments(person)


@router.get("/assignments/{assignment}/release", response_class=StreamingResponse)
def release(assignment: str, here: Here) -> StreamingResponse:
    """Return the archive that students start from. It needs no key."""
    archive = here.files.open(here.reports.release(assignment))
    headers = {"Content-Disposition": f'attachment; filename="{assignment}.tar.gz"'}
    return StreamingResponse(pieces(archive), media_type="application/gzip", headers=headers)


@router.put("/assignments/{assignment}", openapi_extra=OCTETS)
async def publish(assignment: str, request: Request, person: Manages, here: Here) -> Published:
    """Publish an assignment: a safetensors blob of expected values and the release archive."""
    body = await read_body(request, PUBLICATION_LIMIT)
    return await run_in_threadpool(here.publishing.publish, person, assignment, body)
