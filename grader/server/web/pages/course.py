"""The course's one page, and a person's scores on it; a key comes in a form's body and is never echoed."""

from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from grader.errors import Rejected
from grader.server.messages.standings import ListedAssignment, Me, MyAssignment
from grader.server.rules.schedule import said
from grader.server.web.services import Here, Services

router = APIRouter(include_in_schema=False)
_PAGE = Template((Path(__file__).parents[1] / "templates" / "course.html").read_text(encoding="utf-8"))
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/")
def course_page(request: Request, here: Here) -> HTMLResponse:
    return _page(request, here, "", 200)


@router.post("/scores")
async def scores_page(request: Request, here: Here) -> HTMLResponse:
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    key = form.get("key", [""])[0].strip()
    return await run_in_threadpool(_scores, request, here, key)


def _scores(request: Request, here: Services, key: str) -> HTMLResponse:
    try:
        return _page(request, here, _standing(here.reports.me(here.people.sign_in(key))), 200)
    except Rejected as error:
        return _page(request, here, f'<p class="wrong" role="alert">{escape(str(error))}</p>', error.status)


def _page(request: Request, here: Services, scores: str, status: int) -> HTMLResponse:
    listed = here.reports.assignments()
    content = _PAGE.substitute(
        title=escape(here.policies.current.title),
        url=escape(str(request.base_url).rstrip("/")),
        assignments="\n".join(map(_assignment, listed))
        or '<tr><td colspan="4">Nothing is published yet.</td></tr>',
        scores=scores,
    )
    return HTMLResponse(content, status, _HEADERS)


def _assignment(one: ListedAssignment) -> str:
    link = f'<a href="api/v1/assignments/{escape(one.id)}/release">{escape(one.id)}.tar.gz</a>'
    cells = (f"<b>{escape(one.title)}</b>", str(one.version), escape(said(one.due)) or "open", link)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _standing(me: Me) -> str:
    rows = "\n".join(map(_scored, me.assignments)) or '<tr><td colspan="3">No assignment yet.</td></tr>'
    average = (
        f"Average over the course <b>{me.average:.2f}</b>; the certificate asks for {100 * me.threshold:g}."
    )
    head = "<thead><tr><th>Question</th><th>Points</th><th>of</th></tr></thead>"
    return f"<h3>{escape(me.name)}</h3><p>{average}</p><table>{head}<tbody>{rows}</tbody></table>"


def _scored(one: MyAssignment) -> str:
    title = f"<b>{escape(one.title)}</b> ({one.attempts} submitted)"
    rows = [f'<tr class="sum"><td>{title}</td><td>{one.score:.2f}</td><td>100</td></tr>']
    for question in one.questions:
        rows.append(
            f"<tr><td>{escape(question.title)}</td><td>{question.earned:.2f}</td><td>{question.points:g}</td></tr>"
        )
    return "\n".join(rows)
