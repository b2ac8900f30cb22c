"""The leaderboard: figures of speed that earn no points, shown of those who chose a pseudonym."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.messages.leaderboard import Place, Ranked, Ranking, SpeedFigure, SpeedRequest
from grader.server.refusals import Refused
from grader.server.rules.schedule import entry_of
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.tables.attempts import SpeedRow
from grader.server.store.tables.people import PersonRow


class Leaderboard:
    def __init__(self, settings: Settings, database: Database, policies: Policies):
        self._clock = settings.clock
        self._database = database
        self._policies = policies

    def place(self, person: Person) -> Place:
        """Return under which name a person is shown."""
        with self._database.read() as session:
            return Place(pseudonym=session.get_one(PersonRow, person.id).pseudonym)

    def choose(self, person: Person, pseudonym: str | None) -> Place:
        """Show a person's figures under a name, or to nobody. Raises: Refused when another has the name."""
        with self._database.write() as session:
            if pseudonym is not None:
                _require_free(session, person, pseudonym)
            session.get_one(PersonRow, person.id).pseudonym = pseudonym
        return Place(pseudonym=pseudonym)

    def send(self, person: Person, request: SpeedRequest) -> Place:
        """Keep a person's figures of an assignment, in place of those sent before. Raises: Refused."""
        entry_of(self._policies.current, request.assignment)
        if len({one.name for one in request.figures}) < len(request.figures):
            raise Refused(422, "A figure stands twice. Expected one of each; nothing was stored.")
        with self._database.write() as session:
            row = session.get_one(PersonRow, person.id, with_for_update=True)
            for figure in request.figures:
                session.merge(self._row(person, request, figure))
            return Place(pseudonym=row.pseudonym)

    def _row(self, person: Person, request: SpeedRequest, figure: SpeedFigure) -> SpeedRow:
        return SpeedRow(
            person_id=person.id,
            assignment=request.assignment,
            name=figure.name,
            value=figure.value,
            unit=figure.unit,
            machine=request.machine,
            at=self._clock(),
        )

    def rankings(self, person: Person) -> list[Ranking]:
        """Return every figure that somebody shows, each with its people, the fastest first."""
        query = (
            select(SpeedRow, PersonRow.pseudonym)
            .join(PersonRow, PersonRow.id == SpeedRow.person_id)
            .where(PersonRow.pseudonym.is_not(None), PersonRow.left_at.is_(None))
            .order_by(SpeedRow.assignment, SpeedRow.name, SpeedRow.value.desc(), SpeedRow.at)
        )
        rankings: dict[tuple[str, str], Ranking] = {}
        with self._database.read() as session:
            for row, pseudonym in session.execute(query):
                key = (row.assignment, row.name)
                empty = Ranking(assignment=row.assignment, name=row.name, unit=row.unit, places=[])
                ranking = rankings.setdefault(key, empty)
                ranking.places.append(_ranked(len(ranking.places) + 1, row, pseudonym or "", person))
        return list(rankings.values())


def _require_free(session: Session, person: Person, pseudonym: str) -> None:
    same = func.lower(PersonRow.pseudonym) == pseudonym.lower()
    if session.scalar(select(PersonRow.id).where(same, PersonRow.id != person.id)):
        raise Refused(409, "Somebody else is on the leaderboard under this name. Choose another one.")


def _ranked(rank: int, row: SpeedRow, pseudonym: str, person: Person) -> Ranked:
    mine = row.person_id == person.id
    return Ranked(rank=rank, pseudonym=pseudonym, value=row.value, machine=row.machine, at=row.at, mine=mine)
