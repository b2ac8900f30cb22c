"""Draw an attempt: fresh seeds for a person, the version's digest checked, the older attempt closed."""

import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from grader.course.assignment import Definition
from grader.course.policy import Policy
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.messages.attempts import AttemptReply, AttemptRequest
from grader.server.refusals import Refused
from grader.server.rules.drawing import (
    HOUR,
    PoolEmpty,
    draw,
    limit_bytes,
    wait_before_draw,
    waits_of_questions,
)
from grader.server.rules.schedule import dates_of, entry_of, require_not_over, require_released
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.published import (
    PublishedCase,
    PublishedVersion,
    current_published,
    published,
    require_native,
)
from grader.server.store.records import caught_up, due_dates_of
from grader.server.store.tables.attempts import AlertRow, AttemptRow, DrawRow
from grader.server.store.tables.course import CaseRow, VersionRow
from grader.server.store.tables.people import PersonRow

# a draw's statements, made once: to put one together costs more than to carry it out; and of the tables
# themselves, whose rows the session need not look at
_PEOPLE, _ATTEMPTS, _DRAWS = PersonRow.__table__.c, AttemptRow.__table__.c, DrawRow.__table__.c
_TURN = select(_PEOPLE.id).where(_PEOPLE.id == bindparam("person")).with_for_update()
_DRAWN_SINCE = select(_ATTEMPTS.drawn_at).where(
    _ATTEMPTS.person_id == bindparam("person"),
    _ATTEMPTS.drawn_at > bindparam("since"),
    _ATTEMPTS.free.is_(False),
)
_USED = select(_DRAWS.case_name, _DRAWS.seed).where(
    _DRAWS.person_id == bindparam("person"), _DRAWS.case_name.in_(bindparam("names", expanding=True))
)
_CLOSE = (
    update(AttemptRow.__table__)  # type: ignore[arg-type]
    .where(
        _ATTEMPTS.person_id == bindparam("person"),
        _ATTEMPTS.assignment == bindparam("of"),
        _ATTEMPTS.answered_at.is_(None),
        _ATTEMPTS.closed_at.is_(None),
    )
    .values(closed_at=bindparam("now"))
)
_INSERT_ATTEMPT = insert(AttemptRow.__table__).returning(AttemptRow.number)  # type: ignore[arg-type]
_INSERT_DRAWS = insert(DrawRow.__table__)  # type: ignore[arg-type]


class Drawing:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._policies = policies
        self._clock = settings.clock
        self._database = database

    def draw(self, person: Person, request: AttemptRequest) -> AttemptReply:
        """Draw an attempt for a person. Raises: Refused."""
        now, policy = self._clock(), self._policies.current
        entry = entry_of(policy, request.assignment)
        if not person.is_instructor:
            require_released(policy, entry, now, status=403)
        try:
            with self._database.write() as session:
                # a person's draws come one after another
                session.execute(_TURN, {"person": person.id})
                own = due_dates_of(session, person.id)
                if not person.is_instructor:
                    require_not_over(policy, entry, now, own)
                version = _current(session, request)
                _require_free_draw(session, person, policy, now)
                chosen = _chosen(version.definition, request)
                questions, left_out = _open_questions(session, person, policy, request, chosen, now)
                reply = self._draw(session, person, version, questions, now)
                days_late = dates_of(policy, entry, own).days_late(now)
                return reply.model_copy(update={"left_out": left_out, "days_late": days_late})
        except PoolEmpty as empty:
            raise self._alert(person, empty.case_id, now) from None

    def _draw(
        self,
        session: Session,
        person: Person,
        version: PublishedVersion,
        questions: list[str],
        now: datetime,
    ) -> AttemptReply:
        all_cases = published(session).cases(session, version)
        cases = [case for case in all_cases.cases if case.question in questions]
        pools = {case.id: all_cases.pools[case.id] for case in cases}
        drawn = draw(pools, _used(session, person, version, cases))
        mine = {"person": person.id, "of": version.assignment}
        session.execute(_CLOSE, {**mine, "now": now})
        attempt = {
            "id": str(uuid.uuid4()),
            "person_id": person.id,
            "version_id": version.id,
            "assignment": version.assignment,
            "questions": questions,
            "limit_bytes": limit_bytes(all_cases.sizes[one] for one in drawn.items()),
            "drawn_at": now,
            "expires_at": now + timedelta(minutes=self._policies.current.attempt_expiry_minutes),
            "free": False,
        }
        number = session.execute(_INSERT_ATTEMPT, attempt).scalar_one()
        session.execute(_INSERT_DRAWS, [_draw_row(number, person, version, case, drawn) for case in cases])
        return _reply(attempt, version, cases, drawn)

    def _alert(self, person: Person, case_id: int, now: datetime) -> Refused:
        """Tell the instructor that a pool is empty, once, and return what the person is told."""
        with self._database.write() as session:
            case = session.get_one(CaseRow, case_id)
            version = session.get_one(VersionRow, case.version_id)
            name = _name(version.assignment, case)
            alert = (
                AlertRow.case_id == case_id,
                AlertRow.person_id == person.id,
                AlertRow.resolved_at.is_(None),
            )
            if not session.scalar(select(AlertRow.id).where(*alert)):
                more = f"Run `grader publish {version.assignment} --top-up`."
                text = f"{person.email} has had every seed of {name}. {more}"
                session.add(AlertRow(case_id=case_id, person_id=person.id, text=text, raised_at=now))
        said = f"You have had every seed of {name}, and none is ever given twice."
        return Refused(
            409, f"{said} Your instructor has been alerted and can add more; your scores stay as they are."
        )


