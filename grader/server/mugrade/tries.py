"""A student's try of a problem: opened by one request, then its values one by one, each judged once."""

import json
import math
import re
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from grader.course.policy import Entry, Policy
from grader.grading.verdicts import Kind
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.mugrade.publishing import PROTOCOL, cases_of
from grader.server.mugrade.values import judged, read_json, read_value
from grader.server.refusals import Refused
from grader.server.rules.drawing import HOUR, wait_before_draw
from grader.server.rules.schedule import entry_of, require_not_over, require_released
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.records import current_version, due_dates_of
from grader.server.store.tables.attempts import AttemptRow, ResultRow
from grader.server.store.tables.course import VersionRow
from grader.server.store.tables.mugrade import MugradeTryRow
from grader.server.store.tables.people import PersonRow

_ID = re.compile(r"[0-9a-f-]{36}")


class MugradeTries:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._clock = settings.clock
        self._database = database
        self._policies = policies

    def submit(self, person: Person, assignment: str, problem: str) -> str:
        """Open a try, which closes the person's older one, and return its id. Raises: Refused."""
        policy, now = self._policies.current, self._clock()
        entry = entry_of(policy, assignment)
        with self._database.write() as session:
            session.get(PersonRow, person.id, with_for_update=True)  # tries come one after another
            _require_open(session, person, policy, entry, now)
            version = _published(session, entry, problem)
            _require_free_try(session, person, policy, assignment, problem, now)
            mine = (AttemptRow.person_id == person.id, AttemptRow.assignment == assignment)
            is_open = (AttemptRow.answered_at.is_(None), AttemptRow.closed_at.is_(None))
            session.execute(update(AttemptRow).where(*mine, *is_open).values(closed_at=now))
            attempt = AttemptRow(
                id=str(uuid.uuid4()),
                person_id=person.id,
                version_id=version.id,
                assignment=assignment,
                questions=[problem],
                limit_bytes=0,  # no blob is ever taken
                drawn_at=now,
                expires_at=now + timedelta(minutes=policy.attempt_expiry_minutes),
                free=False,
            )
            session.add(attempt)
            session.flush()
            one = MugradeTryRow(id=attempt.id, attempt_number=attempt.number, problem=problem, verdicts={})
            session.add(one)
            return attempt.id

    def submit_test(self, person: Person, submission_id: str, position: int, body: bytes) -> bool:
        """Judge one value of a try, and record the try once it has all. Raises: Refused, WireError."""
        where = f"test case {position}"
        found = read_value(read_json(body, where), where)
        with self._database.write() as session:
            attempt, one = _try(session, person, submission_id)
            self._require_unfinished(attempt)
            cases = cases_of(session, session.get_one(VersionRow, attempt.version_id), one.problem)
            if position not in cases:
                said = f"{one.problem} has no test case {position}. It has {', '.join(map(str, cases))}"
                raise Refused(404, f"{said}. Update your tests.")
            if str(position) in one.verdicts:
                raise Refused(409, f"Test case {position} of this submission is judged: each is, once.")
            kind = judged(cases[position], found, where)
            one.verdicts = {**one.verdicts, str(position): kind.value}
            if len(one.verdicts) == len(cases):
                self._finish(session, attempt, one)
            return kind is Kind.EQUAL

    def _require_unfinished(self, attempt: AttemptRow) -> None:
        if attempt.answered_at is not None:
            raise Refused(409, "This submission has all its values. Submit again for another.")
        if attempt.closed_at is not None:
            raise Refused(409, "This submission was closed when you made a newer one. Submit again.")
        if self._clock() >= attempt.expires_at:
            raise Refused(410, "This submission has expired. Submit again.")

    def _finish(self, session: Session, attempt: AttemptRow, one: MugradeTryRow) -> None:
        passed = sum(kind == Kind.EQUAL.value for kind in one.verdicts.values())
        row = ResultRow(question=one.problem, passed=passed, total=len(one.verdicts))
        row.attempt_number = attempt.number
        session.add(row)
        verdicts = [
            {"question": one.problem, "case": at, "verdict": kind} for at, kind in one.verdicts.items()
        ]
        attempt.answered_at, attempt.response = self._clock(), json.dumps({"verdicts": verdicts})


def _require_open(session: Session, person: Person, policy: Policy, entry: Entry, now: datetime) -> None:
    if not person.is_instructor:
        require_released(policy, entry, now, status=403)
        require_not_over(policy, entry, now, due_dates_of(session, person.id))


def _published(session: Session, entry: Entry, problem: str) -> VersionRow:
    """Return the version that is tried now. Raises: Refused where there is none with this problem."""
    version = current_version(session, entry.id)
    if version is not None and version.protocol != PROTOCOL:
        said = f"{entry.id} takes no values over this protocol: it is published natively"
        raise Refused(409, f"{said}. Run `make submit` in your workspace.")
    known = problem in (entry.mugrade or ())
    if version is None or not known or not cases_of(session, version, problem):
        said = f"{entry.id} has no published problem {problem[:60]!r}"
        raise Refused(404, f"{said}. Ask your instructor when it will be.")
    return version


def _require_free_try(
    session: Session, person: Person, policy: Policy, assignment: str, problem: str, now: datetime
) -> None:
    """Raises: Refused for somebody who has tried this problem too often: each try tells right from wrong."""
    limit = policy.attempts_per_question_per_hour or policy.attempts_per_hour
    query = (
        select(AttemptRow.drawn_at)
        .join(MugradeTryRow, MugradeTryRow.attempt_number == AttemptRow.number)
        .where(AttemptRow.person_id == person.id, AttemptRow.assignment == assignment)
        .where(MugradeTryRow.problem == problem, AttemptRow.drawn_at > now - HOUR)
    )
    wait = wait_before_draw(session.scalars(query), limit, now)
    if wait is not None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        said = f"You have tried {problem} {limit} times in an hour, the limit of this course"
        raise Refused(
            429, f"{said}. Try again in {math.ceil(seconds / 60)} min.", {"Retry-After": str(seconds)}
        )


def _try(session: Session, person: Person, submission_id: str) -> tuple[AttemptRow, MugradeTryRow]:
    """Return a person's try. Raises: Refused, the same for another person's as for none."""
    query = (
        select(AttemptRow, MugradeTryRow)
        .join(MugradeTryRow, MugradeTryRow.attempt_number == AttemptRow.number)
        .where(MugradeTryRow.id == submission_id, AttemptRow.person_id == person.id)
        .with_for_update()
    )
    found = session.execute(query).one_or_none() if _ID.fullmatch(submission_id) else None
    if found is None:
        raise Refused(404, "You have no submission of this id. Submit again, which opens one.")
    attempt, one = found
    return attempt, one
