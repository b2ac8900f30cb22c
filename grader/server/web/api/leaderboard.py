"""The leaderboard: look at it, take a name on it, send figures."""

from fastapi import APIRouter

from grader.server.messages.leaderboard import Place, PseudonymRequest, Ranking, SpeedRequest
from grader.server.web.services import Here, Reads, Submits

router = APIRouter(prefix="/api/v1", tags=["leaderboard"])


@router.get("/leaderboard")
def leaderboard(person: Reads, here: Here) -> list[Ranking]:
    """Return every figure of speed, with those who show theirs, the fastest first."""
    return here.leaderboard.rankings(person)


@router.get("/leaderboard/me")
def my_place(person: Reads, here: Here) -> Place:
    """Return the name under which you are shown."""
    return here.leaderboard.place(person)


@router.post("/leaderboard/me")
def take_place(request: PseudonymRequest, person: Submits, here: Here) -> Place:
    """Take a name on the leaderboard, or leave it. Without one nobody else sees your figures."""
    return here.leaderboard.choose(person, request.pseudonym)


@router.post("/leaderboard/figures")
def send_figures(request: SpeedRequest, person: Submits, here: Here) -> Place:
    """Keep your figures of an assignment. They earn no points."""
    return here.leaderboard.send(person, request)