def _current(session: Session, request: AttemptRequest) -> PublishedVersion:
    """Return the version that the student's cases are from. Raises: Refused when it isn't the current one."""
    name = request.assignment
    version = current_published(session, name)
    if version is None:
        raise Refused(404, f"{name} is not published yet. Ask your instructor when it will be.")
    require_native(version)
    if request.cases_digest == version.cases_digest:
        return version
    query = select(VersionRow.number, VersionRow.cases_digest).where(VersionRow.assignment == name)
    known = {digest: number for number, digest in session.execute(query.order_by(VersionRow.number))}
    found = known.get(request.cases_digest)
    theirs = (
        f"your {name} cases are from version {found}"
        if found
        else f"your {name} cases are of no published version"
    )
    raise Refused(409, f"{theirs}, the course is at {version.number}: run `make update`")


def _chosen(definition: Definition, request: AttemptRequest) -> list[str]:
    known = [question.id for question in definition.questions]
    unknown = sorted(set(request.questions) - set(known))
    if unknown:
        raise Refused(422, f"{definition.id} has no question {unknown[0][:60]!r}. It has {', '.join(known)}.")
    return [name for name in known if not request.questions or name in request.questions]


def _require_free_draw(session: Session, person: Person, policy: Policy, now: datetime) -> None:
    earlier = session.scalars(_DRAWN_SINCE, {"person": person.id, "since": now - HOUR})
    wait = wait_before_draw(earlier, policy.attempts_per_hour, now)
    if wait is not None:
        seconds = max(1, math.ceil(wait.total_seconds()))
        minutes = math.ceil(seconds / 60)
        said = f"You have drawn {policy.attempts_per_hour} attempts in an hour, the limit of this course."
        raise Refused(
            429, f"{said} Try again in {minutes} min; local tests are free.", {"Retry-After": str(seconds)}
        )


def _open_questions(
    session: Session,
    person: Person,
    policy: Policy,
    request: AttemptRequest,
    chosen: list[str],
    now: datetime,
) -> tuple[list[str], dict[str, str]]:
    """Return the questions to draw, and why each of the others is not.

    Raises: Refused when such a one was asked for by name, or when no other is left.
    """
    given = caught_up(session, person.id)
    taken = [name for name in chosen if (request.assignment, name) in given]
    waits = _waits(session, person, policy, request.assignment, chosen, now)
    reasons = dict.fromkeys(taken, "you caught up on it, and it takes no more attempts")
    often = f"you have drawn it {policy.attempts_per_question_per_hour} times in an hour, this course's limit"
    reasons |= {
        name: f"{often}; try again in {_minutes(wait)} min"
        for name, wait in waits.items()
        if name not in taken
    }
    left = [name for name in chosen if name not in reasons]
    if reasons and (request.questions or not left):
        said = "; ".join(f"{name}: {why}" for name, why in reasons.items())
        if taken:
            raise Refused(409, f"{said}. Name other questions; your scores stay as they are.")
        soonest = max(1, math.ceil(min(waits.values()).total_seconds()))
        raise Refused(429, f"{said}. Local tests are free.", {"Retry-After": str(soonest)})
    return left, reasons


def _waits(
    session: Session, person: Person, policy: Policy, assignment: str, questions: list[str], now: datetime
) -> dict[str, timedelta]:
    if policy.attempts_per_question_per_hour is None:
        return {}
    mine = (AttemptRow.person_id == person.id, AttemptRow.drawn_at > now - HOUR, AttemptRow.free.is_(False))
    query = select(AttemptRow.drawn_at, AttemptRow.questions).where(
        *mine, AttemptRow.assignment == assignment
    )
    earlier = [(at, names) for at, names in session.execute(query)]
    return waits_of_questions(earlier, questions, policy.attempts_per_question_per_hour, now)


def _minutes(wait: timedelta) -> int:
    return math.ceil(wait.total_seconds() / 60)


def _used(
    session: Session, person: Person, version: PublishedVersion, cases: Sequence[PublishedCase]
) -> dict[int, set[int]]:
    """Return the seeds that a person has had of each case, in this version or an earlier one."""
    ids = {_name(version.assignment, case): case.id for case in cases}
    used: dict[int, set[int]] = {case.id: set() for case in cases}
    for name, seed in session.execute(_USED, {"person": person.id, "names": list(ids)}):
        used[ids[name]].add(seed)
    return used


def _name(assignment: str, case: PublishedCase | CaseRow) -> str:
    return f"{assignment}/{case.question}/{case.name}"


def _draw_row(
    number: int, person: Person, version: PublishedVersion, case: PublishedCase, drawn: Mapping[int, int]
) -> dict[str, object]:
    return {
        "attempt_number": number,
        "case_id": case.id,
        "person_id": person.id,
        "case_name": _name(version.assignment, case),
        "seed": drawn[case.id],
    }


def _reply(
    attempt: Mapping[str, Any],
    version: PublishedVersion,
    cases: Sequence[PublishedCase],
    drawn: Mapping[int, int],
) -> AttemptReply:
    seeds: dict[str, dict[str, int]] = {}
    for case in cases:
        seeds.setdefault(case.question, {})[case.name] = drawn[case.id]
    return AttemptReply(
        id=attempt["id"],
        assignment=version.assignment,
        version=version.number,
        seeds=seeds,
        expires_at=attempt["expires_at"],
        limit_bytes=attempt["limit_bytes"],
    )
