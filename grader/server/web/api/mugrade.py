"""The mugrade protocol, off by default: its keys travel in the address, which the log here does not hold."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from grader.server.access.people import Person
from grader.server.messages.mugrade import Judged, PublishedProblem, ShorterProblem, Submitted
from grader.server.mugrade.publishing import MOST_CASES
from grader.server.rules.permissions import Permission
from grader.server.web.bodies import JSON_LIMIT, read_body
from grader.server.web.services import PERMISSION, Here, Manages, arrived, require_may

router = APIRouter(tags=["mugrade"])
own = APIRouter(prefix="/api/v1", tags=["mugrade"])
ADDRESSES = frozenset({("POST", "/submit"), ("POST", "/submit_test"), ("POST", "/publish")})
_Text = Annotated[str, Query(min_length=1, max_length=100)]
_Index = Annotated[int, Query(ge=0, lt=MOST_CASES)]

_VALUE: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}
_PUBLISH: Permission = "manage"
_SUBMIT: Permission = "submit"


def _signed_in(request: Request, here: Here, user_key: _Text) -> Person:
    person = here.people.sign_in(user_key)
    arrived(request, here, person)
    return person


SignedIn = Annotated[Person, Depends(_signed_in)]


@router.post("/publish", openapi_extra=_VALUE | {PERMISSION: _PUBLISH})
async def publish(
    request: Request,
    person: SignedIn,
    here: Here,
    assignment: _Text,
    problem: _Text,
    test_case_index: _Index | None = None,
) -> PublishedProblem:
    """Publish the value of a test case; without its index, the list of all, in place of those there were."""
    require_may(person, _PUBLISH)
    body = await read_body(request, JSON_LIMIT)
    said = (person, assignment, problem, test_case_index, body)
    cases = await run_in_threadpool(here.mugrade_publishing.publish, *said)
    return PublishedProblem(assignment=assignment, problem=problem, test_cases=cases)


@router.post("/submit", openapi_extra={PERMISSION: _SUBMIT})
def submit(person: SignedIn, here: Here, assignment: _Text, problem: _Text) -> Submitted:
    """Begin a submission of a problem."""
    require_may(person, _SUBMIT)
    return Submitted(submission_id=here.mugrade_tries.submit(person, assignment, problem))


@router.post("/submit_test", openapi_extra=_VALUE | {PERMISSION: _SUBMIT})
async def submit_test(
    request: Request, person: SignedIn, here: Here, submission_id: _Text, test_case_index: _Index
) -> Judged:
    """Judge the value of a test case; the score counts once all of the problem's are there."""
    require_may(person, _SUBMIT)
    body = await read_body(request, JSON_LIMIT)
    said = (person, submission_id, test_case_index, body)
    return Judged(correct=await run_in_threadpool(here.mugrade_tries.submit_test, *said))


@own.post("/mugrade/shorten")
def shorten(request: ShorterProblem, person: Manages, here: Here) -> PublishedProblem:
    """Leave a problem its first test cases only: what the protocol itself has no word for."""
    asked = (request.assignment, request.problem, request.test_cases)
    cases = here.mugrade_publishing.shorten(person, *asked)
    return PublishedProblem(assignment=request.assignment, problem=request.problem, test_cases=cases)
