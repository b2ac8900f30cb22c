"""How a page is made: a template, who looks at it, and headers that let a page do nothing but be read."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grader.server.access.people import Person
from grader.server.access.sessions import SignedInSession
from grader.server.refusals import Refused
from grader.server.rules.permissions import WHAT, Permission, permissions, who_may
from grader.server.web.services import Here

COOKIE = "needle_session"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _found(request: Request, here: Here) -> SignedInSession | None:
    token = request.cookies.get(COOKIE)
    return here.sessions.find(token) if token else None


Visitor = Annotated[SignedInSession | None, Depends(_found)]  # None: not signed in


def viewer(visitor: Visitor) -> SignedInSession:
    """Return the session. Raises: Refused for somebody who is not signed in."""
    if visitor is None:
        raise Refused(
            401, "Sign in first: run `grader open` in your workspace, and follow the link it prints."
        )
    return visitor


Viewer = Annotated[SignedInSession, Depends(viewer)]


def viewer_with(permission: Permission) -> object:
    """Return what finds the session of a viewer, and refuses one who may not do this."""

    def allowed(found: Viewer) -> SignedInSession:
        require_permission(found, permission)
        return found

    return Depends(allowed)


def require_permission(found: SignedInSession, permission: Permission) -> None:
    """Raises: Refused for somebody whose role, or whose key, is not for this."""
    if permission not in permissions(found.person.role, None):
        raise Refused(403, f"Only an {' or an '.join(who_may(permission))} may {WHAT[permission]}.")
    if not found.person.may(permission):
        said = f"The key that you signed in with was not made to {WHAT[permission]}."
        raise Refused(403, f"{said} Sign in with another one.")


def render(
    request: Request,
    here: Here,
    template: str,
    visitor: SignedInSession | None,
    status: int = 200,
    **content: object,
) -> HTMLResponse:
    """Return a page. Every template sees `viewer` (or none), `csrf`, `policy` and `when`."""
    policy = here.policies.current
    zone = ZoneInfo(policy.time_zone)

    def when(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z") if moment else ""

    person: Person | None = visitor.person if visitor else None
    base = {"viewer": person, "csrf": visitor.csrf if visitor else "", "policy": policy, "when": when}
    path = {"path": request.url.path}
    return HTMLResponse(TEMPLATES.get_template(template).render(base | path | content), status, _HEADERS)
