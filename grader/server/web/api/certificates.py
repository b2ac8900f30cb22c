"""Certificates: ask for one, fetch it, take one back; and the key with which anybody checks them."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response

from grader.client import is_loopback
from grader.server.certificates.credential import LIST
from grader.server.messages.certificates import (
    CertificateStanding,
    Issued,
    ReissueCertificate,
    RevokeCertificate,
)
from grader.server.refusals import Refused
from grader.server.web.services import Here, Manages, Reads, Submits

router = APIRouter(prefix="/api/v1", tags=["certificates"])
public = APIRouter(tags=["certificates"])


def _base(request: Request, here: Here) -> str:
    """Return the address that certificates carry.

    Raises: Refused where it would be whatever a request claims, since anybody could claim any.
    """
    if here.certificates.public_url:
        return here.certificates.public_url.rstrip("/")
    claimed = str(request.base_url).rstrip("/")
    if not is_loopback(urlsplit(claimed).hostname or ""):
        said = "This server was not told its public address, which every certificate carries"
        raise Refused(503, f"{said}. Ask your instructor to start it with --public-url https://...")
    return claimed


Base = Annotated[str, Depends(_base)]


@router.get("/certificate")
def certificate(person: Reads, here: Here, base: Base) -> CertificateStanding:
    """Return your certificate, or what is missing for it."""
    return here.certificates.standing(person, base)


@router.post("/certificate")
def issue(person: Submits, here: Here, base: Base) -> Issued:
    """Issue your certificate once you have earned it; asked again, return the same."""
    return here.certificates.issue(person, base)


_PDF: dict[str, Any] = {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}


@router.get("/certificate/document", response_class=Response, responses={200: _PDF})
def document(person: Reads, here: Here) -> Response:
    """Return your certificate to print, as a PDF that carries the credential."""
    return Response(here.certificates.document(person), media_type="application/pdf")


@router.post("/certificates/revoke")
def revoke(request: RevokeCertificate, person: Manages, here: Here, base: Base) -> Issued:
    """Take somebody's certificate back."""
    return here.certificates.revoke(person, request.email, request.reason, base)


@router.post("/certificates/reissue")
def reissue(request: ReissueCertificate, person: Manages, here: Here, base: Base) -> Issued:
    """Replace somebody's certificate by one of their name and average as they are now."""
    return here.certificates.reissue(person, request.email, base)


@router.get("/certificates/key")
def key(here: Here, base: Base) -> dict[str, str]:
    """Return the public key that the name of a certificate's key leads to, as a JWK. It needs no key."""
    return here.certificates.key.jwk(base)


@public.get("/.well-known/jwks.json")
def keys(here: Here, base: Base) -> dict[str, list[dict[str, str]]]:
    """Return the course's public keys, as a JWK set."""
    return {"keys": [here.certificates.key.jwk(base)]}


_JWT: dict[str, Any] = {"content": {"application/vc+jwt": {"schema": {"type": "string"}}}}


@public.get(LIST, response_class=Response, responses={200: _JWT})
def revocations(here: Here, base: Base) -> Response:
    """Return which certificates are revoked, as a signed bitstring status list."""
    return Response(here.certificates.revocations(base), media_type="application/vc+jwt")
