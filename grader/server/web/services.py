"""What the routes call, made once for a server and found through the request."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from grader.course.policy import Policy
from grader.server.access.audit import Audit
from grader.server.access.invites import Invites
from grader.server.access.key_rings import KeyRings
from grader.server.access.limits import Limits
from grader.server.access.people import People, Person
from grader.server.access.roster import Rosters
from grader.server.access.sessions import Sessions
from grader.server.certificates.issuing import Certificates
from grader.server.grades.attempts import Drawing
from grader.server.grades.catch_up import CatchingUp
from grader.server.grades.extensions import Extending
from grader.server.grades.figures import Figures
from grader.server.grades.history import Histories
from grader.server.grades.leaderboard import Leaderboard
from grader.server.grades.policies import Policies
from grader.server.grades.publishing import Publishing
from grader.server.grades.regrading import Regrading
from grader.server.grades.reports import Reports
from grader.server.grades.scoring import Scoring
from grader.server.grades.standings import Standings
from grader.server.mugrade.publishing import MugradePublishing
from grader.server.mugrade.tries import MugradeTries
from grader.server.project.groups import Groups
from grader.server.project.hand_ins import HandIns
from grader.server.project.publications import ProjectPublishing
from grader.server.project.reviews import Reviews as ProjectReviews
from grader.server.project.standing import accepted
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
    rosters: Rosters
    key_rings: KeyRings
    invites: Invites
    limits: Limits
    audit: Audit
    policies: Policies
    drawing: Drawing
    scoring: Scoring
    publishing: Publishing
    reports: Reports
    standings: Standings
    catching_up: CatchingUp
    extending: Extending
    histories: Histories
    regrading: Regrading
    project_publishing: ProjectPublishing
    groups: Groups
    hand_ins: HandIns
    reviews: ProjectReviews
    figures: Figures
    leaderboard: Leaderboard
    certificates: Certificates
    mugrade_publishing: MugradePublishing
    mugrade_tries: MugradeTries


def open_services(settings: Settings) -> Services:
    """Open the data folder and the database."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(settings.database_url, settings.data, settings.busy_timeout)
    files = open_files(settings.files or settings.data / "files")
    policies = Policies(settings, database)

    def in_force() -> Policy:
        return policies.current

    standings = Standings(policies)
    return Services(
        database=database,
        files=files,
        people=People(settings, database),
        sessions=Sessions(settings, database),
        rosters=Rosters(settings, database),
        key_rings=KeyRings(settings, database),
        invites=Invites(settings, database),
        limits=Limits(lambda: policies.known.requests_per_minute),  # asked where nothing may wait
        audit=Audit(database),
        policies=policies,
        drawing=Drawing(settings, database, policies),
        scoring=Scoring(settings, database, files, policies),
        publishing=Publishing(settings, database, files, policies),
        reports=Reports(settings, database, policies, standings),
        standings=standings,
        catching_up=CatchingUp(settings, database, policies),
        extending=Extending(settings, database, policies),
        histories=Histories(settings, database, policies, standings),
        regrading=Regrading(database, policies, standings),
        project_publishing=ProjectPublishing(settings, database, files, in_force),
        groups=Groups(settings, database, in_force),
        hand_ins=HandIns(settings, database, files, in_force),
        reviews=ProjectReviews(settings, database, in_force),
        figures=Figures(settings, database, policies),
        leaderboard=Leaderboard(settings, database, policies),
        certificates=Certificates(settings, database, policies, standings, accepted),
        mugrade_publishing=MugradePublishing(settings, database, policies),
        mugrade_tries=MugradeTries(settings, database, policies),
    )


async def _services(request: Request) -> Services:  # async: it waits for nothing, and needs no thread
    services: Services = request.app.state.services
    return services


Here = Annotated[Services, Depends(_services)]
_bearer = HTTPBearer(auto_error=False, description="The key that your instructor gave you.")


_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def _signed_in(request: Request, here: Here, credentials: _Credentials) -> Person:
    if credentials is None:
        said = "This needs your key, in the header `Authorization: Bearer ndl_...`. Run `make login URL=https://...`."
        raise Refused(401, said, {"WWW-Authenticate": "Bearer"})
    person = here.people.sign_in(credentials.credentials)
    arrived(request, here, person)
    return person


def arrived(request: Request, here: Services, person: Person) -> None:
    """Note whose request this is, and count it. Raises: Refused for somebody who asks too often."""
    request.state.person = person.id  # for the log, and so that it does not count against the address
    here.limits.take_of_person(person.id)


SignedIn = Annotated[Person, Depends(_signed_in)]
PERMISSION = "x-permission"  # in /openapi.json, of an address whose key is in no header and so has no scopes


def _with(permission: Permission) -> Any:
    """Return what finds the signed-in person, and refuses one whose role or key is not for this."""

    async def allowed(person: SignedIn) -> Person:
        require_may(person, permission)
        return person

    return Security(allowed, scopes=[permission])  # the scope stands in /openapi.json


def require_may(person: Person, permission: Permission) -> None:
    """Raises: Refused for somebody whose role, or whose key, is not for this."""
    if permission not in permissions(person.role, None):
        who = " or an ".join(who_may(permission))
        whose = f"{'a' if person.role == 'student' else 'an'} {person.role}'s"
        raise Refused(403, f"Only an {who} may {WHAT[permission]}, and your key is {whose}.")
    if not person.may(permission):
        raise Refused(403, f"This key was not made to {WHAT[permission]}. Use another one of yours.")


Reads = Annotated[Person, _with("read")]
Submits = Annotated[Person, _with("submit")]
ReadsAll = Annotated[Person, _with("read_all")]
Reviews = Annotated[Person, _with("review")]
Manages = Annotated[Person, _with("manage")]
