"""A student's own page: where they stand, what is due, and what they did."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from grader.server.messages.standings import Me
from grader.server.web.pages.charts import meter
from grader.server.web.rendering import Viewer, render
from grader.server.web.services import Here
from grader.server.web.wording import points

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Step:
    """Something that the certificate asks for."""

    text: str
    done: bool


@router.get("/me")
def my_page(request: Request, here: Here, visitor: Viewer) -> HTMLResponse:
    person = visitor.person
    me = here.reports.me(person)
    certificate = here.certificates.standing(person, str(request.base_url).rstrip("/")).certificate
    return render(
        request,
        here,
        "me.html",
        visitor,
        me=me,
        history=here.histories.of(person.email),
        steps=_steps(me, here.reviews.state(person.id)),
        certificate=certificate.id if certificate and not certificate.revoked_at else None,
        current=current_assignment(me),
        pseudonym=here.leaderboard.place(person).pseudonym,
        meter=meter,
    )


def _steps(me: Me, project: str) -> list[Step]:
    steps = [Step(f"an average of at least {points(100 * me.threshold)}", me.reached)]
    if me.project_required:
        steps.append(Step(f"the final project: {project}", project == "accepted"))
    return steps


def current_assignment(me: Me) -> str | None:
    """Return the assignment that a person is at: the first open one with something left to do."""
    for one in me.assignments:
        if one.phase != "over" and any(question.state != "solved" for question in one.questions):
            return one.id
    return None
