"""What the routes call, made once for a server and found through the request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from grader.server.attempts import Drawing
from grader.server.people import People, Person
from grader.server.publishing import Publishing
from grader.server.refusals import Refused
from grader.server.reports import Reports
from grader.server.scoring import Scoring
from grader.server.settings import Settings
from grader.server.store.database import Database, open_database
from grader.server.store.files import Files


@dataclass(frozen=True)
class Services:
    database: Database
    files: Files
    people: People
    drawing: Drawing
    scoring: Scoring
    publishing: Publishing
    reports: Reports


def open_services(settings: Settings) -> Services:
    """Open the data folder and the database."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings.database_url, settings.data)
    files = Files(settings.data / "files")
    return Services(
        database=database,
        files=files,
        people=People(settings, database),
        drawing=Drawing(settings, database),
        scoring=Scoring(settings, database, files),
        publishing=Publishing(settings, database, files),
        reports=Reports(settings, database),
    )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Here = Annotated[Services, Depends(_services)]
_bearer = HTTPBearer(auto_error=False, description="The key that your instructor gave you.")


def _signed_in(
    here: Here, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Person:
    if credentials is None:
        said = "This needs your key, in the header `Authorization: Bearer ndl_...`. Run `make login URL=https://...`."
        raise Refused(401, said, {"WWW-Authenticate": "Bearer"})
    return here.people.sign_in(credentials.credentials)


SignedIn = Annotated[Person, Depends(_signed_in)]


def _instructor(person: SignedIn) -> Person:
    if not person.is_instructor:
        raise Refused(403, "This is for instructors, and your key is a student's. Use an instructor's key.")
    return person


Instructor = Annotated[Person, Depends(_instructor)]
