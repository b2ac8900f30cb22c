"""Solutions for those who go on without having solved a question."""

from fastapi import APIRouter

from grader.server.messages.catch_up import CatchUpOffer, CatchUpReply, CatchUpRequest
from grader.server.web.services import Here, Reads, Submits

router = APIRouter(prefix="/api/v1", tags=["catch-up"])


@router.get("/catch-up/{assignment}")
def offer(assignment: str, person: Reads, here: Here) -> CatchUpOffer:
    """Say of which questions you could be given the solution now."""
    return here.catching_up.offer(person, assignment)


@router.post("/catch-up/{assignment}")
def take(assignment: str, request: CatchUpRequest, person: Submits, here: Here) -> CatchUpReply:
    """Return the reference's bodies of questions that you have not solved; these take no more attempts."""
    return here.catching_up.take(person, assignment, request)
