"""Solutions for those who go on without having solved a question: after everybody's cut-off, and recorded."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.assignment import Definition
from grader.course.policy import Policy
from grader.course.solution import Solution
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.messages.catch_up import CatchUpOffer, CatchUpQuestion, CatchUpReply, CatchUpRequest
from grader.server.refusals import Refused
from grader.server.rules.schedule import entry_of, last_cut_off, said_in
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.records import caught_up, current_version, definition_of, records_of
from grader.server.store.tables.attempts import AttemptRow
from grader.server.store.tables.course import CatchUpRow, ExtensionRow, SolutionRow, VersionRow
from grader.server.store.tables.people import PersonRow


class CatchingUp:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._clock = settings.clock
        self._database = database
        self._policies = policies

    def offer(self, person: Person, assignment: str) -> CatchUpOffer:
        """Say of which questions a person could be given the solution now. Raises: Refused."""
        with self._database.read() as session:
            version = self._open(session, assignment)
            solved, taken = _solved(session, person, assignment), caught_up(session, person.id)
            questions = [
                CatchUpQuestion(
                    id=one.id,
                    title=one.title,
                    solved=one.id in solved,
                    taken=(assignment, one.id) in taken,
                )
                for one in definition_of(version).questions
            ]
        return CatchUpOffer(assignment=assignment, version=version.number, questions=questions)

    def take(self, person: Person, assignment: str, request: CatchUpRequest) -> CatchUpReply:
        """Give solutions out and record to whom: these questions take no more attempts. Raises: Refused."""
        now = self._clock()
        with self._database.write() as session:
            session.get(PersonRow, person.id, with_for_update=True)
            version = self._open(session, assignment)
            solved = _solved(session, person, assignment)
            questions = _wanted(definition_of(version), request.questions, solved)
            query = select(SolutionRow.question, SolutionRow.content).where(
                SolutionRow.version_id == version.id, SolutionRow.question.in_(questions)
            )
            found = {row.question: row.content for row in session.execute(query)}
            taken = caught_up(session, person.id)
            fresh = [one for one in questions if (assignment, one) not in taken]
            for question in fresh:
                session.add(CatchUpRow(person_id=person.id, assignment=assignment, question=question, at=now))
            if fresh:
                record(
                    session,
                    now,
                    person,
                    "catch_up",
                    person_id=person.id,
                    assignment=assignment,
                    questions=fresh,
                )
            solutions = {one: Solution.model_validate(found[one]) for one in questions}
            return CatchUpReply(assignment=assignment, version=version.number, solutions=solutions)

    def _open(self, session: Session, assignment: str) -> VersionRow:
        """Return the version whose solutions are given out. Raises: Refused while there are none."""
        policy, now = self._policies.current, self._clock()
        until = _closed_until(session, policy, assignment, now)
        if until is None:
            said = f"{assignment} has no due date, so its solutions are never given out"
            raise Refused(403, f"{said}. Expected a course with dates; ask your instructor for help instead.")
        if now <= until:
            said = f"The solutions of {assignment} stay closed until everybody's work is in"
            raise Refused(403, f"{said}, on {said_in(policy, until)}. Come back after that.")
        return _with_solutions(session, assignment)


def is_given_out(session: Session, policy: Policy, assignment: str, now: datetime) -> bool:
    """Tell whether solutions of a published assignment can be had now."""
    until = _closed_until(session, policy, assignment, now)
    version = current_version(session, assignment)
    return until is not None and now > until and version is not None and _has_solutions(session, version)


def _closed_until(session: Session, policy: Policy, assignment: str, now: datetime) -> datetime | None:
    """Return the latest cut-off of anyone, or when the last attempt that may still be answered expires."""
    entry = entry_of(policy, assignment)
    here = (PersonRow.left_at.is_(None), PersonRow.role == "student")
    extensions = select(ExtensionRow.due).join(PersonRow, PersonRow.id == ExtensionRow.person_id)
    due = session.scalars(extensions.where(ExtensionRow.assignment == assignment, *here))
    cut_off = last_cut_off(policy, entry, due)
    if cut_off is None or now <= cut_off:
        return cut_off
    waiting = (AttemptRow.answered_at.is_(None), AttemptRow.closed_at.is_(None), AttemptRow.expires_at > now)
    last = select(func.max(AttemptRow.expires_at)).join(PersonRow, PersonRow.id == AttemptRow.person_id)
    expires = session.scalar(last.where(AttemptRow.assignment == assignment, *waiting, *here))
    return max(cut_off, expires) if expires else cut_off


def _with_solutions(session: Session, assignment: str) -> VersionRow:
    version = current_version(session, assignment)
    if version is None:
        raise Refused(404, f"{assignment} is not published yet. Ask your instructor when it will be.")
    if not _has_solutions(session, version):
        said = f"{assignment} was published without its solutions"
        raise Refused(404, f"{said}. Ask your instructor to run: grader publish {assignment}")
    return version


def _has_solutions(session: Session, version: VersionRow) -> bool:
    return bool(session.scalar(select(func.count()).where(SolutionRow.version_id == version.id)))


def _solved(session: Session, person: Person, assignment: str) -> set[str]:
    """Return the questions that a person has solved, late or not."""
    mine = [one for one in records_of(session, person.id) if one.assignment == assignment]
    return {one.question for one in mine if one.tally.full}


def _wanted(definition: Definition, named: list[str], solved: set[str]) -> list[str]:
    """Return the questions asked for: all that are not solved, where none is named. Raises: Refused."""
    known = [one.id for one in definition.questions]
    unknown = [name for name in named if name not in known]
    if unknown:
        raise Refused(422, f"{definition.id} has no question {unknown[0][:60]!r}. It has {', '.join(known)}.")
    already = [name for name in named if name in solved]
    if already:
        said = f"You have solved {', '.join(already)} yourself"
        raise Refused(409, f"{said}: there is nothing to catch up on. Name other questions.")
    return [name for name in known if name not in solved and (not named or name in named)]
