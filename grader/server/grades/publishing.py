"""Store a publication: a new version, more seeds for the current one, or its corrected release."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from grader.course.policy import Entry
from grader.server.access.audit import record
from grader.server.access.people import Person
from grader.server.grades.policies import Policies
from grader.server.messages.publishing import Collision, Published
from grader.server.refusals import Refused
from grader.server.rules.drawing import chance_of_shared_seed
from grader.server.rules.publication import Publication, read_publication
from grader.server.rules.schedule import entry_of
from grader.server.settings import Settings
from grader.server.store.database import Database
from grader.server.store.files import Files
from grader.server.store.records import current_version
from grader.server.store.tables.attempts import AlertRow
from grader.server.store.tables.course import CaseRow, ExpectedRow, SolutionRow, VersionRow
from grader.server.store.tables.people import PersonRow

_ROWS_AT_ONCE = 500


class Publishing:
    def __init__(self, settings: Settings, database: Database, files: Files, policies: Policies):
        self._policies = policies
        self._clock = settings.clock
        self._database = database
        self._files = files

    def publish(self, actor: Person, assignment: str, body: bytes) -> Published:
        """Store a publication whole or not at all. Raises: Refused, WireError, CourseError."""
        entry = self._entry(assignment)
        publication = read_publication(body, assignment)
        release = self._files.put(publication.release) if publication.release else None
        with self._database.write() as session:
            version = current_version(session, assignment)
            if entry.mugrade is not None or (version is not None and version.protocol != "native"):
                raise _not_native(assignment)
            same = version is not None and version.cases_digest == publication.cases_digest
            if publication.top_up:
                if version is None or not same:
                    raise _no_top_up(assignment, version)
                text = self._top_up(session, version, publication)
            elif version is not None and same:
                said = "The release was replaced; the cases are the same, so the version and its seeds stay"
                text = f"{said}. More seeds: --top-up."
            else:
                version, text = self._new_version(session, version, publication, release), "A new version."
            version.definition = publication.definition.model_dump(mode="json")
            version.release = release or version.release
            _keep_solutions(session, version, publication)
            record(
                session,
                self._clock(),
                actor,
                "publish",
                assignment=assignment,
                version=version.number,
                text=text,
            )
            return _published(session, version, text, created=not same)

    def _entry(self, assignment: str) -> Entry:
        try:
            return entry_of(self._policies.current, assignment)
        except Refused as refused:
            said = "If course.yaml has it, run `grader regrade` first, which brings it here"
            raise Refused(refused.status, f"{refused} {said}.") from None

    def _new_version(
        self, session: Session, before: VersionRow | None, publication: Publication, release: str | None
    ) -> VersionRow:
        assert release is not None  # read_publication asks for one
        version = VersionRow(
            assignment=publication.definition.id,
            number=before.number + 1 if before else 1,
            cases_digest=publication.cases_digest,
            definition=publication.definition.model_dump(mode="json"),
            reference=publication.reference,
            release=release,
            published_at=self._clock(),
        )
        session.add(version)
        session.flush()
        for (question, name), rules in publication.cases.items():
            case = CaseRow(version_id=version.id, question=question, name=name, rules=rules)
            session.add(case)
            session.flush()
            _add(session, case, publication.expected[question, name])
        return version

    def _top_up(self, session: Session, version: VersionRow, publication: Publication) -> str:
        """Add the seeds that are not there yet, so that sending them again changes nothing."""
        added = 0
        for case in _cases(session, version):
            said = publication.expected[case.question, case.name]
            there = set(session.scalars(select(ExpectedRow.seed).where(ExpectedRow.case_id == case.id)))
            fresh = {seed: blob for seed, blob in said.items() if seed not in there}
            _add(session, case, fresh)
            added += len(fresh)
            if fresh:
                alerts = update(AlertRow).where(AlertRow.case_id == case.id, AlertRow.resolved_at.is_(None))
                session.execute(alerts.values(resolved_at=self._clock()))
        mine = update(VersionRow).where(VersionRow.id == version.id)
        session.execute(mine.values(edition=VersionRow.edition + 1))  # processes that keep it look again
        return f"{added} seeds were added to version {version.number}."


def _add(session: Session, case: CaseRow, expected: dict[int, bytes]) -> None:
    rows = [
        {"case_id": case.id, "seed": seed, "size": len(blob), "blob": blob} for seed, blob in expected.items()
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        session.execute(insert(ExpectedRow), rows[start : start + _ROWS_AT_ONCE])


def _keep_solutions(session: Session, version: VersionRow, publication: Publication) -> None:
    if publication.solutions:
        session.execute(delete(SolutionRow).where(SolutionRow.version_id == version.id))
        rows = [
            {"version_id": version.id, "question": question, "content": content}
            for question, content in publication.solutions.items()
        ]
        session.execute(insert(SolutionRow), rows)


def _cases(session: Session, version: VersionRow) -> Sequence[CaseRow]:
    return session.scalars(select(CaseRow).where(CaseRow.version_id == version.id).order_by(CaseRow.id)).all()


def _not_native(assignment: str) -> Refused:
    said = f"{assignment} is published over the mugrade protocol, as course.yaml or its versions say"
    return Refused(409, f"{said}. An assignment is published either way, never both. Nothing was stored.")


def _no_top_up(assignment: str, version: VersionRow | None) -> Refused:
    if version is None:
        return Refused(
            409, f"{assignment} is not published yet. Run `grader publish {assignment}` without --top-up."
        )
    said = f"These cases are not those of version {version.number} of {assignment}, so no seed was added"
    return Refused(409, f"{said}. Run `grader publish {assignment}` without --top-up for a new version.")


def _published(session: Session, version: VersionRow, text: str, created: bool) -> Published:
    session.flush()
    seeds: dict[str, dict[str, int]] = {}
    for case in _cases(session, version):
        count = select(func.count()).select_from(ExpectedRow).where(ExpectedRow.case_id == case.id)
        seeds.setdefault(case.question, {})[case.name] = session.scalar(count) or 0
    people = session.scalar(select(func.count(PersonRow.id)).where(PersonRow.role == "student")) or 0
    pool = min(count for counts in seeds.values() for count in counts.values())
    collision = Collision(
        people=people,
        pool=pool,
        any_two=chance_of_shared_seed(pool, people),
        given_two=chance_of_shared_seed(pool, 2),
    )
    name = version.assignment
    return Published(
        assignment=name, version=version.number, created=created, text=text, seeds=seeds, collision=collision
    )
