"""Forms on pages: reviews, the roster, extensions, the leaderboard, and none without its session's value."""

import re
from datetime import timedelta
from typing import Any

import pytest
import seeded_class
from browsing import Browser, student_of
from running_server import Person


def test_a_reviewer_fills_the_rubric_in_and_the_group_reads_it(course: Any, instructor: Browser) -> None:
    page = instructor.read("/project/2")
    names = re.findall(r'name="(points:[a-z_]+)"', page)
    wanted = dict.fromkeys(names, "7") | {
        "comment:question": "<b>why</b>",
        "comment": "Good",
        "accepted": "yes",
    }
    sent = instructor.send("/project/2", **wanted)
    assert (sent.status_code, sent.headers["location"]) == (303, "/project/2#review")
    members = student_of(course, 4).read("/project/2")
    assert "&lt;b&gt;why&lt;/b&gt;" in members
    assert f"<b>{7 * len(names)}</b>" in members
    assert "Save the review" not in members
    assert student_of(course, 7).get("/project/2").status_code == 404
    assert "Your project is accepted" in student_of(course, 4).read("/project")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points:question": "many"}, "Expected points as a number"),
        ({"points:question": "nan"}, "Expected points as a number"),
        ({"points:question": "1000"}, "question"),
        ({"accepted": "perhaps"}, "Expected yes or no"),
        ({"comment": "x" * 10_001}, "at most 10,000 characters"),
    ],
)
def test_a_rubric_that_is_not_filled_in_right_is_refused_on_a_page(
    course: Any, instructor: Browser, change: dict[str, str], said: str
) -> None:
    names = re.findall(r'name="(points:[a-z_]+)"', instructor.read("/project/3"))
    sent = instructor.send("/project/3", **(dict.fromkeys(names, "1") | {"accepted": "no"} | change))
    assert sent.status_code == 422
    assert said in sent.text
    assert "<h1>That did not work</h1>" in sent.text
    assert course.query("SELECT count(*) FROM reviews WHERE hand_in_id = 3")[0][0] == 0


def test_a_form_without_the_sessions_value_does_nothing(course: Any, instructor: Browser) -> None:
    people = course.query("SELECT count(*) FROM people")
    for path, fields in (
        ("/roster", {"file": "name,email\nEve,eve@example.org", "really": "yes"}),
        ("/people/student001@example.org/extensions", {"assignment": "hw4", "until": "2027-01-01T10:00"}),
        ("/leaderboard", {"pseudonym": "Forged"}),
        ("/project/3", {"accepted": "yes"}),
    ):
        response = instructor.send(path, page="/me", **fields, csrf="0" * 64)
        assert response.status_code == 403, path
        assert "nothing was done" in response.text
    assert course.query("SELECT count(*) FROM people") == people
    assert course.query("SELECT count(*) FROM extensions") == [(0,)]


def test_somebody_takes_a_name_on_the_leaderboard_and_leaves_it(course: Any) -> None:
    browser = student_of(course, 4)
    assert (
        browser.send("/leaderboard", page="/me", pseudonym="<i>Quick</i>").headers["location"]
        == "/leaderboard"
    )
    page = browser.read("/leaderboard")
    assert "&lt;i&gt;Quick&lt;/i&gt;" in page
    assert "Student 004" not in page.split("</header>")[1]
    assert browser.send("/leaderboard", page="/me", pseudonym="x").status_code == 422
    browser.send("/leaderboard", page="/me", pseudonym="x", leave="yes")
    assert "Quick" not in browser.read("/leaderboard")


def test_a_roster_is_shown_first_and_then_done_with_its_keys(course: Any, instructor: Browser) -> None:
    table = "name,email,section\nNew <One>,new1@example.org,A\nStudent 012,student012@example.org,C\n"
    shown = instructor.send("/roster", file=table)
    assert shown.status_code == 200
    assert "Nothing has been changed yet." in shown.text
    assert "New &lt;One&gt;" in shown.text
    assert "<del>A</del> <ins>C</ins>" in shown.text
    assert "new1@example.org" not in instructor.read("/roster")
    done = instructor.send("/roster", file=table, really="yes")
    [key] = re.findall(r"ndl_[A-Za-z0-9_-]{40}", done.text)
    assert Browser(course, Person(course.url, key)).read("/me").count("New &lt;One&gt;") >= 1
    assert "new1@example.org" in instructor.read("/roster?section=A")


def test_a_mistake_in_a_rosters_file_is_named_with_its_line(instructor: Browser) -> None:
    sent = instructor.send("/roster", file="name,email\nA,a@example.org\n,b@example.org\n")
    assert sent.status_code == 422
    assert "line 3: name is" in sent.text
    assert "brings no file" in instructor.send("/roster", file="").text


def test_an_instructor_gives_an_extension_and_takes_it_away(course: Any, instructor: Browser) -> None:
    address = "/people/student005@example.org"
    due = (seeded_class.NOW + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    given = instructor.send(
        f"{address}/extensions", page=address, assignment="hw3", until=due, reason="<u>ill</u>"
    )
    assert given.status_code == 303, given.text
    page = instructor.read(address)
    assert "&lt;u&gt;ill&lt;/u&gt;" in page
    assert "own due date" in student_of(course, 5).read("/me")
    instructor.send(f"{address}/extensions", page=address, assignment="hw3", remove="yes")
    assert "own due date" not in student_of(course, 5).read("/me")
    wrong = instructor.send(f"{address}/extensions", page=address, assignment="hw3", until="soon")
    assert wrong.status_code == 422
