"""The server as a value: an ASGI app made from settings."""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from grader.server.messages.fields import Problem
from grader.server.operation.metrics import Metrics
from grader.server.settings import THREADS, Settings
from grader.server.web import monitoring
from grader.server.web.api import (
    account,
    attempts,
    catch_up,
    certificates,
    course,
    gradebook,
    leaderboard,
    mugrade,
    people,
    policy,
    project,
)
from grader.server.web.guard import Guard
from grader.server.web.pages import (
    assignment,
    description,
    me,
    person,
    publish,
    roster,
    signing,
    style,
)
from grader.server.web.pages import certificate as certificate_page
from grader.server.web.pages import course as course_page
from grader.server.web.pages import gradebook as gradebook_page
from grader.server.web.pages import leaderboard as leaderboard_page
from grader.server.web.pages import project as project_page
from grader.server.web.replies import install_replies
from grader.server.web.services import open_services

_APIS = (
    certificates,
    project,
    account,
    attempts,
    course,
    people,
    gradebook,
    leaderboard,
    policy,
    catch_up,
)
_PAGES = (
    course_page,
    signing,
    me,
    gradebook_page,
    assignment,
    person,
    project_page,
    leaderboard_page,
    publish,
    roster,
    certificate_page,
    description,
    style,
)
_PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": {"model": Problem}, "5XX": {"model": Problem}}


def create_app(settings: Settings) -> FastAPI:
    """Open the data folder, bring the tables up to date and return the app."""
    services = open_services(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield
        services.database.engine.dispose()

    app = FastAPI(
        title=settings.policy.title,
        version="1",
        lifespan=lifespan,
        routes=[*_routes(settings.mugrade)],
        docs_url=None,  # the ready-made pages run another host's scripts beside a session's cookie
        redoc_url=None,
    )
    app.state.services = services
    install_replies(app)
    app.state.metrics, app.state.metrics_token = Metrics(services.database), settings.metrics_token
    keys_in_address = mugrade.ADDRESSES if settings.mugrade else frozenset()
    app.add_middleware(Guard, metrics=app.state.metrics, keys_in_address=keys_in_address)
    return app


@functools.cache  # the same for every app, and slow to put together
def _routes(with_mugrade: bool) -> list[BaseRoute]:
    every = APIRouter()
    for api in _APIS:
        every.include_router(api.router, responses=_PROBLEMS)
    every.include_router(certificates.public)
    if with_mugrade:
        for router in (mugrade.router, mugrade.own):
            every.include_router(router, responses=_PROBLEMS)
    for page in _PAGES:
        every.include_router(page.router)
    every.include_router(monitoring.router)
    return every.routes
