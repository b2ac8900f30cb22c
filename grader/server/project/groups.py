"""Groups: a person founds one or joins one with its code, and leaves it before anything is handed in."""

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.policy import Policy
from grader.course.project import PROJECT
from grader.server.access.audit import record
from grader.server.access.people import Person, person_at
from grader.server.messages.project import Group, GroupRequest, JoinRequest, LeftGroup, MoveRequest
from grader.server.refusals import Refused
from grader.server.rules.project import project_entry, require_open
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.people import PersonRow
from grader.server.store.tables.project import GroupRow, HandInRow, MemberRow


class Groups:
    def __init__(self, settings: Settings, database: Database, policy: Callable[[], Policy]):
        self._clock = settings.clock
        self._database = database
        self._policy = policy

    def found(self, person: Person, request: GroupRequest) -> Group:
        """Make a group with this person in it. Raises: Refused for a name that is taken."""
        require_open(self._policy(), self._clock())
        with self._database.write() as session:
            _require_no_group(session, person)
            row = self._make(session, request.name)
            self._enter(session, person, row)
            return shown_group(session, row)

    def join(self, person: Person, request: JoinRequest) -> Group:
        """Add a person to the group of a code. Raises: Refused when it is full, or has handed in."""
        require_open(self._policy(), self._clock())
        most = project_entry(self._policy()).group_size
        with self._database.write() as session:
            row = session.scalar(select(GroupRow).where(GroupRow.code == request.code))
            if row is None:
                raise Refused(404, "No group has this code. Check your copy, or ask a member of the group.")
            _require_no_group(session, person)
            lock_group(session, row.id)
            if len(members_of(session, row.id)) >= most:
                raise Refused(409, f"The group {row.name} is full. A group has {most} members at most.")
            if _handed_in(session, row.id, "project"):
                said = f"The group {row.name} has handed in its project, and takes no new members."
                raise Refused(409, f"{said} Ask your instructor, who can still put you into it.")
            self._enter(session, person, row)
            return shown_group(session, row)

    def leave(self, person: Person) -> LeftGroup:
        """Take a person out of their group. Raises: Refused once it has handed something in."""
        with self._database.write() as session:
            row = require_group(session, person)
            if _handed_in(session, row.id, "proposal", "project"):
                said = f"The group {row.name} has handed in work with your name on it."
                raise Refused(409, f"{said} Ask your instructor, who can put you into another one.")
            left = LeftGroup(name=row.name)
            _note(session, self._clock(), person, "leave group", row)
            self._take_out(session, person.id, row)
            return left

    def move(self, actor: Person, request: MoveRequest) -> Group:
        """Put a person into another group, or a new one, also after hand-ins: they count by the group.

        Raises: Refused.
        """
        most = project_entry(self._policy()).group_size
        with self._database.write() as session:
            person = person_at(session, request.email)
            old = group_of(session, person.id)
            name = request.group
            row = self._make(session, name) if request.new else _group_named(session, name)
            if old is not None and old.id == row.id:
                raise Refused(409, f"{person.email} is in the group {row.name} already. Nothing was changed.")
            for group_id in sorted(
                {row.id, old.id if old else row.id}
            ):  # in one order, as others wait for it
                lock_group(session, group_id)
            if len(members_of(session, row.id)) >= most:
                said = f"The group {row.name} is full. A group has {most} members at most"
                raise Refused(409, f"{said}: group_size in course.yaml. Nothing was changed.")
            self._take_out(session, person.id, old)
            session.add(MemberRow(person_id=person.id, group_id=row.id, joined_at=self._clock()))
            moved = {"group": row.name, "before": old.name if old else None}
            moved |= {"made": "now"} if request.new else {}
            now = self._clock()
            record(session, now, actor, "move to group", person_id=person.id, assignment=PROJECT, **moved)
            session.flush()
            return shown_group(session, row)

    def seen_of(self, person_id: int) -> tuple[Group | None, list[str]]:
        """Return a person's group, and the names of all that there are."""
        with self._database.read() as session:
            row = group_of(session, person_id)
            return shown_group(session, row) if row else None, _names(session)

    def _make(self, session: Session, name: str) -> GroupRow:
        """Add a group without members. Raises: Refused for a name that is taken."""
        if session.scalar(select(GroupRow.id).where(GroupRow.name == name)):
            raise Refused(409, f"There is a group {name!r} already. Choose another name.")
        row = GroupRow(name=name, code=secrets.token_urlsafe(9), created_at=self._clock())
        session.add(row)
        session.flush()
        return row

    def _take_out(self, session: Session, person_id: int, row: GroupRow | None) -> None:
        """Take a person out of their group, which goes with its last member unless it has handed in."""
        if row is None:
            return
        session.delete(session.get_one(MemberRow, person_id))
        session.flush()
        if not members_of(session, row.id) and not _handed_in(session, row.id, "proposal", "project"):
            session.delete(row)  # nobody could ever enter it again, and its name is free

    def _enter(self, session: Session, person: Person, row: GroupRow) -> None:
        session.add(MemberRow(person_id=person.id, group_id=row.id, joined_at=self._clock()))
        _note(session, self._clock(), person, "enter group", row)
        session.flush()


def require_group(session: Session, person: Person) -> GroupRow:
    """Return a person's group. Raises: Refused, with how to get into one."""
    row = group_of(session, person.id)
    if row is None:
        said = "You are in no group. Everybody works in one, alone too"
        raise Refused(
            409, f"{said}: run `grader project group new NAME`, or `grader project group join CODE`."
        )
    return row


def group_of(session: Session, person_id: int) -> GroupRow | None:
    query = select(GroupRow).join(MemberRow, MemberRow.group_id == GroupRow.id)
    return session.scalar(query.where(MemberRow.person_id == person_id))


def _group_named(session: Session, name: str) -> GroupRow:
    row = session.scalar(select(GroupRow).where(GroupRow.name == name))
    if row is None:
        said = f"There is no group {name!r}. There are: {', '.join(_names(session)) or 'none yet'}"
        raise Refused(404, f"{said}. Expected one of them; to make another, say that it is new (--new).")
    return row


def _names(session: Session) -> list[str]:
    return list(session.scalars(select(GroupRow.name).order_by(GroupRow.name)))


def lock_group(session: Session, group_id: int) -> None:
    """Let nobody else change a group before this transaction ends."""
    session.execute(select(GroupRow.id).where(GroupRow.id == group_id).with_for_update())


def members_of(session: Session, group_id: int) -> list[str]:
    """Return the names of a group's members, in the order in which they came."""
    query = select(PersonRow.name).join(MemberRow, MemberRow.person_id == PersonRow.id)
    query = query.where(MemberRow.group_id == group_id).order_by(MemberRow.joined_at, PersonRow.id)
    return list(session.scalars(query))


def shown_group(session: Session, row: GroupRow) -> Group:
    return Group(name=row.name, code=row.code, members=members_of(session, row.id))


def _require_no_group(session: Session, person: Person) -> None:
    row = group_of(session, person.id)
    if row is not None:
        said = f"You are in the group {row.name} already"
        raise Refused(409, f"{said}. To leave it: `grader project group leave`.")


def _note(session: Session, at: datetime, person: Person, action: str, row: GroupRow) -> None:
    record(session, at, person, action, person_id=person.id, assignment=PROJECT, group=row.name)


def _handed_in(session: Session, group_id: int, *kinds: str) -> bool:
    query = select(func.count(HandInRow.id)).where(HandInRow.group_id == group_id, HandInRow.kind.in_(kinds))
    return bool(session.scalar(query))
