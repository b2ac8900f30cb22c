"""What was handed in, and what reviewers made of it: read by groups, reviewers and pages."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course.policy import Policy
from grader.course.project import PROJECT, ProjectDefinition
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.messages.project import (
    Checks,
    HandIn,
    ListedTrack,
    MyProject,
    Review,
    ReviewedHandIn,
    ReviewRequest,
    Rubric,
    RubricLine,
)
from grader.server.project.dates import dates_for
from grader.server.project.groups import group_of, shown_group
from grader.server.project.publications import definition_of, published_project
from grader.server.project.standing import accepted, state_of
from grader.server.refusals import Refused
from grader.server.rules.project import project_entry, require_comments, require_open, require_scores
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import PersonRow
from grader.server.store.tables.project import GroupRow, HandInRow, MemberRow, ReviewRow


class Reviews:
    def __init__(self, settings: Settings, database: Database, policy: Callable[[], Policy]):
        self._clock = settings.clock
        self._database = database
        self._policy = policy

    def mine(self, person: Person) -> MyProject:
        """Return the project as a person sees it. Raises: Refused while there is none to see."""
        policy = self._policy()
        entry = project_entry(policy)
        if not person.may("review"):
            require_open(policy, self._clock())
        with self._database.read() as session:
            row = published_project(session)
            definition, group = definition_of(row), group_of(session, person.id)
            dates = dates_for(session, policy, person.id)
            return MyProject(
                title=definition.title,
                digest=row.digest,
                tracks=[ListedTrack(id=one.id, title=one.title) for one in definition.tracks],
                rubric=rubric_of(definition),
                group_size=entry.group_size,
                release=policy.zoned(entry.release),
                proposal_due=dates.proposal_due,
                due=dates.due,
                group=shown_group(session, group) if group else None,
                hand_ins=_hand_ins(session, group.id) if group else [],
                accepted=accepted(session, person.id),
            )

    def state(self, person_id: int) -> str:
        """Return in words where a person's project stands."""
        with self._database.read() as session:
            return state_of(session, person_id)

    def all(self) -> list[HandIn]:
        """Return every group's hand-ins, newest first."""
        with self._database.read() as session:
            return _hand_ins(session)

    def one(self, person: Person, number: int) -> ReviewedHandIn:
        """Return a hand-in with all that is known of it. Raises: Refused for another group's."""
        with self._database.read() as session:
            row = require_hand_in(session, person, number)
            found = _hand_ins(session, row.group_id)
            return ReviewedHandIn(
                hand_in=next(one for one in found if one.id == number),
                rubric=rubric_of(definition_of(published_project(session))),
                reviews=_reviews(session, [number])[number],
                others=[one for one in found if one.id != number],
            )

    def review(self, person: Person, number: int, request: ReviewRequest) -> ReviewedHandIn:
        """Add a review, which counts from now on. Raises: Refused for points that the rubric doesn't know."""
        with self._database.write() as session:
            row = require_hand_in(session, person, number)
            definition = definition_of(published_project(session))
            if row.kind == "project":
                require_scores(definition, request.points)
            elif request.points:
                raise Refused(422, "points: this is a proposal, which earns none. Expected an empty object.")
            require_comments(definition, request.comments)
            if group_of(session, person.id) == session.get_one(GroupRow, row.group_id):
                raise Refused(403, "This is your own group's project. Another reviewer has to look at it.")
            session.add(
                ReviewRow(
                    hand_in_id=number,
                    reviewer_id=person.id,
                    points=request.points,
                    comments={name: text for name, text in request.comments.items() if text.strip()},
                    accepted=request.accepted,
                    at=self._clock(),
                )
            )
            said = {"hand_in": number, "points": request.points, "accepted": request.accepted}
            for member in _members(session, row.group_id):
                record(session, self._clock(), person, "review", person_id=member, assignment=PROJECT, **said)
        return self.one(person, number)

    def repeat(self, person: Person, number: int, checks: Checks) -> ReviewedHandIn:
        """Store what the checks found on the instructor's machine."""
        with self._database.write() as session:
            row = require_hand_in(session, person, number)
            if row.kind != "project":
                raise Refused(409, "This is a proposal, on which no checks are run.")
            row.repeated, row.repeated_at = checks.model_dump(), self._clock()
            record(
                session, self._clock(), person, "repeat checks", assignment=PROJECT, hand_in=number,
                passed=checks.passed,
            )  # fmt: skip
        return self.one(person, number)


