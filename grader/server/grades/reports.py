"""What people are shown: their own standing, the list of assignments, the gradebook, alerts."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.assignment import Question
from grader.course.policy import Entry, Policy
from grader.grading.scores import points, reaches
from grader.server.access.people import Person
from grader.server.grades.catch_up import is_given_out
from grader.server.grades.policies import Policies
from grader.server.grades.standings import Standings
from grader.server.messages.fields import CourseName
from grader.server.messages.gradebook import Alert, Alerts, Gradebook, GradedAssignment, GradedPerson
from grader.server.messages.standings import (
    ListedAssignment,
    ListedQuestion,
    Me,
    MyAssignment,
    MyQuestion,
    QuestionState,
)
from grader.server.refusals import Refused
from grader.server.rules.schedule import Dates, dates_of, entry_of, is_released, require_released
from grader.server.rules.standings import Mark, Standing
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.records import (
    all_due_dates,
    answered_counts,
    caught_up,
    current_version,
    current_versions,
    definition_of,
    due_dates_of,
)
from grader.server.store.tables.attempts import AlertRow
from grader.server.store.tables.course import CaseRow, VersionRow
from grader.server.store.tables.people import PersonRow


class Reports:
    def __init__(self, settings: Settings, database: Database, policies: Policies, standings: Standings):
        self._policies = policies
        self._standings = standings
        self._clock = settings.clock
        self._database = database

    def me(self, person: Person) -> Me:
        with self._database.read() as session:
            return self._place(session, session.get_one(PersonRow, person.id))

    def assignment_of(self, email: str, assignment: str) -> MyAssignment:
        """Return a person's place in one assignment. Raises: Refused for an unknown one of either."""
        entry_of(self._policies.current, assignment)
        with self._database.read() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.email == email.strip().lower()))
            if row is None:
                raise Refused(404, f"Nobody here has the address {email[:254]}. Expected one of the roster.")
            place = self._place(session, row)
        found = [one for one in place.assignments if one.id == assignment]
        if not found:
            raise Refused(404, f"{assignment} is not published, or not released yet. Expected one that is.")
        return found[0]

    def _place(self, session: Session, row: PersonRow) -> Me:
        """Return where a person stands."""
        policy, now = self._policies.current, self._clock()
        versions = current_versions(session)
        own = due_dates_of(session, row.id)
        found = self._standings.of(session, row.id)
        counts = answered_counts(session, row.id)
        taken = caught_up(session, row.id)
        shown = [
            entry
            for entry in policy.assignments
            if entry.id in versions and (row.role == "instructor" or is_released(policy, entry, now))
        ]
        return Me(
            name=row.name,
            email=row.email,
            role=row.role,  # type: ignore[arg-type]  # the database holds no other text than a role's
            section=row.section,
            course=CourseName(id=policy.id, title=policy.title),
            assignments=[
                _mine(
                    versions[entry.id],
                    entry,
                    dates_of(policy, entry, own),
                    now,
                    found,
                    counts.get(entry.id, 0),
                    {question for assignment, question in taken if assignment == entry.id},
                    is_given_out(session, policy, entry.id, now),
                )
                for entry in shown
            ],
            average=found.average,
            threshold=policy.certificate.threshold,
            reached=reaches(found.average, policy.certificate.threshold),
            slip_days=policy.late.slip_days,
            slip_days_left=found.slip_days_left,
            project_required=policy.certificate.project_required,
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
        if not version.release:
            said = f"{assignment} has no archive here: it came over the mugrade protocol"
            raise Refused(404, f"{said}. Its files are where your instructor says.")
        return version.release

    def gradebook(self) -> Gradebook:
        policy = self._policies.current
        with self._database.read() as session:
            versions = current_versions(session)
            students = select(PersonRow.id, PersonRow.name, PersonRow.email, PersonRow.section)
            students = students.where(PersonRow.role == "student", PersonRow.left_at.is_(None))
            rows = session.execute(students.order_by(PersonRow.email)).all()
            found = self._standings.everybody(session, [row.id for row in rows])
            due = all_due_dates(session)
        entries = [entry for entry in policy.assignments if entry.id in versions]
        return Gradebook(
            assignments=[_graded_assignment(policy, entry, versions[entry.id]) for entry in entries],
            threshold=policy.certificate.threshold,
            people=[
                _graded(policy, row.name, row.email, row.section, found[row.id], due.get(row.id, {}))
                for row in rows
            ],
        )

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


def _mine(
    version: VersionRow,
    entry: Entry,
    dates: Dates,
    now: datetime,
    found: Standing,
    attempts: int,
    taken: Collection[str],
    catch_up: bool,
) -> MyAssignment:
    definition, marks = definition_of(version), found.marks.get(entry.id, {})
    left = dates.left(now)
    return MyAssignment(
        id=definition.id,
        title=definition.title,
        weight=entry.weight,
        version=version.number,
        protocol=version.protocol,
        score=found.scores.get(entry.id, 0.0),
        attempts=attempts,
        release=dates.release,
        due=dates.due,
        cut_off=dates.cut_off,
        extended=dates.extended,
        phase=dates.phase(now),
        seconds_left=int(left.total_seconds()) if left is not None else None,
        days_late=found.days_late(entry.id),
        slip_days=found.slip_days.get(entry.id, 0),
        dropped=entry.id in found.dropped,
        catch_up=catch_up,
        questions=[_my_question(one, marks.get(one.id), one.id in taken) for one in definition.questions],
    )


def _my_question(question: Question, mark: Mark | None, taken: bool) -> MyQuestion:
    state: QuestionState = "not_started" if mark is None else "solved" if mark.tally.full else "begun"
    return MyQuestion(
        id=question.id,
        title=question.title,
        group=question.group,
        points=question.points,
        earned=points(question, mark.tally, mark.kept) if mark else 0.0,
        passed=mark.tally.passed if mark else 0,
        total=mark.tally.total if mark else 0,
        days_late=mark.days_late if mark else 0,
        state="caught_up" if taken else state,
    )


def _graded_assignment(policy: Policy, entry: Entry, version: VersionRow) -> GradedAssignment:
    dates = dates_of(policy, entry)
    return GradedAssignment(
        id=entry.id,
        title=definition_of(version).title,
        weight=entry.weight,
        version=version.number,
        protocol=version.protocol,
        due=dates.due,
        cut_off=dates.cut_off,
    )


def _graded(
    policy: Policy, name: str, email: str, section: str, found: Standing, due: dict[str, datetime]
) -> GradedPerson:
    return GradedPerson(
        name=name,
        email=email,
        section=section,
        scores=found.scores,
        average=found.average,
        reached=reaches(found.average, policy.certificate.threshold),
        days_late={one: days for one in found.marks if (days := found.days_late(one))},
        slip_days=found.slip_days,
        slip_days_left=found.slip_days_left,
        dropped=found.dropped,
        extensions=due,
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
