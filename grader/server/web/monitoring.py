"""What the machines around a server ask: is it alive, may it be sent requests, how is it doing."""

import secrets

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from grader.server.operation.metrics import Metrics
from grader.server.refusals import Refused
from grader.server.web.services import Here

router = APIRouter(include_in_schema=False)
_LOOPBACK = {"127.0.0.1", "::1"}
_FORWARDED = ("forwarded", "x-forwarded-for")


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Say that this process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(here: Here) -> dict[str, str]:
    """Say that the database has the tables of this grader, and that files can be kept."""
    here.database.check()
    here.files.check()
    return {"status": "ready"}


@router.get("/metrics")
async def measured(request: Request) -> Response:
    """Return Prometheus's text, to this machine or to one who has the token."""
    _require_local_or_token(request)
    metrics: Metrics = request.app.state.metrics
    waiting = anyio.to_thread.current_default_thread_limiter().statistics().tasks_waiting
    text = await run_in_threadpool(metrics.text, waiting)
    return Response(text, media_type="text/plain; version=0.0.4")


def _require_local_or_token(request: Request) -> None:
    token = request.app.state.metrics_token
    said = request.headers.get("authorization", "")
    if token and secrets.compare_digest(said.encode(), f"Bearer {token}".encode()):
        return
    # a proxy on this machine connects from it, too, and says for whom
    direct = not any(name in request.headers for name in _FORWARDED)
    if not direct or request.client is None or request.client.host not in _LOOPBACK:
        raise Refused(
            403, "This is for the server's own machine, or with its metrics token as Authorization: Bearer."
        )
