"""How each error becomes a status and one sentence: as JSON, or as a page for a browser on one."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from grader.course.yamlfile import field_name
from grader.errors import CourseError, WireError
from grader.server.refusals import Refused
from grader.server.web.guard import LOG
from grader.server.web.rendering import find_visitor, render, render_failure
from grader.server.web.unavailable import RETRY, UNAVAILABLE, sentence

_LONGEST = 600  # characters; a hostile body may hold names of any length

_HEADINGS = {
    401: "Sign in first",
    403: "This is not yours to do",
    404: "There is nothing here",
    410: "This link has had its time",
    429: "One moment, please",
}


def install_replies(app: FastAPI) -> None:
    """Make the app answer errors as the protocol says."""
    app.add_exception_handler(WireError, _unprocessable)
    app.add_exception_handler(CourseError, _unprocessable)
    for unavailable in UNAVAILABLE:
        app.add_exception_handler(unavailable, _unavailable)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _overtaken)
    app.add_exception_handler(DataError, _not_storable)


def _reply(request: Request, status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    text = text[:_LONGEST]
    wanted = request.headers.get("accept", "")
    if request.url.path.startswith("/api/") or "text/html" not in wanted:
        return JSONResponse({"error": text}, status, headers)
    page = _page(request, status, text) if status < 500 else render_failure(status, text)
    page.headers.update(headers or {})
    return page


def _page(request: Request, status: int, text: str) -> Response:
    here = request.app.state.services
    heading = _HEADINGS.get(status, "That did not work")
    visitor = find_visitor(request, here)
    return render(request, here, "error.html", visitor, status, heading=heading, sentence=text)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return _reply(request, error.status, str(error), error.headers)


def _unprocessable(request: Request, error: Exception) -> Response:
    return _reply(request, 422, str(error))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place, *path = first["loc"]
    where = field_name(tuple(path)) if first["type"] != "json_invalid" else ""
    return _reply(
        request,
        422,
        f"{place} {where}".strip() + f": {first['msg']}. See /docs for what this address expects.",
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    text = said.get(error.status_code, f"{error.detail}.")
    return _reply(
        request,
        error.status_code,
        f"{text} See /docs for the addresses there are.",
        dict(error.headers or {}),
    )


def _unavailable(request: Request, error: Exception) -> Response:
    LOG.error("unavailable: %s", " ".join(str(error).split()))  # on a bad night these are many
    return _reply(request, 503, sentence(error), RETRY)


def _overtaken(request: Request, error: Exception) -> Response:
    LOG.warning("overtaken", exc_info=error)
    return _reply(
        request,
        409,
        "Another request changed the same thing at the same time. Nothing was stored; send this again.",
    )


def _not_storable(request: Request, error: Exception) -> Response:
    LOG.warning("not storable", exc_info=error)
    said = "The database takes some text or number of this request for none, such as a NUL or a huge number."
    return _reply(
        request, 422, f"{said} Expected printable text. Nothing was stored; correct it, and send again."
    )
