"""How a page is made: a template, who looks at it, and headers that let a page do nothing but be read."""

from datetime import datetime, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.course.policy import Policy
from grader.server.access.people import Person
from grader.server.access.sessions import SignedInSession
from grader.server.refusals import Refused
from grader.server.rules.permissions import WHAT, Permission, permissions, who_may
from grader.server.web.services import Here, arrived
from grader.server.web.wording import FILTERS

COOKIE = "needle_session"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FOLDER = Path(__file__).parent / "templates"
STYLE = (_FOLDER / "style.css").read_bytes()
TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(FILTERS)
# its own address for each content, so that a browser may keep it for good
TEMPLATES.globals["stylesheet"] = f"/style.css?v={sha256(STYLE).hexdigest()[:12]}"


def find_visitor(request: Request, here: Here) -> SignedInSession | None:
    """Return the session that a browser's cookie names; None when there is none."""
    token = request.cookies.get(COOKIE)
    return here.sessions.find(token) if token else None


def _visitor(request: Request, here: Here) -> SignedInSession | None:
    found = find_visitor(request, here)
    if found:
        arrived(request, here, found.person)
    return found


Visitor = Annotated[SignedInSession | None, Depends(_visitor)]  # None: not signed in


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
    """Return a page. Every template sees `viewer` (or none), `csrf`, `policy`, `path` and `when`."""
    policy = here.policies.current
    zone = ZoneInfo(policy.time_zone)
    base = {
        "viewer": visitor.person if visitor else None,
        "csrf": visitor.csrf if visitor else "",
        "policy": policy,
        "path": request.url.path,
        "places": _places(policy, visitor.person) if visitor else [],
        "when": lambda moment: _when(moment, zone),
    }
    return HTMLResponse(TEMPLATES.get_template(template).render(base | content), status, _HEADERS)


def render_failure(status: int, sentence: str) -> HTMLResponse:
    """Return a page that asks nothing of the database, for when that is what failed."""
    return HTMLResponse(TEMPLATES.get_template("failure.html").render(sentence=sentence), status, _HEADERS)


def _places(policy: Policy, person: Person) -> list[tuple[str, str]]:
    """Return the pages that a person's header leads to, with their names."""
    allowed: list[tuple[bool, str, str]] = [
        (True, "/me", "My course"),
        (policy.project is not None, "/project", "Project"),
        (True, "/leaderboard", "Leaderboard"),
        (person.may("read_all"), "/gradebook", "Gradebook"),
        (person.may("read_all"), "/publish", "Published"),
        (person.may("read_all"), "/roster", "Roster"),
    ]
    return [(address, name) for may, address, name in allowed if may]


def _when(moment: datetime | None, zone: tzinfo) -> Markup:
    """Return a moment in the course's time zone, and nothing for none."""
    if moment is None:
        return Markup()
    local = moment.astimezone(zone)
    text = f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="minutes"), escape(text))
