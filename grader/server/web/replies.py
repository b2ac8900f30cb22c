"""How each error becomes a status and one JSON sentence."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from grader.course.yamlfile import field_name
from grader.errors import CourseError, WireError
from grader.server.refusals import Refused
from grader.server.web.guard import LOG

_LONGEST = 600  # characters; a hostile body may hold names of any length


def install_replies(app: FastAPI) -> None:
    """Make the app answer errors as the protocol says."""
    app.add_exception_handler(WireError, _unprocessable)
    app.add_exception_handler(CourseError, _unprocessable)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _overtaken)


def _reply(status: int, text: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": text[:_LONGEST]}, status, headers)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return _reply(error.status, str(error), error.headers)


def _unprocessable(request: Request, error: Exception) -> JSONResponse:
    return _reply(422, str(error))


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place, *path = first["loc"]
    where = field_name(tuple(path)) if first["type"] != "json_invalid" else ""
    return _reply(
        422, f"{place} {where}".strip() + f": {first['msg']}. See /docs for what this address expects."
    )


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    said = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    text = said.get(error.status_code, f"{error.detail}.")
    return _reply(
        error.status_code, f"{text} See /docs for the addresses there are.", dict(error.headers or {})
    )


def _busy(request: Request, error: Exception) -> JSONResponse:
    LOG.error("the database did not answer", exc_info=error)
    said = "The server's database did not answer, and nothing was stored. Send this again in a moment."
    return _reply(503, said, {"Retry-After": "2"})


def _overtaken(request: Request, error: Exception) -> JSONResponse:
    LOG.warning("overtaken", exc_info=error)
    return _reply(
        409, "Another request changed the same thing at the same time. Nothing was stored; send this again."
    )
