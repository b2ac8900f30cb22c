"""What every request passes first: no key in the address, no endless body, no traceback in the reply."""

import json
import logging
import re
import secrets
import time
from urllib.parse import parse_qsl, unquote_plus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.server.access.keys import without_keys
from grader.server.refusals import Refused
from grader.server.web.bodies import JSON_LIMIT, declared_length, require_at_most

LOG = logging.getLogger("grader.server")
_KEY_NAMES = {"key", "api_key", "apikey", "token", "access_token", "authorization", "bearer"}
_BLOB_PATHS = re.compile(r"/api/v1/(attempts/[^/]+/answers|assignments/[^/]+)")  # their routes know the limit


class Guard:
    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began, statuses = secrets.token_hex(6), time.monotonic(), list[int]()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        try:
            _check(scope)
            await self._app(scope, receive, noting)
        except Refused as refused:
            await _reply(noting, refused.status, str(refused))
        except Exception:
            LOG.exception("request %s failed", request_id)
            if not statuses:
                said = "The server failed on this request, and nothing was stored."
                await _reply(noting, 500, f"{said} Tell your instructor: request {request_id}.")
        milliseconds = 1000 * (time.monotonic() - began)
        LOG.info(
            "%s %s %r %s %.0f ms", request_id, scope["method"], scope["path"], statuses[:1], milliseconds
        )


def _check(scope: Scope) -> None:
    _refuse_key_in_address(scope["query_string"].decode("latin-1"))
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


async def _reply(send: Send, status: int, text: str) -> None:
    body = json.dumps({"error": text}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
