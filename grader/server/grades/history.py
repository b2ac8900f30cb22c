"""What a person has handed in: every attempt, with what it earned and whether it counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from grader.course.assignment import Definition
from grader.course.policy import Policy
from grader.grading.scores import Tally, points, worth
from grader.server.grades.policies import Policies
from grader.server.grades.standings import Standings
from grader.server.messages.standings import AttemptedQuestion, History, PastAttempt
from grader.server.refusals import Refused
from grader.server.rules.schedule import dates_of
from grader.server.rules.standings import Standing
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.records import definition_of, due_dates_of
from grader.server.store.tables.attempts import AttemptRow, ResultRow
from grader.server.store.tables.course import VersionRow
from grader.server.store.tables.people import PersonRow

State = Literal["open", "scored", "not_judged", "closed", "expired"]


class Histories:
    def __init__(self, settings: Settings, database: Database, policies: Policies, standings: Standings):
        self._clock = settings.clock
        self._database = database
        self._policies = policies
        self._standings = standings

    def of(self, email: str, assignment: str | None = None) -> History:
        """Return a person's attempts, newest first. Raises: Refused for somebody who is not in the course."""
        with self._database.read() as session:
            person = session.scalar(select(PersonRow).where(PersonRow.email == email.strip().lower()))
            if person is None:
                raise Refused(404, f"Nobody here has the address {email[:254]}. Expected one of the roster.")
            query = select(AttemptRow).where(AttemptRow.person_id == person.id)
            if assignment is not None:
                query = query.where(AttemptRow.assignment == assignment)
            rows = session.scalars(query.order_by(AttemptRow.number.desc())).all()
            results: dict[int, dict[str, Tally]] = defaultdict(dict)
            mine = select(ResultRow).join(AttemptRow).where(AttemptRow.person_id == person.id)
            for one in session.scalars(mine):
                results[one.attempt_number][one.question] = Tally(one.passed, one.total)
            used = {row.version_id for row in rows}
            versions = session.scalars(select(VersionRow).where(VersionRow.id.in_(used)))
            published = {version.id: (version.number, definition_of(version)) for version in versions}
            days_late = self._days_late(rows, due_dates_of(session, person.id))
            standing = self._standings.of(session, person.id)
            attempts = [
                _past(
                    self._policies.current,
                    row,
                    self._state(row),
                    published[row.version_id],
                    results.get(row.number, {}),
                    days_late[row.number],
                    standing,
                )
                for row in rows
            ]
            return History(name=person.name, email=person.email, attempts=attempts)

    def _days_late(self, rows: Sequence[AttemptRow], own: Mapping[str, datetime]) -> dict[int, int]:
        policy = self._policies.current
        dates = {entry.id: dates_of(policy, entry, own) for entry in policy.assignments}
        return {
            row.number: dates[row.assignment].days_late(row.drawn_at) if row.assignment in dates else 0
            for row in rows
        }

    def _state(self, row: AttemptRow) -> State:
        if row.answered_at is not None:
            return "not_judged" if row.free else "scored"
        if row.closed_at is not None:
            return "closed"
        return "expired" if self._clock() >= row.expires_at else "open"


def _past(
    policy: Policy,
    row: AttemptRow,
    state: State,
    published: tuple[int, Definition],
    results: Mapping[str, Tally],
    days_late: int,
    standing: Standing,
) -> PastAttempt:
    number, definition = published
    marks = standing.marks.get(row.assignment, {})
    slip_days = standing.slip_days.get(row.assignment, 0)
    kept = worth(days_late, slip_days, policy.late.penalty_per_day)
    if days_late > policy.late.cut_off_days:
        kept = 0.0
    questions = [
        AttemptedQuestion(
            id=one.id,
            title=one.title,
            points=one.points,
            passed=results[one.id].passed,
            total=results[one.id].total,
            earned=points(one, results[one.id], kept),
            counts=one.id in marks and marks[one.id].attempt == row.number,
        )
        for one in definition.questions
        if one.id in results
    ]
    return PastAttempt(
        id=row.id,
        assignment=row.assignment,
        version=number,
        drawn_at=row.drawn_at,
        answered_at=row.answered_at,
        state=state,
        days_late=days_late,
        drawn=row.questions,
        questions=questions,
    )
