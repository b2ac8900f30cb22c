"""The final project: what a group sees of its own, the list for reviewers, and the rubric's form."""

import math
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from grader.server.messages.project import HandIn, ReviewedHandIn, ReviewRequest
from grader.server.refusals import Refused
from grader.server.web.forms import SubmittedForm, posted, see
from grader.server.web.rendering import Viewer, render
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)


@router.get("/project")
def project_page(request: Request, here: Here, visitor: Viewer) -> HTMLResponse:
    reviewer = visitor.person.may("review")
    mine = here.reviews.mine(visitor.person)
    hand_ins = here.reviews.all() if reviewer else []
    waiting = [one for one in newest_of_each(hand_ins) if one.review is None]
    return render(
        request,
        here,
        "project.html",
        visitor,
        mine=mine,
        reviewer=reviewer,
        waiting=waiting,
        hand_ins=hand_ins,
    )


@router.get("/project/{number}")
def hand_in_page(number: int, request: Request, here: Here, visitor: Viewer) -> HTMLResponse:
    found = here.reviews.one(visitor.person, number)
    return render(request, here, "hand_in.html", visitor, found=found, reviewer=visitor.person.may("review"))


@router.get("/project/{number}/file")
def hand_in_file(number: int, here: Here, visitor: Viewer) -> Response:
    kind, data = here.hand_ins.file(visitor.person, number)
    ending, media = ("md", "text/markdown") if kind == "proposal" else ("tar.gz", "application/gzip")
    headers = {
        "Content-Disposition": f'attachment; filename="{kind}-{number}.{ending}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(data, 200, headers, media)


@router.post("/project/{number}")
def review(number: int, form: Annotated[SubmittedForm, posted("review")], here: Here) -> RedirectResponse:
    found = here.reviews.one(form.person, number)
    here.reviews.review(form.person, number, _review(found, form.fields))
    return see(f"/project/{number}#review")


def newest_of_each(hand_ins: list[HandIn]) -> list[HandIn]:
    """Return each group's newest proposal and newest project; they come newest first."""
    newest: dict[tuple[str, str], HandIn] = {}
    for one in hand_ins:
        newest.setdefault((one.group, one.kind), one)
    return list(newest.values())


def _review(found: ReviewedHandIn, fields: dict[str, str]) -> ReviewRequest:
    """Return the review that a form says. Raises: Refused, naming the line that is not filled in."""
    comments = {one.id: fields.get(f"comment:{one.id}", "") for one in found.rubric.criteria}
    points = {}
    for one in found.rubric.criteria if found.hand_in.kind == "project" else ():
        points[one.id] = _number(fields.get(f"points:{one.id}", ""), one.title)
    if fields.get("accepted") not in ("yes", "no"):
        raise Refused(422, "Nothing says whether it is accepted. Expected yes or no. Nothing was stored.")
    try:
        return ReviewRequest(
            points=points,
            comments=comments | {"": fields.get("comment", "")},
            accepted=fields["accepted"] == "yes",
        )
    except ValidationError:
        raise Refused(
            422, "A comment is too long. Expected at most 10,000 characters. Nothing was stored."
        ) from None


def _number(text: str, title: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Refused(422, f"{title}: found {text[:40]!r}. Expected points as a number. Nothing was stored.")
    return value
