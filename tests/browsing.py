"""Somebody who reads pages and fills in their forms, with no more than HTTP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import seeded_class
from running_server import Person, Running
from sqlalchemy import select

from grader.server.access.people import give_key
from grader.server.store.tables.people import PersonRow

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
STUDENTS = ("/me", "/leaderboard", "/project")
INSTRUCTORS = ("/gradebook", "/assignments/hw1", "/people/student002@example.org", "/publish", "/roster")


class Browser:
    """Someone signed in to the pages, or nobody."""

    def __init__(self, server: Running, person: Person | None = None):
        self.url = server.url
        self._session = requests.Session()
        self._session.headers.update(BROWSER)
        if person is not None:
            services = server.app.state.services
            token = services.sessions.open(services.sessions.make_link(services.people.sign_in(person.key)))
            self._session.cookies.set("needle_session", token)

    def get(self, path: str) -> requests.Response:
        return self._session.get(self.url + path, timeout=30, allow_redirects=False)

    def read(self, path: str) -> str:
        """Return a page that is there."""
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.text

    def send(self, path: str, page: str | None = None, **fields: str) -> requests.Response:
        """Fill in a form that stands on a page and send it."""
        found = re.search(r'name="csrf" value="([^"]*)"', self.read(page or path))
        assert found, "the page has no form"
        return self._session.post(
            self.url + path, data={"csrf": found[1]} | fields, timeout=30, allow_redirects=False
        )


def key_of(course: Running, email: str) -> str:
    """Return a new key of somebody."""
    with course.app.state.services.database.write() as session:
        row = session.scalar(select(PersonRow).where(PersonRow.email == email))
        return give_key(session, row.id, course.clock())


def student_of(course: Running, number: int) -> Browser:
    return Browser(course, Person(course.url, key_of(course, f"student{number:03}@example.org")))


@contextmanager
def class_in_full_swing(folder: Path, people: int) -> Iterator[Running]:
    running = Running(folder, policy=seeded_class.policy())
    running.clock.shift = seeded_class.NOW - running.clock()
    with running.app.state.services.database.write() as session:
        seeded_class.fill(session, people)
        seeded_class.alert(session)
    yield running
    running.stop()
