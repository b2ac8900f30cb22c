"""What people are shown: their own standing, the list of assignments, the gradebook, alerts."""

from collections import defaultdict

from sqlalchemy import select

from grader.course.assignment import Definition
from grader.grading.scores import points
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.messages.fields import CourseName
from grader.server.messages.gradebook import Alert, Alerts, Gradebook, GradedAssignment, GradedPerson
from grader.server.messages.standings import ListedAssignment, ListedQuestion, Me, MyAssignment, MyQuestion
from grader.server.refusals import Refused
from grader.server.rules.schedule import entry_of, is_released, require_released
from grader.server.rules.standings import Record, Standing, standing
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.records import (
    all_records,
    answered_counts,
    current_definitions,
    current_version,
    current_versions,
    definition_of,
    records_of,
)
from grader.server.store.tables.attempts import AlertRow
from grader.server.store.tables.course import CaseRow, VersionRow
from grader.server.store.tables.people import PersonRow


class Reports:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._policies = policies
        self._clock = settings.clock
        self._database = database

    def me(self, person: Person) -> Me:
        with self._database.read() as session:
            definitions = current_definitions(session)
            mine = standing(self._policies.current, definitions, records_of(session, person.id))
            counts = answered_counts(session, person.id)
        shown = [
            entry
            for entry in self._policies.current.assignments
            if entry.id in definitions and self._visible(entry.id, person)
        ]
        return Me(
            name=person.name,
            email=person.email,
            role="instructor" if person.is_instructor else "student",
            course=CourseName(id=self._policies.current.id, title=self._policies.current.title),
            assignments=[_mine(definitions[e.id], e.weight, mine, counts.get(e.id, 0)) for e in shown],
            average=mine.average,
            threshold=self._policies.current.certificate.threshold,
        )

    def assignments(self, person: Person | None = None) -> list[ListedAssignment]:
        """Return the published assignments that a person, or a visitor, may see."""
        with self._database.read() as session:
            versions = current_versions(session)
        names = [entry.id for entry in self._policies.current.assignments if entry.id in versions]
        return [self._listed(versions[name]) for name in names if self._visible(name, person)]

    def release(self, assignment: str) -> str:
        """Return the name of the archive that students start from. Raises: Refused before its release."""
        require_released(
            self._policies.current, entry_of(self._policies.current, assignment), self._clock(), status=404
        )
        with self._database.read() as session:
            version = current_version(session, assignment)
        if version is None:
            raise Refused(404, f"{assignment} is not published yet. Ask your instructor when it will be.")
        return version.release

    def gradebook(self) -> Gradebook:
        records: dict[int, list[Record]] = defaultdict(list)
        with self._database.read() as session:
            definitions = current_definitions(session)
            for person_id, record in all_records(session):
                records[person_id].append(record)
            students = select(PersonRow).where(PersonRow.role == "student").order_by(PersonRow.email)
            people = [self._graded(row, definitions, records[row.id]) for row in session.scalars(students)]
        entries = [entry for entry in self._policies.current.assignments if entry.id in definitions]
        graded = [GradedAssignment(id=e.id, title=definitions[e.id].title, weight=e.weight) for e in entries]
        return Gradebook(assignments=graded, people=people)

    def alerts(self) -> Alerts:
        query = (
            select(AlertRow, CaseRow, VersionRow.assignment, PersonRow.email)
            .join(CaseRow, CaseRow.id == AlertRow.case_id)
            .join(VersionRow, VersionRow.id == CaseRow.version_id)
            .join(PersonRow, PersonRow.id == AlertRow.person_id)
            .order_by(AlertRow.id.desc())
        )
        with self._database.read() as session:
            found = session.execute(query).all()
        return Alerts(alerts=[_alert(*row) for row in found])

    def _visible(self, assignment: str, person: Person | None) -> bool:
        if person is not None and person.is_instructor:
            return True
        return is_released(
            self._policies.current, entry_of(self._policies.current, assignment), self._clock()
        )

    def _listed(self, version: VersionRow) -> ListedAssignment:
        entry, definition = entry_of(self._policies.current, version.assignment), definition_of(version)
        questions = [
            ListedQuestion(id=one.id, title=one.title, group=one.group, points=one.points)
            for one in definition.questions
        ]
        return ListedAssignment(
            id=version.assignment,
            title=definition.title,
            version=version.number,
            cases_digest=version.cases_digest,
            due=self._policies.current.due_of(entry),
            release=self._policies.current.release_of(entry),
            questions=questions,
        )

    def _graded(
        self, row: PersonRow, definitions: dict[str, Definition], records: list[Record]
    ) -> GradedPerson:
        found = standing(self._policies.current, definitions, records)
        return GradedPerson(name=row.name, email=row.email, scores=found.scores, average=found.average)


def _mine(definition: Definition, weight: float, found: Standing, attempts: int) -> MyAssignment:
    tallies = found.tallies.get(definition.id, {})
    questions = [
        MyQuestion(id=one.id, title=one.title, points=one.points, earned=points(one, tallies.get(one.id)))
        for one in definition.questions
    ]
    score = found.scores.get(definition.id, 0.0)
    return MyAssignment(
        id=definition.id,
        title=definition.title,
        weight=weight,
        score=score,
        attempts=attempts,
        questions=questions,
    )


def _alert(alert: AlertRow, case: CaseRow, assignment: str, email: str) -> Alert:
    return Alert(
        assignment=assignment,
        question=case.question,
        case=case.name,
        person=email,
        text=alert.text,
        raised_at=alert.raised_at,
        resolved_at=alert.resolved_at,
    )