def rubric_of(definition: ProjectDefinition) -> Rubric:
    criteria = [RubricLine(**criterion.model_dump()) for criterion in definition.rubric]
    return Rubric(criteria=criteria, accept_at=definition.accept_at)


def require_hand_in(session: Session, person: Person, number: int) -> HandInRow:
    """Return a hand-in of the person's group, or for a reviewer any. Raises: Refused."""
    row = session.get(HandInRow, number) if 0 < number < 2**31 else None
    own = group_of(session, person.id)
    if row is None or not (person.may("review") or (own and own.id == row.group_id)):
        if person.may("review"):
            raise Refused(404, f"There is no hand-in {number}. `grader project list` shows those there are.")
        raise Refused(404, "There is no such hand-in of your group. `grader project status` lists them.")
    return row


def shown_hand_in(session: Session, row: HandInRow) -> HandIn:
    return next(one for one in _hand_ins(session, row.group_id) if one.id == row.id)


def _hand_ins(session: Session, group_id: int | None = None) -> list[HandIn]:
    """Return the hand-ins of a group, or of all, newest first, in four queries however many there are."""
    query = (
        select(HandInRow, GroupRow.name, PersonRow.name)
        .join(GroupRow, GroupRow.id == HandInRow.group_id)
        .join(PersonRow, PersonRow.id == HandInRow.person_id)
        .order_by(HandInRow.id.desc())
    )
    if group_id is not None:
        query = query.where(HandInRow.group_id == group_id)
    found = session.execute(query).all()
    people = select(MemberRow.group_id, PersonRow.name).join(PersonRow, PersonRow.id == MemberRow.person_id)
    members: dict[int, list[str]] = defaultdict(list)
    for group, name in session.execute(people.order_by(MemberRow.joined_at, PersonRow.id)):
        members[group].append(name)
    reviews = _reviews(session, [row.id for row, _, _ in found])
    return [_shown(row, group, by, members[row.group_id], reviews[row.id]) for row, group, by in found]


def _reviews(session: Session, hand_ins: Iterable[int]) -> dict[int, list[Review]]:
    """Return the reviews of each hand-in, newest first."""
    query = (
        select(ReviewRow, PersonRow.name)
        .join(PersonRow, PersonRow.id == ReviewRow.reviewer_id)
        .where(ReviewRow.hand_in_id.in_(list(hand_ins)))
        .order_by(ReviewRow.id.desc())
    )
    reviews: dict[int, list[Review]] = defaultdict(list)
    for row, name in session.execute(query):
        reviews[row.hand_in_id].append(
            Review(
                reviewer=name,
                at=row.at,
                points=row.points,
                comments=row.comments,
                total=round(sum(row.points.values()), 2),
                accepted=row.accepted,
            )
        )
    return reviews


def _shown(row: HandInRow, group: str, by: str, members: list[str], reviews: list[Review]) -> HandIn:
    return HandIn(
        id=row.id,
        kind="proposal" if row.kind == "proposal" else "project",
        group=group,
        members=members,
        track=row.track,
        by=by,
        at=row.at,
        size=row.size,
        file=row.file,
        checks=Checks.model_validate(row.checks),
        repeated=Checks.model_validate(row.repeated) if row.repeated else None,
        repeated_at=row.repeated_at,
        review=reviews[0] if reviews else None,
    )


def _members(session: Session, group_id: int) -> list[int]:
    return list(session.scalars(select(MemberRow.person_id).where(MemberRow.group_id == group_id)))
