"""The leaderboard: one figure of speed at a time, and the form that puts someone on it."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from grader.server.messages.leaderboard import PseudonymRequest, Ranking
from grader.server.refusals import Refused
from grader.server.web.forms import SubmittedForm, posted, see
from grader.server.web.pages.charts import meter
from grader.server.web.rendering import Viewer, render
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)


@router.get("/leaderboard")
def leaderboard_page(request: Request, here: Here, visitor: Viewer, figure: str = "") -> HTMLResponse:
    rankings = here.leaderboard.rankings(visitor.person)
    chosen = next((one for one in rankings if _address(one) == figure), rankings[0] if rankings else None)
    names = [
        {"address": _address(one), "text": f"{one.assignment} {one.name}", "chosen": one is chosen}
        for one in rankings
    ]
    pseudonym = here.leaderboard.place(visitor.person).pseudonym
    return render(
        request,
        here,
        "leaderboard.html",
        visitor,
        names=names,
        ranking=chosen,
        pseudonym=pseudonym,
        meter=meter,
    )


@router.post("/leaderboard")
def choose_pseudonym(form: Annotated[SubmittedForm, posted("submit")], here: Here) -> RedirectResponse:
    wanted = None if "leave" in form.fields else form.fields.get("pseudonym", "")
    try:
        request = PseudonymRequest(pseudonym=wanted)
    except ValidationError:
        raise Refused(
            422, "This can't be a name on the leaderboard. Expected 2 to 40 characters on one line."
        ) from None
    here.leaderboard.choose(form.person, request.pseudonym)
    return see("/me#leaderboard" if wanted is None else "/leaderboard")


def _address(ranking: Ranking) -> str:
    return f"{ranking.assignment} {ranking.name}"
