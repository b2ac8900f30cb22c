"""The roster, other people's keys, invitations, and the record of what was done."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from grader.server.messages.fields import Email
from grader.server.messages.people import (
    AuditPage,
    EmailRequest,
    FreshKey,
    Invite,
    InviteId,
    InviteRequest,
    JoinRequest,
    NewInvite,
    Revoked,
    Roster,
    RosterEntry,
    RosterRequest,
    Section,
)
from grader.server.web.admission import guessing
from grader.server.web.services import Here, Manages, ReadsAll

router = APIRouter(prefix="/api/v1", tags=["people"])


@router.get("/roster")
def roster(person: ReadsAll, here: Here, section: Section | None = None) -> list[RosterEntry]:
    """Return who is, or was, in the course."""
    return here.rosters.everybody(section)


@router.post("/roster")
def enrol(request: RosterRequest, person: Manages, here: Here, dry_run: bool = False) -> Roster:
    """Add people, or correct those there are. A new person's key is in this reply and nowhere else."""
    return here.rosters.enrol(person, request.people, request.remove_others, dry_run)


@router.post("/keys")
def renew_key(request: EmailRequest, person: Manages, here: Here) -> FreshKey:
    """Give a person a new key and revoke the older ones."""
    return here.key_rings.renew(person, request.email)


@router.post("/keys/revoke")
def revoke_keys(request: EmailRequest, person: Manages, here: Here) -> Revoked:
    """Revoke a person's keys."""
    return here.key_rings.revoke_all(person, request.email)


@router.get("/invites")
def invites(person: Manages, here: Here) -> list[Invite]:
    """Return the invitations, newest first, without their codes."""
    return here.invites.all()


@router.post("/invites", status_code=201)
def open_invite(request: InviteRequest, person: Manages, here: Here) -> NewInvite:
    """Make a code with which people put themselves on the roster, as often as its cap says."""
    return here.invites.open(person, request)


@router.post("/invites/close")
def close_invite(request: InviteId, person: Manages, here: Here) -> Invite:
    """Let nobody join with an invitation any more."""
    return here.invites.close(person, request.id)


@router.post("/join", status_code=201)
def join(joining: JoinRequest, request: Request, here: Here) -> FreshKey:
    """Put yourself on the roster with an invitation's code. It needs no key; your own is in the reply."""
    with guessing(request.scope, here):
        return here.invites.join(joining)


@router.get("/audit")
def audit(
    reader: ReadsAll,
    here: Here,
    person: Annotated[Email | None, Query(description="Only what concerns them, or what they did.")] = None,
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> AuditPage:
    """Return what changed grades, or who may, newest first."""
    return here.audit.page(person, before)
