"""What a process keeps of published versions: they change seldom, and every draw and answer needs them.

A version's `edition` counts its changes, so one small query tells whether what is kept is still true. What is
expected of a case on a seed never changes.
"""

import threading
from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from grader.course.assignment import Definition
from grader.server.refusals import Refused
from grader.server.rules.judging import Expectation, expectation
from grader.server.store.tables.attempts import DrawRow
from grader.server.store.tables.course import CaseRow, ExpectedRow, VersionRow

_KEPT_BYTES = 32 * 1024**2  # of expected values
Seed = tuple[int, int]  # of a case
# what each draw and answer asks, asks the tables themselves: a session would look at every row
_VERSIONS, _EXPECTED, _DRAWS = VersionRow.__table__.c, ExpectedRow.__table__.c, DrawRow.__table__.c
_CURRENT = (
    select(_VERSIONS.id, _VERSIONS.edition)
    .where(_VERSIONS.assignment == bindparam("assignment"))
    .order_by(_VERSIONS.number.desc())
    .limit(1)
)
_EDITION = select(_VERSIONS.id, _VERSIONS.edition).where(_VERSIONS.id == bindparam("id"))
_VERSION = select(VersionRow).where(VersionRow.id == bindparam("id"))
_CASES = (
    select(CaseRow.id, CaseRow.question, CaseRow.name, CaseRow.rules)
    .where(CaseRow.version_id == bindparam("version"))
    .order_by(CaseRow.id)
)
_SIZES = (
    select(ExpectedRow.case_id, ExpectedRow.seed, ExpectedRow.size)
    .join(CaseRow, CaseRow.id == ExpectedRow.case_id)
    .where(CaseRow.version_id == bindparam("version"))
)
_DRAWN = (
    select(_DRAWS.case_id, _DRAWS.seed)
    .where(_DRAWS.attempt_number == bindparam("number"))
    .order_by(_DRAWS.case_id)
)
_BLOBS = (
    select(_EXPECTED.case_id, _EXPECTED.seed, _EXPECTED.blob)
    .join(DrawRow.__table__, (_EXPECTED.case_id == _DRAWS.case_id) & (_EXPECTED.seed == _DRAWS.seed))
    .where(_DRAWS.attempt_number == bindparam("number"))
)


class PublishedCase(NamedTuple):
    id: int
    question: str
    name: str
    rules: dict[str, Any]


@dataclass(frozen=True)
class PublishedVersion:
    id: int
    edition: int
    assignment: str
    number: int
    cases_digest: str
    definition: Definition
    reference: Mapping[str, Any]
    protocol: str


@dataclass(frozen=True)
class PublishedCases:
    """A version's cases, of each the seeds, and of each seed the size of what is expected."""

    cases: tuple[PublishedCase, ...]
    pools: Mapping[int, Sequence[int]]
    sizes: Mapping[Seed, int]


class Published:
    """One process's memory of versions. Sessions carry it, so that whoever has one can ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: dict[int, PublishedVersion] = {}
        self._cases: dict[int, tuple[int, PublishedCases]] = {}  # with the version's edition
        self._expected: OrderedDict[Seed, tuple[Expectation, int]] = OrderedDict()
        self._bytes = 0

    def version(self, session: Session, found: Any) -> PublishedVersion:
        """Return the version of a row of id and edition."""
        kept = self._versions.get(found.id)
        if kept is None or kept.edition != found.edition:
            kept = _version(session, found.id)
            self._versions[found.id] = kept
        return kept

    def cases(self, session: Session, version: PublishedVersion) -> PublishedCases:
        edition, kept = self._cases.get(version.id, (0, None))
        if kept is None or edition != version.edition:
            kept = _cases(session, version)
            self._cases[version.id] = version.edition, kept
        return kept

    def expectations(
        self, session: Session, version: PublishedVersion, attempt_number: int
    ) -> list[Expectation]:
        """Return what is expected of an attempt, in the cases' order."""
        drawn = session.execute(_DRAWN, {"number": attempt_number})
        at = [(row.case_id, row.seed) for row in drawn]
        with self._lock:
            found = {one: self._expected[one][0] for one in at if one in self._expected}
            for one in found:
                self._expected.move_to_end(one)
        if len(found) < len(at):
            found |= self._read(session, version, attempt_number, found)
        return [found[one] for one in at]

    def _read(
        self, session: Session, version: PublishedVersion, attempt_number: int, known: Container[Seed]
    ) -> dict[Seed, Expectation]:
        cases = {case.id: case for case in self.cases(session, version).cases}
        drawn = session.execute(_BLOBS, {"number": attempt_number}).all()
        rows = [row for row in drawn if (row.case_id, row.seed) not in known]
        found = {
            (row.case_id, row.seed): expectation(
                cases[row.case_id].question, cases[row.case_id].name, cases[row.case_id].rules, row.blob
            )
            for row in rows
        }
        self._keep((one, found[one], len(row.blob)) for one, row in zip(found, rows, strict=True))
        return found

    def _keep(self, fresh: Iterable[tuple[Seed, Expectation, int]]) -> None:
        """Keep expectations, and forget those that nobody needed for longest."""
        with self._lock:
            for at, one, size in fresh:
                if at not in self._expected:
                    self._expected[at] = one, size
                    self._bytes += size
            while self._bytes > _KEPT_BYTES:
                _, (_, size) = self._expected.popitem(last=False)
                self._bytes -= size


def published(session: Session) -> Published:
    kept: Published = session.info["published"]
    return kept


def current_published(session: Session, assignment: str) -> PublishedVersion | None:
    """Return an assignment's current version."""
    found = session.execute(_CURRENT, {"assignment": assignment}).one_or_none()
    return published(session).version(session, found) if found else None


def published_version(session: Session, version_id: int) -> PublishedVersion:
    found = session.execute(_EDITION, {"id": version_id}).one()
    return published(session).version(session, found)


def require_native(version: PublishedVersion) -> None:
    """Raises: Refused for an assignment whose values come over another course's protocol."""
    if version.protocol != "native":
        said = f"{version.assignment} is published over the {version.protocol} protocol, which has no seeds"
        raise Refused(409, f"{said}. Run the tests that came with it: they submit it.")


def _version(session: Session, version_id: int) -> PublishedVersion:
    row = session.scalars(_VERSION, {"id": version_id}).one()
    definition = Definition.model_validate(row.definition)
    named = (row.assignment, row.number, row.cases_digest)
    return PublishedVersion(row.id, row.edition, *named, definition, row.reference, row.protocol)


def _cases(session: Session, version: PublishedVersion) -> PublishedCases:
    cases = tuple(PublishedCase(*row) for row in session.execute(_CASES, {"version": version.id}))
    found = session.execute(_SIZES, {"version": version.id})
    sizes = {(case_id, seed): size for case_id, seed, size in found}
    pools: dict[int, list[int]] = {case.id: [] for case in cases}
    for case_id, seed in sizes:
        pools[case_id].append(seed)
    return PublishedCases(cases, pools, sizes)
