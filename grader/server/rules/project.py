"""The project as it comes over the wire, its dates and its rubric. Pure functions."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from grader.course.policy import Entry, Policy, ProjectEntry
from grader.course.project import OWN_TRACK, PROJECT, ProjectDefinition
from grader.course.yamlfile import field_name
from grader.errors import CourseError, WireError
from grader.grading.wire import Blob
from grader.server.messages.project import Checks, Kind
from grader.server.refusals import Refused
from grader.server.rules.schedule import said

LARGEST = 20 * 2**20  # bytes of what is handed in
_PROPOSAL_LARGEST = 256 * 1024


@dataclass(frozen=True)
class ProjectPublication:
    definition: ProjectDefinition
    digest: str
    release: bytes


@dataclass(frozen=True)
class Sent:
    """What a group hands in: a proposal's text, or an archive."""

    kind: Kind
    track: str
    file: bytes
    checks: Checks


@dataclass(frozen=True)
class ProjectDates:
    """Until when a group may hand in."""

    proposal_due: datetime | None
    due: datetime | None


def read_project_publication(body: bytes) -> ProjectPublication:
    """Check a publication. Raises: WireError, CourseError."""
    blob = Blob(body)
    digest = blob.description.get("digest")
    if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
        raise WireError("publication: digest: expected 64 hexadecimal digits.")
    return ProjectPublication(_definition(blob.description.get("definition")), digest, _file(blob, "release"))


def _definition(content: object) -> ProjectDefinition:
    try:
        definition = ProjectDefinition.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise CourseError(f"definition: {field_name(first['loc'])}: {first['msg']}.") from None
    for at, problem in definition.problems():
        raise CourseError(f"definition: {field_name(at)}: {problem}")
    return definition


def read_hand_in(body: bytes, definition: ProjectDefinition) -> Sent:
    """Check what a group sends. Raises: WireError, naming the first thing that is wrong."""
    blob = Blob(body)
    kind, track = blob.description.get("kind"), blob.description.get("track")
    known = [OWN_TRACK, *(one.id for one in definition.tracks)]
    if kind not in ("proposal", "project"):
        raise WireError("hand-in: kind: expected proposal or project.")
    if track not in known:
        raise WireError(f"hand-in: track: found {str(track)[:60]!r}. Expected one of {', '.join(known)}.")
    try:
        checks = Checks.model_validate(blob.description.get("checks"))
    except ValidationError as error:
        first = error.errors()[0]
        raise WireError(f"hand-in: checks: {field_name(first['loc'])}: {first['msg']}.") from None
    file = _file(blob, "file")
    if kind == "proposal":
        _require_text(file)
    return Sent(kind, track, file, checks)


def _require_text(file: bytes) -> None:
    try:
        file.decode()
    except UnicodeDecodeError:
        raise WireError("hand-in: the proposal is not UTF-8 text. Save it as such.") from None
    if len(file) > _PROPOSAL_LARGEST:
        raise WireError(f"hand-in: the proposal has {len(file)} bytes. Expected {_PROPOSAL_LARGEST} at most.")


def _file(blob: Blob, name: str) -> bytes:
    if blob.keys() != {name}:
        raise WireError(f"blob: found {len(blob)} arrays. Expected one, {name}.")
    entry = blob.entries[name]
    if entry.dtype != "uint8" or len(entry.shape) != 1 or entry.shape[0] == 0:
        raise WireError(f"blob: {name}: expected a file's bytes.")
    return blob[name].tobytes()


def project_entry(policy: Policy) -> ProjectEntry:
    """Return the project's place in the course. Raises: Refused in a course without one."""
    if policy.project is None:
        raise Refused(404, "This course has no final project: its course.yaml has no field project.")
    return policy.project


def require_open(policy: Policy, now: datetime) -> None:
    """Raises: Refused before the project's release."""
    release = policy.zoned(project_entry(policy).release)
    if release is not None and now < release:
        raise Refused(404, f"The project is released on {said(release)}. Come back then.")


def as_entry(policy: Policy) -> Entry:
    """Return the project as an extension sees it: one date, the last, with which the others move."""
    entry = project_entry(policy)
    return Entry(id=PROJECT, release=entry.release, due=entry.due or entry.proposal_due)


def project_dates(policy: Policy, own: datetime | None) -> ProjectDates:
    """Return the dates of somebody whose last one is `own`; the proposal's moves by as many days."""
    entry, last = project_entry(policy), policy.due_of(as_entry(policy))
    proposal, due = policy.zoned(entry.proposal_due), policy.zoned(entry.due)
    if own is None or last is None or own <= last:
        return ProjectDates(proposal, due)
    zone = ZoneInfo(policy.time_zone)
    later = own.astimezone(zone) - last.astimezone(zone)  # by the clock on the wall, also in summer
    return ProjectDates(*(date and date.astimezone(zone) + later for date in (proposal, due)))


def require_in_time(dates: ProjectDates, kind: Kind, now: datetime) -> None:
    """Raises: Refused after the due date of a proposal, or of the project."""
    due = dates.proposal_due if kind == "proposal" else dates.due
    if due is not None and now > due:
        raise Refused(
            403,
            f"The {kind} was due on {said(due)}. Nothing was handed in; ask your instructor for more time.",
        )


def require_scores(definition: ProjectDefinition, points: Mapping[str, float]) -> None:
    """Raises: Refused unless there are points for each criterion of the rubric, and not too many."""
    most = {criterion.id: criterion.points for criterion in definition.rubric}
    if points.keys() != most.keys():
        odd = sorted(points.keys() ^ most.keys())[0]
        raise Refused(422, f"points: {odd[:60]!r} is missing or unknown. Expected {', '.join(most)}.")
    for name, given in points.items():
        if not math.isfinite(given) or not 0 <= given <= most[name]:
            raise Refused(422, f"points: {name}: found {given:g}. Expected 0 to {most[name]:g}.")


def require_comments(definition: ProjectDefinition, comments: Mapping[str, str]) -> None:
    """Raises: Refused for a comment on something that is not in the rubric."""
    known = {"", *(criterion.id for criterion in definition.rubric)}
    for name in comments.keys() - known:
        raise Refused(422, f"comments: {name[:60]!r} is no criterion. Expected one of {', '.join(known)}.")
