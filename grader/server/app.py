"""The server as a value: an ASGI app made from settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text

from grader.server.messages.fields import Problem
from grader.server.settings import Settings
from grader.server.web.api import attempts, course, gradebook, people
from grader.server.web.guard import Guard
from grader.server.web.pages import course as course_page
from grader.server.web.pages import style
from grader.server.web.replies import install_replies
from grader.server.web.services import Here, open_services

_PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": {"model": Problem}, "5XX": {"model": Problem}}


def create_app(settings: Settings) -> FastAPI:
    """Open the data folder, bring the tables up to date and return the app."""
    services = open_services(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        services.database.engine.dispose()

    app = FastAPI(title=settings.policy.title, version="1", lifespan=lifespan)
    app.state.services = services
    for api in (attempts, course, people, gradebook):
        app.include_router(api.router, responses=_PROBLEMS)
    for page in (course_page, style):
        app.include_router(page.router)
    app.add_api_route("/healthz", _health)
    install_replies(app)
    app.add_middleware(Guard)
    return app


def _health(here: Here) -> dict[str, str]:
    """Say whether the server and its database answer."""
    with here.database.read() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok"}
