"""What the routes call, made once for a server and found through the request."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from grader.server.access.people import People, Person
from grader.server.access.sessions import Sessions
from grader.server.grades.attempts import Drawing
from grader.server.grades.policies import Policies
from grader.server.grades.publishing import Publishing
from grader.server.grades.reports import Reports
from grader.server.grades.scoring import Scoring
from grader.server.refusals import Refused
from grader.server.rules.permissions import WHAT, Permission, permissions, who_may
from grader.server.settings import Settings
from grader.server.store.database import Database, open_database
from grader.server.store.files import Files, open_files


@dataclass(frozen=True)
class Services:
    database: Database
    files: Files
    people: People
    sessions: Sessions
    policies: Policies
    drawing: Drawing
    scoring: Scoring
    publishing: Publishing
    reports: Reports


def open_services(settings: Settings) -> Services:
    """Open the data folder and the database."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings.database_url, settings.data)
    files = open_files(settings.files or settings.data / "files")
    policies = Policies(settings, database)
    return Services(
        database=database,
        files=files,
        people=People(settings, database),
        sessions=Sessions(settings, database),
        policies=policies,
        drawing=Drawing(settings, database, policies),
        scoring=Scoring(settings, database, files, policies),
        publishing=Publishing(settings, database, files, policies),
        reports=Reports(settings, database, policies),
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


def _with(permission: Permission) -> Any:
    """Return what finds the signed-in person, and refuses one whose role or key is not for this."""

    def allowed(person: SignedIn) -> Person:
        if permission not in permissions(person.role, None):
            who = " or an ".join(who_may(permission))
            raise Refused(403, f"Only an {who} may {WHAT[permission]}, and your key is a {person.role}'s.")
        if not person.may(permission):
            raise Refused(403, f"This key was not made to {WHAT[permission]}. Use another one of yours.")
        return person

    return Depends(allowed)


Reads = Annotated[Person, _with("read")]
Submits = Annotated[Person, _with("submit")]
ReadsAll = Annotated[Person, _with("read_all")]
Reviews = Annotated[Person, _with("review")]
Manages = Annotated[Person, _with("manage")]
