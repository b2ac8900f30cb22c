"""What a course.yaml may say: the order, the dates and the policy."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.policy import Course, Entry, Policy
from grader.course.yamlfile import read_yaml
from grader.errors import CourseError

HEAD = "id: needle\ntitle: A course\ntime_zone: America/New_York\nassignments:\n"
ASSIGNMENT = """id: {id}
title: T
adds: [lab/{id}.py]
questions:
- {{id: only, title: T, points: 100, implement: [lab.{id}.f]}}
"""


def policy(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "course.yaml"
    path.write_text(text)
    return read_yaml(path, Policy)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(CourseError) as caught:
        policy(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/", "")


def course(root: Path, *names: str) -> Course:
    for name in names:
        folder = root / "assignments" / name
        for sub in ("tests", "cases"):
            (folder / sub).mkdir(parents=True)
        (folder / "tests" / "test_only.py").write_text("")
        (folder / "cases" / "only.py").write_text("")
        (folder / "assignment.yaml").write_text(ASSIGNMENT.format(id=name))
    (root / "course.yaml").write_text(HEAD + "".join(f"- id: {name}\n" for name in names))
    return Course(root)


@pytest.mark.parametrize("said", ["2026-03-01 23:59", "2026-03-01 23:59:00", "2026-03-01T23:59"])
def test_a_date_without_an_offset_is_in_the_courses_zone(tmp_path: Path, said: str) -> None:
    read = policy(tmp_path, f"{HEAD}- id: hw0\n  due: {said}\n")
    assert read.due_of(read.assignments[0]) == datetime(2026, 3, 2, 4, 59, tzinfo=timezone.utc)


def test_the_courses_zone_knows_summer_time(tmp_path: Path) -> None:
    read = policy(tmp_path, f"{HEAD}- id: hw0\n  due: 2026-07-01 23:59\n")
    assert read.due_of(read.assignments[0]) == datetime(2026, 7, 2, 3, 59, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "said", ["2026-03-01 23:59:00 +02:00", "2026-03-01T23:59+02:00", "2026-03-01T21:59:00Z"]
)
def test_a_date_with_an_offset_keeps_it(tmp_path: Path, said: str) -> None:
    read = policy(tmp_path, f"{HEAD}- id: hw0\n  due: {said}\n")
    assert read.due_of(read.assignments[0]) == datetime(2026, 3, 1, 21, 59, tzinfo=timezone.utc)


def test_no_date_means_open_and_never_due(tmp_path: Path) -> None:
    read = policy(tmp_path, f"{HEAD}- id: hw0\n")
    assert (read.release_of(read.assignments[0]), read.due_of(read.assignments[0])) == (None, None)


@pytest.mark.parametrize(
    "said", ["2026-03-01", "20260301", "'20260301'", "soon", "1.5", "true", "2026-02-30 10:00"]
)
def test_a_date_without_an_hour_or_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    text = refusal(tmp_path, f"{HEAD}- id: hw0\n  due: {said}\n")
    assert text.startswith("course.yaml:6: assignments[0].due: found ")
    assert "Expected a day and a time, such as 2026-10-01 23:59" in text


def test_a_due_date_before_the_release_is_refused_across_offsets(tmp_path: Path) -> None:
    dates = "  release: 2026-03-01 12:00\n  due: 2026-03-01 18:00:00 +02:00\n"
    said = refusal(tmp_path, f"{HEAD}- id: hw0\n{dates}")
    assert said.startswith("course.yaml:7: assignments[0].due: 2026-03-01 18:00:00+02:00 is not after")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "''", "../UTC", "America", "/etc/passwd"])
def test_an_unknown_time_zone_is_refused_with_an_example(tmp_path: Path, zone: str) -> None:
    said = refusal(tmp_path, f"id: a\ntitle: t\ntime_zone: {zone}\nassignments: [{{id: hw0}}]\n")
    assert said.startswith("course.yaml:3: time_zone: found ")
    assert "such as Europe/Berlin" in said


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weight", "-1"), ("weight", "heavy"), ("weight", ".inf"), ("weight", ".nan"), ("weight", "'1'"),
        ("id", "HW0"), ("id", "3"),
    ],
)  # fmt: skip
def test_an_entry_of_wrong_values_is_refused_at_its_line(tmp_path: Path, field: str, value: str) -> None:
    entry = {"id": "hw0", "weight": "1"} | {field: value}
    text = HEAD + f"- id: {entry['id']}\n  weight: {entry['weight']}\n"
    at = 5 if field == "id" else 6
    assert refusal(tmp_path, text).startswith(f"course.yaml:{at}: assignments[0].{field}: found ")


@pytest.mark.parametrize(
    "line",
    [
        "attempts_per_hour: 0", "attempts_per_hour: many", "attempt_expiry_minutes: 1.5", "counts: worst",
        "late: {slip_days: -1}", "late: {penalty_per_day: 1.5}", "late: 7", "certificate: {threshold: 80}",
        "certificate: {project_required: 1}",
    ],
)  # fmt: skip
def test_a_policy_out_of_bounds_is_refused_at_its_line(tmp_path: Path, line: str) -> None:
    assert refusal(tmp_path, f"{HEAD}- id: hw0\n{line}\n").startswith("course.yaml:6: ")


@pytest.mark.parametrize("line", ["slip_days: 3", "penalty_per_day: 0.1"])
def test_a_late_policy_that_nothing_could_follow_is_refused_with_what_there_is(
    tmp_path: Path, line: str
) -> None:
    said = refusal(tmp_path, f"{HEAD}- id: hw0\nlate:\n  cut_off_days: 0\n  {line}\n")
    assert said.startswith(f"course.yaml:8: late.{line.partition(':')[0]}: it is never used")
    assert "Expected 0, or cut_off_days of 1 or more." in said
    late = policy(tmp_path, f"{HEAD}- id: hw0\nlate:\n  cut_off_days: 2\n  {line}\n").late
    assert (late.slip_days, late.penalty_per_day) in ((3, 0), (0, 0.1))


@pytest.mark.parametrize("lines", ["", "certificate: {threshold: 0.5}\n", "project: null\n"])
def test_a_course_without_a_project_asks_for_none(tmp_path: Path, lines: str) -> None:
    found = policy(tmp_path, f"{HEAD}- id: hw0\n{lines}")
    assert found.certificate.project_required is False
    assert policy(tmp_path, f"{HEAD}- id: hw0\nproject: {{}}\n").certificate.project_required is True


def test_a_certificate_that_asks_for_a_project_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, f"{HEAD}- id: hw0\ncertificate:\n  project_required: true\n")
    assert said == (
        "course.yaml:7: certificate.project_required: the course has no project, so nobody could earn a "
        "certificate. Expected false, or the field project."
    )


@pytest.mark.parametrize(
    ("dates", "line", "said"),
    [
        (("2026-03-01", "2026-02-01", "2026-04-01"), 8, "project.proposal_due: 2026-02-01 12:00:00"),
        (("2026-03-01", "2026-04-01", "2026-04-01"), 9, "project.due: 2026-04-01 12:00:00"),
        (("2026-03-01", None, "2026-02-01"), 8, "project.due: 2026-02-01 12:00:00"),
        ((None, "2026-03-01", "2026-02-01"), 8, "project.due: 2026-02-01 12:00:00"),
    ],
)
def test_dates_of_the_project_that_are_out_of_order_are_refused(
    tmp_path: Path, dates: tuple[str | None, ...], line: int, said: str
) -> None:
    named = zip(("release", "proposal_due", "due"), dates, strict=True)
    lines = "".join(f"  {name}: {day} 12:00\n" for name, day in named if day)
    found = refusal(tmp_path, f"{HEAD}- id: hw0\nproject:\n{lines}")
    assert found.startswith(f"course.yaml:{line}: {said}")
    assert " is not after " in found


def test_a_misspelt_field_deep_inside_is_refused_with_those_allowed(tmp_path: Path) -> None:
    said = refusal(tmp_path, f"{HEAD}- id: hw0\nlate:\n  slip_day: 3\n")
    assert said == (
        "course.yaml:7: late.slip_day: there is no field of this name. "
        "Allowed here: slip_days, penalty_per_day, cut_off_days."
    )


def test_an_assignment_that_stands_twice_is_refused_at_the_second(tmp_path: Path) -> None:
    said = refusal(tmp_path, f"{HEAD}- id: hw0\n- id: hw1\n- id: hw0\n")
    assert said == "course.yaml:7: assignments[2].id: 'hw0' stands twice. Expected one of each."


def test_a_course_without_assignments_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "id: a\ntitle: t\nassignments: []\n").startswith("course.yaml:3: assignments: ")


@settings(derandomize=True, deadline=None, database=None, max_examples=60)
@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_any_date_with_an_offset_is_the_same_moment_in_every_zone(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    entry = Entry(id="hw0", due=aware)
    for zone in ("UTC", "Asia/Tokyo"):
        made = Policy(id="a", title="t", time_zone=zone, assignments=[entry])
        assert made.due_of(entry) == aware
        assert made.due_of(Entry(id="hw0", due=moment)) is not None


def test_a_course_keeps_the_order_and_knows_what_came_before(tmp_path: Path) -> None:
    read = course(tmp_path, "hw1", "hw0", "hw2")
    assert [one.id for one in read.up_to("hw0")] == ["hw1", "hw0"]
    assert read.assignment("hw2").id == "hw2"
    with pytest.raises(CourseError, match=r"there is no assignment 'hw9'\. Expected one of hw1, hw0, hw2"):
        read.assignment("hw9")


def test_a_source_comes_from_the_reference_and_else_from_the_root(tmp_path: Path) -> None:
    read = course(tmp_path, "hw0")
    solved = tmp_path / "reference" / "lab" / "hw0.py"
    assert read.source_of("lab/hw0.py") == tmp_path / "lab" / "hw0.py"
    solved.parent.mkdir(parents=True)
    solved.write_text("")
    assert read.source_of("lab/hw0.py") == solved


def test_an_entry_without_its_folder_is_refused_and_the_file_named(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text(f"{HEAD}- id: hw5\n")
    with pytest.raises(CourseError, match=r"course\.yaml:5: assignments\[0\]\.id: found 'hw5'"):
        Course(tmp_path)
