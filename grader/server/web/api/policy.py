"""The policy in force, regrading by another one, and people's own due dates."""

from fastapi import APIRouter

from grader.server.messages.policy import (
    Extension,
    ExtensionRemoval,
    ExtensionRequest,
    Extensions,
    PolicyInForce,
    Regraded,
    RegradeRequest,
)
from grader.server.web.services import Here, Manages, Reads, ReadsAll

router = APIRouter(prefix="/api/v1", tags=["policy"])


@router.get("/policy")
def policy_in_force(person: Reads, here: Here) -> PolicyInForce:
    """Return the policy that scores follow now."""
    return here.regrading.in_force()


@router.post("/regrade")
def regrade(request: RegradeRequest, person: Manages, here: Here) -> Regraded:
    """Say who moves by another policy and, unless it is a dry run, put it in force."""
    return here.regrading.regrade(person, request)


@router.get("/extensions")
def extensions(person: ReadsAll, here: Here) -> Extensions:
    """Return everybody's own due dates."""
    return here.extending.listed()


@router.post("/extensions")
def extend(request: ExtensionRequest, person: Manages, here: Here) -> Extension:
    """Give a person a due date of their own."""
    return here.extending.grant(person, request)


@router.post("/extensions/remove")
def remove_extension(request: ExtensionRemoval, person: Manages, here: Here) -> Extensions:
    """Take a person's own due date away."""
    return here.extending.remove(person, request)
