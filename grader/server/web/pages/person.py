"""A person's page for instructors: standing, attempts, extensions, group, and what was done about them."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from grader.server.access.sessions import SignedInSession
from grader.server.messages.fields import Email
from grader.server.messages.policy import ExtensionRemoval, ExtensionRequest
from grader.server.messages.project import MoveRequest
from grader.server.refusals import Refused
from grader.server.web.forms import SubmittedForm, posted, see
from grader.server.web.pages.charts import meter
from grader.server.web.rendering import render, viewer_with
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)


@router.get("/people/{email}")
def person_page(
    email: Email, request: Request, here: Here, visitor: Annotated[SignedInSession, viewer_with("read_all")]
) -> HTMLResponse:
    person = here.figures.person(email)
    return render(
        request,
        here,
        "person.html",
        visitor,
        me=here.reports.me(person),
        project=here.reviews.state(person.id),
        groups=here.groups.seen_of(person.id) if here.policies.current.project else None,
        history=here.histories.of(person.email),
        extensions=here.extending.listed(person.email).extensions,
        lines=[(line, _detail(line.detail)) for line in here.audit.page(person.email).lines[:50]],
        meter=meter,
    )


@router.post("/people/{email}/extensions")
def extend(email: Email, form: Annotated[SubmittedForm, posted("manage")], here: Here) -> RedirectResponse:
    assignment = form.fields.get("assignment", "")
    try:
        if "remove" in form.fields:
            here.extending.remove(form.person, ExtensionRemoval(email=email, assignment=assignment))
        else:
            until: Any = form.fields.get("until") or None  # read by the model
            reason = form.fields.get("reason", "")
            wanted = ExtensionRequest(email=email, assignment=assignment, until=until, reason=reason)
            here.extending.grant(form.person, wanted)
    except ValidationError:
        raise Refused(
            422, "This is no extension. Expected an assignment, and a day with a time. Nothing was changed."
        ) from None
    return see(f"/people/{quote(email)}#extensions")


@router.post("/people/{email}/group")
def move(email: Email, form: Annotated[SubmittedForm, posted("manage")], here: Here) -> RedirectResponse:
    try:
        wanted = MoveRequest(email=email, group=form.fields.get("group", ""), new="new" in form.fields)
    except ValidationError:
        raise Refused(
            422, "This is no name of a group. Expected one of 1 to 60 letters. Nothing was changed."
        ) from None
    here.groups.move(form.person, wanted)
    return see(f"/people/{quote(email)}#group")


def _detail(detail: dict[str, Any]) -> str:
    """Return what a line of the record says beside who and what, short enough for a table."""
    said = ", ".join(f"{name}: {_said(value)}" for name, value in detail.items() if value not in (None, ""))
    return said if len(said) <= 200 else said[:199] + "…"


def _said(value: object) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{value[0] or 'none'} → {value[1] or 'none'}"
    return str(value)
