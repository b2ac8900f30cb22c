"""Signing in to the pages with a one-time link, and out again.

Opening the link only shows whose it is: what fetches links ahead of people must not use it up.
"""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from grader.server.access.sessions import SESSION_LASTS
from grader.server.web.forms import Posted, require_own_page, see
from grader.server.web.rendering import COOKIE, Visitor, render
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)


@router.get("/sign-in/{code}")
def offer(code: str, request: Request, here: Here, visitor: Visitor) -> HTMLResponse:
    return render(request, here, "sign_in.html", visitor, owner=here.sessions.owner(code))


@router.post("/sign-in/{code}", dependencies=[Depends(require_own_page)])
def sign_in(code: str, request: Request, here: Here) -> RedirectResponse:
    token = here.sessions.open(code)
    _end(request, here)
    reply = see("/me")
    secure = request.url.scheme == "https"
    lasts = int(SESSION_LASTS.total_seconds())
    reply.set_cookie(COOKIE, token, max_age=lasts, path="/", secure=secure, httponly=True, samesite="lax")
    return reply


@router.post("/sign-out")
def sign_out(form: Posted, request: Request, here: Here) -> RedirectResponse:
    _end(request, here)
    reply = see("/")
    reply.delete_cookie(COOKIE, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return reply


def _end(request: Request, here: Here) -> None:
    """End the session that this browser had."""
    token = request.cookies.get(COOKIE)
    if token:
        here.sessions.end(token)
