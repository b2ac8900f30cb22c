"""Take the one answer of an attempt, judge it, and store what it earned."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from grader.course.assignment import Definition, Question
from grader.course.policy import Policy
from grader.grading.scores import Tally, points, worth
from grader.grading.verdicts import Kind
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.messages.attempts import CaseVerdict, QuestionScore, ScoreReply
from grader.server.messages.fields import CourseName
from grader.server.refusals import Refused
from grader.server.rules.answers import read_answer
from grader.server.rules.judging import Expectation, Judged, QuestionTally, judge_answer, tally
from grader.server.rules.schedule import Due, dates_of
from grader.server.rules.standings import Mark, Record, Standing, standing
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.files import Files
from grader.server.store.published import published, published_version, require_native
from grader.server.store.records import (
    caught_up,
    current_definitions,
    due_dates_of,
    records_of,
)
from grader.server.store.tables.attempts import AttemptRow, ResultRow

_ATTEMPT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TABLE = AttemptRow.__table__
_ATTEMPT = select(_TABLE).where(_TABLE.c.id == bindparam("id"), _TABLE.c.person_id == bindparam("person"))
_ATTEMPT_LOCKED = _ATTEMPT.with_for_update()
_ANSWER = update(_TABLE).where(_TABLE.c.number == bindparam("at"))  # type: ignore[arg-type]
_INSERT_RESULTS = insert(ResultRow.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Questioned:
    """What an answer is held against."""

    version: int
    definition: Definition
    reference_numpy: str
    expectations: list[Expectation]


class Scoring:
    def __init__(self, settings: Settings, database: Database, files: Files, policies: Policies):
        self._policies = policies
        self._clock = settings.clock
        self._database = database
        self._files = files

    def attempt(self, person: Person, attempt_id: str) -> Row[Any]:
        """Return a person's attempt, with the `limit_bytes` of its answer.

        Raises: Refused when it takes none any more.
        """
        with self._database.read() as session:
            attempt = _attempt(session, person, attempt_id)
        if attempt.answered_at is None:
            self._require_open(attempt)
        return attempt

    def answer(self, person: Person, attempt: Row[Any], key: str, body: bytes) -> str:
        """Score an answer and return the reply as JSON; the same key and body again return the stored one.

        Raises: Refused, WireError.
        """
        if attempt.answered_at is not None:
            return _stored(attempt, key, body)
        with self._database.read() as session:
            questioned = _questioned(session, attempt)
        names = {one.name for one in questioned.expectations}
        found = read_answer(body, names, questioned.definition.adds)
        judged = judge_answer(questioned.expectations, found, questioned.reference_numpy)
        kept = self._files.put(body)
        return self._store(person, attempt.id, key, body, kept, questioned, judged)

    def _store(
        self,
        person: Person,
        attempt_id: str,
        key: str,
        body: bytes,
        kept: str,
        questioned: Questioned,
        judged: list[Judged],
    ) -> str:
        with self._database.write() as session:
            attempt = _attempt(session, person, attempt_id, lock=True)
            if attempt.answered_at is not None:  # another request was faster
                return _stored(attempt, key, body)
            self._require_open(attempt)
            reply = self._record(session, attempt, questioned, judged).model_dump_json()
            free = not any(one.verdict.kind is not Kind.NOT_JUDGED for one in judged)
            given = {"answered_at": self._clock(), "idempotency_key": key, "body": kept, "response": reply}
            session.execute(_ANSWER, {"at": attempt.number, "free": free, **given})
            return reply

    def _require_open(self, attempt: Row[Any]) -> None:
        if attempt.closed_at is not None:
            raise Refused(
                409, "This attempt was closed when you drew a newer one. Run `make submit` for another."
            )
        if self._clock() >= attempt.expires_at:
            hours = self._policies.current.attempt_expiry_minutes / 60
            raise Refused(
                410, f"This attempt expired {hours:g} h after it was drawn. Run `make submit` for another."
            )

    def _record(
        self, session: Session, attempt: Row[Any], questioned: Questioned, judged: list[Judged]
    ) -> ScoreReply:
        """Add what the attempt earned and return the reply."""
        policy, definitions = self._policies.current, current_definitions(session)
        own, records = due_dates_of(session, attempt.person_id), records_of(session, attempt.person_id)
        days_late = _days_late(policy, attempt, own)
        taken, found = caught_up(session, attempt.person_id), tally(judged)
        entering = {name: one for name, one in found.items() if (attempt.assignment, name) not in taken}
        if not all(one.whole for one in entering.values()):
            kept = worth(days_late, 0, policy.late.penalty_per_day)
            marks = standing(policy, definitions, records, own).marks.get(attempt.assignment, {})
            before = {name: mark.value for name, mark in marks.items()}
            entering = {
                name: one for name, one in entering.items() if one.counts(before.get(name, 0.0), kept)
            }
        if entering:
            session.execute(_INSERT_RESULTS, [_result_row(attempt, *one) for one in entering.items()])
        records += [
            Record(attempt.assignment, name, one.tally, attempt.drawn_at, attempt.number)
            for name, one in entering.items()
        ]
        after = standing(policy, definitions, sorted(records, key=lambda one: one.attempt), own)
        return self._reply(attempt, questioned, judged, found, after, days_late)

    def _reply(
        self,
        attempt: Row[Any],
        questioned: Questioned,
        judged: list[Judged],
        found: Mapping[str, QuestionTally],
        after: Standing,
        days_late: int,
    ) -> ScoreReply:
        best = after.marks.get(attempt.assignment, {})
        questions = [one for one in questioned.definition.questions if one.id in found]
        return ScoreReply(
            attempt=attempt.id,
            assignment=attempt.assignment,
            version=questioned.version,
            verdicts=[_verdict(one) for one in judged],
            questions=[_question(one, found[one.id].tally, best.get(one.id)) for one in questions],
            score=after.scores.get(attempt.assignment, 0.0),
            average=after.average,
            days_late=days_late,
            slip_days=after.slip_days.get(attempt.assignment, 0),
            slip_days_left=after.slip_days_left,
            threshold=self._policies.current.certificate.threshold,
            course=CourseName(id=self._policies.current.id, title=self._policies.current.title),
        )


def _attempt(session: Session, person: Person, attempt_id: str, lock: bool = False) -> Row[Any]:
    """Return a person's attempt. Raises: Refused, the same for another person's as for none."""
    attempt = None
    if _ATTEMPT_ID.fullmatch(attempt_id):
        query = _ATTEMPT_LOCKED if lock else _ATTEMPT
        attempt = session.execute(query, {"id": attempt_id, "person": person.id}).one_or_none()
    if attempt is None:
        raise Refused(404, "You have no attempt of this id. Run `make submit`, which draws one.")
    return attempt


def _result_row(attempt: Row[Any], question: str, one: QuestionTally) -> dict[str, object]:
    said = {"question": question, "passed": one.tally.passed, "total": one.tally.total}
    return {"attempt_number": attempt.number, **said}


def _stored(attempt: Row[Any], key: str, body: bytes) -> str:
    """Return the reply that an attempt got. Raises: Refused for anything but the very same request."""
    response: str = attempt.response
    if attempt.idempotency_key == key and attempt.body == hashlib.sha256(body).hexdigest():
        return response
    raise Refused(
        409, "This attempt has its answer, and takes one only. Run `make submit` for another attempt."
    )


def _questioned(session: Session, attempt: Row[Any]) -> Questioned:
    version = published_version(session, attempt.version_id)
    require_native(version)
    found = published(session).expectations(session, version, attempt.number)
    return Questioned(version.number, version.definition, version.reference["numpy"], found)


def _verdict(one: Judged) -> CaseVerdict:
    verdict = one.verdict
    return CaseVerdict(
        question=one.question,
        case=one.case,
        verdict=verdict.kind.value,
        detail=verdict.detail,
        devices=list(one.devices),
    )


def _days_late(policy: Policy, attempt: Row[Any], own: Due) -> int:
    """Return how late an attempt was drawn; 0 for an assignment that has left the course since."""
    entries = [entry for entry in policy.assignments if entry.id == attempt.assignment]
    return dates_of(policy, entries[0], own).days_late(attempt.drawn_at) if entries else 0


def _question(question: Question, found: Tally, best: Mark | None) -> QuestionScore:
    return QuestionScore(
        id=question.id,
        title=question.title,
        group=question.group,
        points=question.points,
        passed=found.passed,
        total=found.total,
        earned=points(question, found),
        best_earned=points(question, best.tally, best.kept) if best else 0.0,
    )
