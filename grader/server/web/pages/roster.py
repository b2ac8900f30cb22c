"""The roster: who is in the course, and a list of people brought in, shown first and then done."""

import csv
import io
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from grader.server.access.sessions import SignedInSession
from grader.server.messages.people import EnrolledPerson, RosterEntry
from grader.server.refusals import Refused
from grader.server.rules.roster_file import read_table
from grader.server.web.forms import SubmittedForm, posted
from grader.server.web.rendering import render, viewer_with
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)


@router.get("/roster")
def roster_page(
    request: Request,
    here: Here,
    visitor: Annotated[SignedInSession, viewer_with("read_all")],
    section: str = "",
) -> HTMLResponse:
    everybody = here.rosters.everybody(None)
    sections = sorted({one.section for one in everybody if one.section})
    people = [one for one in everybody if section in ("", one.section)]
    return render(
        request,
        here,
        "roster.html",
        visitor,
        people=people,
        sections=sections,
        section=section,
        unprintable=_unprintable(people, here.certificates.fonts),
        fonts=here.certificates.fonts,
    )


@router.post("/roster")
def bring(request: Request, here: Here, form: Annotated[SubmittedForm, posted("manage")]) -> HTMLResponse:
    """Show what a file of people would change or, once that was confirmed, change it and show the keys."""
    text = form.fields.get("file", "")
    if not text.strip():
        raise Refused(422, "This form brings no file. Choose one: a table as CSV, with name and email.")
    remove_others, really = "remove_others" in form.fields, "really" in form.fields
    people = read_table(text.encode(), "the file")
    roster = here.rosters.enrol(form.person, people, remove_others, dry_run=not really)
    moving = [one for one in roster.people if one.standing != "unchanged"]
    return render(
        request,
        here,
        "roster_change.html",
        form.session,
        moving=moving,
        unchanged=len(roster.people) - len(moving),
        done=really,
        keys=_keys(moving),
        text=text,
        remove_others=remove_others,
    )


def _unprintable(people: list[RosterEntry], fonts: Path) -> list[tuple[str, str]]:
    """Return the students whose names a certificate's document can't show, and why."""
    from grader.server.certificates.letters import unprintable  # what reads fonts takes memory

    students = [one.name for one in people if one.role == "student" and one.left_at is None]
    reasons = [(name, unprintable(name, fonts)) for name in students if not name.isascii()]
    return [(name, why) for name, why in reasons if why]


def _keys(people: list[EnrolledPerson]) -> str:
    """Return the new people's keys as CSV; nothing when there are none."""
    rows = [(one.name, one.email, one.key) for one in people if one.key]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("name", "email", "key"), *rows])
    return out.getvalue() if rows else ""
