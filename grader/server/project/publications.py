"""The project as the instructor published it."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.policy import Policy
from grader.course.project import PROJECT, ProjectDefinition
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.messages.project import PublishedProject
from grader.server.refusals import Refused
from grader.server.rules.project import project_entry, read_project_publication, require_open
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.files import Files
from grader.server.store.tables.project import ProjectRow


class ProjectPublishing:
    def __init__(self, settings: Settings, database: Database, files: Files, policy: Callable[[], Policy]):
        self._clock = settings.clock
        self._database = database
        self._files = files
        self._policy = policy

    def publish(self, actor: Person, body: bytes) -> PublishedProject:
        """Store a publication whole or not at all. Raises: Refused, WireError, CourseError."""
        project_entry(self._policy())
        said = read_project_publication(body)
        row = ProjectRow(
            definition=said.definition.model_dump(mode="json"),
            digest=said.digest,
            release=self._files.put(said.release),
            published_at=self._clock(),
        )
        with self._database.write() as session:
            before = newest_project(session)
            same = before is not None and (before.digest, before.release) == (row.digest, row.release)
            if before is not None and same:
                row = before
            else:
                session.add(row)
                session.flush()
                record(session, self._clock(), actor, "publish", assignment=PROJECT, number=row.number)
            text = "Nothing has changed since it was published." if same else "It is published."
            return PublishedProject(number=row.number, digest=row.digest, text=text)

    def release(self) -> str:
        """Return the name of the archive that students start from. Raises: Refused before its release."""
        require_open(self._policy(), self._clock())
        with self._database.read() as session:
            return published_project(session).release


def newest_project(session: Session) -> ProjectRow | None:
    return session.scalars(select(ProjectRow).order_by(ProjectRow.number.desc()).limit(1)).one_or_none()


def published_project(session: Session) -> ProjectRow:
    """Return the project's newest publication. Raises: Refused while there is none."""
    row = newest_project(session)
    if row is None:
        raise Refused(404, "The project is not published yet. Ask your instructor when it will be.")
    return row


def definition_of(row: ProjectRow) -> ProjectDefinition:
    return ProjectDefinition.model_validate(row.definition)
