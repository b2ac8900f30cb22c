"""The roster and keys."""

from fastapi import APIRouter

from grader.server.messages.people import EmailRequest, FreshKey, Revoked, Roster, RosterRequest
from grader.server.web.services import Here, Manages

router = APIRouter(prefix="/api/v1", tags=["people"])


@router.post("/roster")
def enrol(request: RosterRequest, person: Manages, here: Here) -> Roster:
    """Add people, or correct those there are. A new person's key is in this reply and nowhere else."""
    return here.people.enrol(request.people)


@router.post("/keys")
def renew_key(request: EmailRequest, person: Manages, here: Here) -> FreshKey:
    """Give a person a new key and revoke the older ones."""
    return here.people.renew(request.email)


@router.post("/keys/revoke")
def revoke_keys(request: EmailRequest, person: Manages, here: Here) -> Revoked:
    """Revoke a person's keys."""
    return here.people.revoke(request.email)
