"""The course: its assignments in order, their weights and dates, and what the certificate asks for."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from grader.course.assignment import Assignment, Identifier, load_assignment
from grader.course.project import PROJECT, Project, load_project
from grader.course.yamlfile import Location, Strict, place, read_yaml
from grader.errors import CourseError

Fraction = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(gt=0, le=100)]
_DAYS = 3650  # the most that any setting may hold, so that no date computed from it lies out of the calendar
_PROJECT_DATES = ("release", "proposal_due", "due")  # in this order
_YEARS = range(1970, 9000)


def _moment(said: object) -> object:
    """Read what YAML takes for text, a date without seconds; a day alone would leave its hour to guess."""
    if isinstance(said, datetime) or said is None:
        return said
    try:
        if isinstance(said, date) or not isinstance(said, str) or len(said) <= len("2026-10-01"):
            raise ValueError
        return datetime.fromisoformat(said.replace("Z", "+00:00"))  # Python 3.10 reads no Z
    except ValueError:
        raise ValueError(
            "Expected a day and a time, such as 2026-10-01 23:59 or 2026-10-01T23:59+02:00"
        ) from None


def _in_calendar(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"Expected a year from {_YEARS.start} to {_YEARS.stop - 1}")
    return moment


Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_in_calendar)]


class Entry(Strict):
    """An assignment's place in the course. A date without an offset is in the course's time zone."""

    id: Identifier
    weight: Annotated[float, Field(ge=0, le=1e6)] = 1.0
    release: Moment | None = None
    due: Moment | None = None
    mugrade: dict[str, Points] | None = None  # published over that protocol: its problems and their points


class ProjectEntry(Strict):
    """The final project's place in the course."""

    release: Moment | None = None
    proposal_due: Moment | None = None
    due: Moment | None = None
    group_size: Annotated[int, Field(ge=1, le=10)] = 3


class LatePolicy(Strict):
    slip_days: Annotated[int, Field(ge=0, le=_DAYS)] = 0  # for the whole course
    penalty_per_day: Fraction = 0.0
    cut_off_days: Annotated[int, Field(ge=0, le=_DAYS)] = 0  # after the due date; 0: nothing is taken late


class CertificatePolicy(Strict):
    threshold: Fraction = 0.8
    project_required: bool = True  # where nothing is said: in a course with a project
    issuer: str = ""  # who certifies; the course's title where it is empty
    self_issued: bool = False  # by the learner's own server: the certificate says so


class Policy(Strict):
    """What course.yaml says."""

    id: Identifier
    title: str
    time_zone: str = "UTC"
    attempts_per_hour: Annotated[int, Field(gt=0)] = 20
    attempts_per_question_per_hour: Annotated[int, Field(gt=0)] | None = None
    requests_per_minute: Annotated[int, Field(gt=0)] = 600  # of a person, and of an address without a key
    attempt_expiry_minutes: Annotated[int, Field(gt=0, le=_DAYS * 1440)] = 120
    counts: Annotated[str, Field(pattern="^(best|last)$")] = "best"
    drop_lowest: Annotated[int, Field(ge=0)] = 0  # homeworks that the average leaves out
    late: LatePolicy = LatePolicy()
    project: ProjectEntry | None = None
    certificate: Annotated[CertificatePolicy, Field(validate_default=True)] = CertificatePolicy()
    assignments: Annotated[list[Entry], Field(min_length=1)]

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("Expected a name of the time-zone database, such as Europe/Berlin") from None
        return name

    @field_validator("certificate")
    @classmethod
    def _without_project(cls, certificate: CertificatePolicy, info: ValidationInfo) -> CertificatePolicy:
        said = "project_required" in certificate.model_fields_set or "project" not in info.data
        if said or info.data["project"] is not None:
            return certificate
        return certificate.model_copy(update={"project_required": False})

    def problems(self) -> Iterator[tuple[Location, str]]:
        for name in ("slip_days", "penalty_per_day"):
            if getattr(self.late, name) and not self.late.cut_off_days:
                said = "it is never used, since cut_off_days is 0 and nothing is taken late"
                yield ("late", name), f"{said}. Expected 0, or cut_off_days of 1 or more."
        seen: set[str] = set()
        for at, entry in enumerate(self.assignments):
            if entry.id in seen:
                yield ("assignments", at, "id"), f"{entry.id!r} stands twice. Expected one of each."
            seen.add(entry.id)
            release, due = self.release_of(entry), self.due_of(entry)
            if release and due and due <= release:
                yield ("assignments", at, "due"), f"{due} is not after the release, {release}."
        yield from self._project_problems()

    def _project_problems(self) -> Iterator[tuple[Location, str]]:
        if self.project is None:
            if self.certificate.project_required:
                said = "the course has no project, so nobody could earn a certificate"
                yield ("certificate", "project_required"), f"{said}. Expected false, or the field project."
            return
        dates = [(name, self.zoned(getattr(self.project, name))) for name in _PROJECT_DATES]
        known = [(name, date) for name, date in dates if date is not None]
        for (before, earlier), (name, later) in pairwise(known):
            if later <= earlier:
                yield ("project", name), f"{later} is not after {before}, {earlier}."

    def release_of(self, entry: Entry) -> datetime | None:
        return self.zoned(entry.release)

    def due_of(self, entry: Entry) -> datetime | None:
        return self.zoned(entry.due)

    def zoned(self, moment: datetime | None) -> datetime | None:
        """Return a moment with an offset: that of the course's time zone where it was given without."""
        if moment is None or moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=ZoneInfo(self.time_zone))


class Course:
    """The instructor's repository: the policy and every assignment, in order."""

    def __init__(self, root: Path):
        self.root = root
        self.policy = read_yaml(root / "course.yaml", Policy)
        self.assignments = [self._load(at, entry.id) for at, entry in enumerate(self.policy.assignments)]
        self.project = self._load_project()

    def _load(self, at: int, name: str) -> Assignment:
        folder = self.root / "assignments" / name
        if not (folder / "assignment.yaml").is_file():
            where = place(self.root / "course.yaml", "assignments", at, "id")
            raise CourseError(f"{where}: found {name!r}. Expected an assignment: {folder}/assignment.yaml.")
        return load_assignment(folder)

    def _load_project(self) -> Project | None:
        folder = self.root / "assignments" / PROJECT
        if self.policy.project is None:
            return None
        if not (folder / "assignment.yaml").is_file():
            where = place(self.root / "course.yaml", "project")
            raise CourseError(f"{where}: there is no {folder}/assignment.yaml. Write it, or drop this field.")
        return load_project(folder)

    def assignment(self, name: str) -> Assignment:
        """Return an assignment by its id. Raises: CourseError, naming those there are."""
        for assignment in self.assignments:
            if assignment.id == name:
                return assignment
        known = ", ".join(assignment.id for assignment in self.assignments)
        raise CourseError(
            f"{self.root / 'course.yaml'}: there is no assignment {name!r}. Expected one of {known}."
        )

    def up_to(self, name: str) -> list[Assignment]:
        """Return the assignments before this one, and it last."""
        last = self.assignments.index(self.assignment(name))
        return self.assignments[: last + 1]

    def source_of(self, path: str) -> Path:
        """Return where the repository keeps the solved file that stands at `path` in a workspace."""
        solved = self.root / "reference" / path
        return solved if solved.is_file() else self.root / path
