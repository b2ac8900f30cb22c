"""What every request passes first: no key in the address, no endless body, no traceback in the reply."""

import json
import logging
import re
import secrets
import time
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.server.access.keys import without_keys
from grader.server.operation.metrics import Metrics
from grader.server.refusals import Refused
from grader.server.web.admission import admit, settle
from grader.server.web.bodies import JSON_LIMIT, declared_length, require_at_most
from grader.server.web.unavailable import RETRY, UNAVAILABLE, sentence

LOG = logging.getLogger("grader.server")
_KEY_NAMES = {"key", "api_key", "apikey", "token", "access_token", "authorization", "bearer"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BLOB_PATHS = re.compile(  # their routes know the limit
    r"/api/v1/(attempts/[^/]+/answers|assignments/[^/]+|project|project/hand-ins)"
)


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_SILENCE = 30.0  # seconds for each piece of a body


class Guard:
    def __init__(self, app: ASGIApp, metrics: Metrics, keys_in_address: Collection[tuple[str, str]] = ()):
        self._app = app
        self._keys_in_address = keys_in_address  # methods and paths of a protocol that can't do without
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began, statuses = secrets.token_hex(6), time.monotonic(), list[int]()
        scope.setdefault("state", {})

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        self._metrics.began()
        try:
            if (scope["method"], scope["path"]) not in self._keys_in_address:
                _refuse_key_in_address(scope["query_string"].decode("latin-1"))
            _check(scope)
            await admit(scope, scope["app"].state.services)
            await self._app(scope, _hurrying(receive), noting)
        except Refused as refused:
            await _reply(noting, refused.status, str(refused), refused.headers)
        except UNAVAILABLE as error:  # before any route: the routes' own are answered by replies
            LOG.error("unavailable: %s", " ".join(str(error).split()), extra={"request": request_id})
            await _reply(noting, 503, sentence(error), RETRY)
        except Exception:
            LOG.exception("request %s failed", request_id, extra={"request": request_id})
            if not statuses:
                said = "The server failed on this request, and nothing was stored."
                await _reply(noting, 500, f"{said} Tell your instructor: request {request_id}.")
        finally:
            status, seconds = (statuses or [499])[0], time.monotonic() - began  # 499: the client went away
            self._metrics.ended(_known(scope["method"]), _route(scope), status, seconds)
            settle(scope, scope["app"].state.services, status)
            _log(scope, request_id, status, seconds)


def _hurrying(receive: Receive) -> Receive:
    """Refuse a body whose sender falls silent; after it, nothing more is waited for in haste."""
    whole = False

    async def receive_soon() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            with anyio.fail_after(_SILENCE):  # asyncio's own way makes a task for each message
                message = await receive()
        except TimeoutError:
            said = f"The body of this request did not arrive: {_SILENCE:g} s passed without a byte of it."
            raise Refused(408, f"{said} Nothing was stored; send it again.") from None
        whole = not message.get("more_body", False)
        return message

    return receive_soon


def _route(scope: Scope) -> str:
    """Return an address's template: without ids, and one for all that are none of ours."""
    return getattr(scope.get("route"), "path", "none")


def _known(method: str) -> str:
    return method if method in _METHODS else "other"


def _log(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    fields: dict[str, Any] = {
        "request": request_id,
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round(1000 * seconds, 1),
        "person": scope["state"].get("person"),
    }
    line = "%s %s %r [%s] %.0f ms"
    LOG.info(line, request_id, scope["method"], scope["path"], status, 1000 * seconds, extra=fields)


def _check(scope: Scope) -> None:
    if scope["method"] in ("POST", "PUT", "PATCH"):
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        length = declared_length(headers.get(b"content-length"))
        if not _BLOB_PATHS.fullmatch(scope["path"]):
            require_at_most(length, JSON_LIMIT)


def _refuse_key_in_address(query: str) -> None:
    names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    text = unquote_plus(query)
    if names & _KEY_NAMES or without_keys(text) != text:
        said = "A key must never be part of an address, where logs keep it. Send it as Authorization: Bearer."
        raise Refused(400, f"{said} If this was your key, ask your instructor for a new one.")


async def _reply(send: Send, status: int, text: str, more: Mapping[str, str] = _NO_HEADERS) -> None:
    body = json.dumps({"error": text}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in more.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
