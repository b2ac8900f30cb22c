"""What people wrote, set as text and never as markup; commands and lengths of time in words."""

from typing import Any

import pytest
import requests
from browsing import INSTRUCTORS, STUDENTS, Browser, student_of
from sqlalchemy import update

from grader.server.store.tables.attempts import SpeedRow
from grader.server.store.tables.people import PersonRow
from grader.server.store.tables.project import GroupRow, ReviewRow
from grader.server.web.wording import coded, duration


def test_what_people_wrote_is_never_taken_for_markup(course: Any, instructor: Browser) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    with course.app.state.services.database.write() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.email == "student001@example.org")
            .values(name=evil, section=evil, pseudonym=evil)
        )
        session.execute(update(GroupRow).where(GroupRow.id == 1).values(name=evil))
        session.execute(update(ReviewRow).where(ReviewRow.hand_in_id == 1).values(comments={"": evil}))
        session.execute(update(SpeedRow).values(machine=evil))
    browser = student_of(course, 1)
    for path in (*INSTRUCTORS, "/people/student001@example.org", "/project", "/project/1", "/leaderboard"):
        _require_harmless(instructor.read(path), path)
    for path in (*STUDENTS, "/project/1"):
        _require_harmless(browser.read(path), path)
    for path in ("/gradebook?section=", "/gradebook?missing=", "/gradebook?sort=", "/roster?section="):
        _require_harmless(instructor.get(path + requests.utils.quote(evil)).text, path)
    _require_harmless(instructor.get("/people/" + requests.utils.quote(evil)).text, "a person")
    _require_harmless(
        instructor.send("/project/3", **{"accepted": "no", "points:question": evil}).text, "a form"
    )


def _require_harmless(page: str, path: str) -> None:
    assert "<script" not in page, path
    assert "<img" not in page, path


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Run `a <b>` now.", "Run <code>a &lt;b&gt;</code> now."),
        ("a ` alone <", "a ` alone &lt;"),
        ("`x` and ` y", "<code>x</code> and ` y"),
    ],
)
def test_a_command_in_a_sentence_is_set_as_code(text: str, page: str) -> None:
    assert coded(text) == page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (30, "less than a minute"), (3599, "59 min"), (3600, "1 h 0 min"), (90_000, "1 day 1 h"),
     (864_000, "10 days"), (-5, "less than a minute")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_its_largest_units(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words
