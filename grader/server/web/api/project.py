"""The final project: publish it, form groups, hand in, review."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from grader.server.messages.project import (
    Checks,
    Group,
    GroupRequest,
    HandedIn,
    HandIn,
    JoinRequest,
    LeftGroup,
    MoveRequest,
    MyProject,
    PublishedProject,
    ReviewedHandIn,
    ReviewRequest,
)
from grader.server.rules.project import LARGEST
from grader.server.web.bodies import OCTETS, PUBLICATION_LIMIT, read_body
from grader.server.web.services import Here, Manages, Reads, Reviews, Submits

router = APIRouter(prefix="/api/v1", tags=["project"])
_AROUND = 256 * 1024  # bytes of a blob beside its file
_TYPES = {"proposal": "text/markdown; charset=utf-8", "project": "application/gzip"}
_ENDS = {"proposal": "md", "project": "tar.gz"}


@router.get("/project")
def project(person: Reads, here: Here) -> MyProject:
    """Return the project, your group, and what became of what you handed in."""
    return here.reviews.mine(person)


@router.put("/project", openapi_extra=OCTETS)
async def publish(request: Request, person: Manages, here: Here) -> PublishedProject:
    """Publish the project: a safetensors blob of its definition and the release archive."""
    body = await read_body(request, PUBLICATION_LIMIT)
    return await run_in_threadpool(here.project_publishing.publish, person, body)


@router.get("/assignments/project/release", response_class=Response)
def release(here: Here) -> Response:
    """Return the archive that students start from. It needs no key."""
    named = {"Content-Disposition": 'attachment; filename="project.tar.gz"'}
    return Response(here.files.read(here.project_publishing.release()), 200, named, "application/gzip")


@router.post("/project/groups", status_code=201)
def found_group(request: GroupRequest, person: Submits, here: Here) -> Group:
    """Make a group, with you in it. Others join it with its code."""
    return here.groups.found(person, request)


@router.post("/project/groups/join")
def join_group(request: JoinRequest, person: Submits, here: Here) -> Group:
    """Join the group of a code."""
    return here.groups.join(person, request)


@router.post("/project/groups/leave")
def leave_group(person: Submits, here: Here) -> LeftGroup:
    """Leave your group, before it hands in anything."""
    return here.groups.leave(person)


@router.post("/project/groups/move")
def move_to_group(request: MoveRequest, person: Manages, here: Here) -> Group:
    """Put a person into another group, whose hand-ins are theirs from now on."""
    return here.groups.move(person, request)


@router.post("/project/hand-ins", openapi_extra=OCTETS)
async def hand_in(request: Request, person: Submits, here: Here) -> HandedIn:
    """Hand in a proposal or an archive, as a safetensors blob. What was sent last is not kept twice."""
    body = await read_body(request, LARGEST + _AROUND)
    return await run_in_threadpool(here.hand_ins.take, person, body)


@router.get("/project/hand-ins")
def hand_ins(person: Reviews, here: Here) -> list[HandIn]:
    """Return every group's hand-ins, newest first."""
    return here.reviews.all()


@router.get("/project/hand-ins/{number}")
def one_hand_in(number: int, person: Reads, here: Here) -> ReviewedHandIn:
    """Return a hand-in with its reviews: your group's or, for a reviewer, anybody's."""
    return here.reviews.one(person, number)


@router.get("/project/hand-ins/{number}/archive", response_class=Response)
def archive(number: int, person: Reads, here: Here) -> Response:
    """Return what was handed in, for the group's members and for reviewers."""
    kind, data = here.hand_ins.file(person, number)
    named = f'attachment; filename="{kind}-{number}.{_ENDS[kind]}"'
    headers = {"Content-Disposition": named, "X-Content-Type-Options": "nosniff"}
    return Response(data, 200, headers, _TYPES[kind])


@router.post("/project/hand-ins/{number}/review")
def review(number: int, request: ReviewRequest, person: Reviews, here: Here) -> ReviewedHandIn:
    """Review a project by its rubric. The newest review counts."""
    return here.reviews.review(person, number, request)


@router.put("/project/hand-ins/{number}/repeated")
def repeat(number: int, request: Checks, person: Reviews, here: Here) -> ReviewedHandIn:
    """Store what the checks found when they were repeated on the instructor's machine."""
    return here.reviews.repeat(person, number, request)
