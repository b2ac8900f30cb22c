"""A person's own keys, and the link with which they sign in to the pages."""

from fastapi import APIRouter

from grader.server.access.sessions import LINK_LASTS
from grader.server.messages.people import KeyId, KeyRequest, Link, NewKey, OwnKey
from grader.server.web.services import Here, Reads, SignedIn

router = APIRouter(prefix="/api/v1", tags=["account"])


@router.get("/me/keys")
def my_keys(person: SignedIn, here: Here) -> list[OwnKey]:
    """Return your keys, the revoked ones too; none of them can be shown again."""
    return here.key_rings.of(person)


@router.post("/me/keys", status_code=201)
def make_key(request: KeyRequest, person: SignedIn, here: Here) -> NewKey:
    """Make yourself one more key, for no more than the one you ask with."""
    return here.key_rings.make(person, request)


@router.post("/me/keys/revoke")
def revoke_key(request: KeyId, person: SignedIn, here: Here) -> OwnKey:
    """Revoke one of your keys; one that may do more than the one you ask with is refused."""
    return here.key_rings.revoke(person, request.id)


@router.post("/links", status_code=201)
def make_link(person: Reads, here: Here) -> Link:
    """Make a link that signs a browser in, once and soon, for what your key may do."""
    return Link(path=f"/sign-in/{here.sessions.make_link(person)}", lasts_seconds=LINK_LASTS.seconds)
