"""Another policy: who would move by it and why, and putting it in force."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from grader.course.policy import Policy
from grader.course.yamlfile import field_name
from grader.errors import CourseError
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.grades.standings import Standings, computed
from grader.server.messages.policy import (
    Moved,
    MovedScore,
    PolicyChange,
    PolicyInForce,
    Regraded,
    RegradeRequest,
)
from grader.server.refusals import Refused
from grader.server.rules.policy_changes import changes
from grader.server.rules.standings import Standing
from grader.server.store.database import Database
from grader.server.store.records import all_due_dates
from grader.server.store.tables.course import PolicyRow
from grader.server.store.tables.people import PersonRow


class Regrading:
    def __init__(self, database: Database, policies: Policies, standings: Standings):
        self._database = database
        self._policies = policies
        self._standings = standings

    def in_force(self) -> PolicyInForce:
        policy, newest = self._policies.current, select(PolicyRow, PersonRow.email)
        query = newest.outerjoin(PersonRow, PersonRow.id == PolicyRow.applied_by)
        with self._database.read() as session:
            row, email = session.execute(query.order_by(PolicyRow.number.desc()).limit(1)).one()
            return PolicyInForce(
                number=row.number,
                applied_at=row.applied_at,
                applied_by=email,
                content=policy.model_dump(mode="json"),
            )

    def regrade(self, actor: Person, request: RegradeRequest) -> Regraded:
        """Say who moves by a policy, and put it in force unless it is a dry run.

        Raises: Refused, CourseError.
        """
        before, after = self._policies.current, _checked(request.policy)
        if after.id != before.id:
            said = f"This is the policy of {after.id!r}, and the course here is {before.id!r}"
            raise Refused(409, f"{said}. Expected its own course.yaml; nothing was changed.")
        changed = [PolicyChange(field=f, before=old, after=new) for f, old, new in changes(before, after)]
        moved, unmoved = self._moved(after) if changed else ([], 0)
        applied = bool(changed) and not request.dry_run
        if applied:
            self._policies.apply(after, actor)
        return Regraded(applied=applied, changes=changed, moved=moved, unmoved=unmoved)

    def _moved(self, after: Policy) -> tuple[list[Moved], int]:
        with self._database.read() as session:
            students = select(PersonRow.id, PersonRow.name, PersonRow.email).where(
                PersonRow.role == "student"
            )
            people = {row.id: row for row in session.execute(students.order_by(PersonRow.email))}
            old = self._standings.everybody(session, list(people))
            new = dict(computed(session, after, list(people), all_due_dates(session)))
        found = [
            Moved(
                name=row.name,
                email=row.email,
                scores=_scores(old[one], new[one]),
                average_before=old[one].average,
                average_after=new[one].average,
            )
            for one, row in people.items()
        ]
        moved = [one for one in found if one.scores or one.average_before != one.average_after]
        return moved, len(found) - len(moved)


def _scores(before: Standing, after: Standing) -> list[MovedScore]:
    names = dict.fromkeys((*before.scores, *after.scores))
    both = [(name, before.scores.get(name, 0.0), after.scores.get(name, 0.0)) for name in names]
    return [MovedScore(assignment=name, before=old, after=new) for name, old, new in both if old != new]


def _checked(content: dict[str, Any]) -> Policy:
    """Return what was sent as a policy. Raises: CourseError, naming the first thing that is wrong."""
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = field_name(first["loc"]).encode("utf-8", "replace").decode()
        raise CourseError(f"course.yaml: {field}: {first['msg']}.") from None
    for at, problem in policy.problems():
        raise CourseError(f"course.yaml: {field_name(at)}: {problem}")
    return policy
