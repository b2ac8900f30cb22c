"""Who may read which page, and what a page without anything to show says: errors are pages too."""

import re
from typing import Any

import pytest
import requests
from browsing import INSTRUCTORS, STUDENTS, Browser
from sqlalchemy.exc import OperationalError


def test_a_visitor_sees_the_open_assignments_and_how_to_start(server: Any) -> None:
    response = Browser(server).get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<code>make login URL={server.url}</code>" in response.text
    assert 'href="/api/v1/assignments/tiny0/release"' in response.text
    assert "assignments/later/release" not in response.text
    assert "A &lt;small&gt; course" in response.text
    assert "Tiny &lt;b&gt;" in response.text


def test_a_page_of_an_empty_course_says_so(start: Any) -> None:
    assert "Nothing is published yet." in Browser(start()).read("/")


def test_a_page_may_run_no_script_and_is_not_kept(server: Any) -> None:
    response = Browser(server).get("/")
    assert response.headers["cache-control"] == "no-store"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in response.text


def test_the_stylesheet_is_kept_under_an_address_that_changes_with_it(server: Any) -> None:
    found = re.search(
        r'<link rel="stylesheet" href="(/style\.css\?v=[0-9a-f]{12})">', Browser(server).read("/")
    )
    assert found
    response = Browser(server).get(found[1])
    assert response.headers["content-type"].startswith("text/css")
    assert "immutable" in response.headers["cache-control"]
    assert "prefers-color-scheme: dark" in response.text


@pytest.mark.parametrize("path", ["/nothing/here", "/%3Cscript%3E"])
def test_an_error_is_a_page_for_a_browser_and_json_for_a_program(server: Any, path: str) -> None:
    page = Browser(server).get(path)
    assert page.status_code == 404
    assert "<h1>There is nothing here</h1>" in page.text
    assert "<script>" not in page.text
    assert requests.get(server.url + path, timeout=20).json()["error"].startswith("There is nothing")
    assert "error" in Browser(server).get("/api/v1/nothing").json()


@pytest.mark.parametrize("path", [*STUDENTS, *INSTRUCTORS])
def test_a_page_needs_somebody_who_is_signed_in(course: Any, path: str) -> None:
    response = Browser(course).get(path)
    assert response.status_code == 401
    assert "<h1>Sign in first</h1>" in response.text
    assert "grader open" in response.text


@pytest.mark.parametrize("path", INSTRUCTORS)
def test_a_student_does_not_see_the_others(student: Browser, instructor: Browser, path: str) -> None:
    response = student.get(path)
    assert response.status_code == 403
    assert "Student 002" not in response.text
    assert "Student 002" in instructor.read(path) or path in ("/assignments/hw1", "/publish")


def test_a_student_sees_what_is_due_and_how_far_they_are(student: Browser) -> None:
    page = student.read("/me")
    assert "7 days left" in page  # hw3
    assert "Fri 27 Nov 2026, 23:59 CET" in page
    assert "of 6 late days left" in page
    assert "an average of at least 80" in page
    assert "the final project: accepted" in page
    assert page.count("<article") == 5
    assert "Newest first" in page or "newest first" in page


def test_an_unknown_person_assignment_or_hand_in_is_said_to_be_none(instructor: Browser) -> None:
    for path in ("/people/nobody@example.org", "/assignments/hw9", "/project/999", "/project/99999999999"):
        response = instructor.get(path)
        assert response.status_code == 404, path
        assert "<h1>There is nothing here</h1>" in response.text


def test_a_failure_of_the_server_is_a_page_too(start: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    running = start()
    browser = Browser(running, running.instructor)

    def fail() -> None:
        raise OperationalError("SELECT", {}, Exception("it is gone"))

    monkeypatch.setattr(running.app.state.services.reports, "gradebook", fail)
    response = browser.get("/gradebook")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert "<h1>The server could not do this</h1>" in response.text
    assert "nothing was stored" in response.text
