"""A real server on a free port, in a thread of this process, and people who talk to it."""

import threading
import time
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
import uvicorn
from tiny_course import DIGEST, POLICY, right

from grader.course.policy import Policy
from grader.server.app import create_app
from grader.server.settings import Settings
from grader.server.store.database import open_database


class Clock:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.shift

    def move(self, **by: float) -> None:
        self.shift += timedelta(**by)


class Person:
    """Someone with a key, at a server."""

    def __init__(self, url: str, key: str, email: str = ""):
        self.url, self.key, self.email = url, key, email

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}"} | options.pop("headers", {})
        return requests.request(method, f"{self.url}/api/v1{path}", headers=headers, timeout=60, **options)

    def get(self, path: str) -> Any:
        return _ok(self.request("GET", path))

    def post(self, path: str, content: object) -> requests.Response:
        return self.request("POST", path, json=content)

    def publish(self, body: bytes, name: str = "tiny0") -> requests.Response:
        return self.request("PUT", f"/assignments/{name}", data=body)

    def draw(self, *questions: str, digest: str = DIGEST, assignment: str = "tiny0") -> requests.Response:
        content = {"assignment": assignment, "questions": list(questions), "cases_digest": digest}
        return self.post("/attempts", content)

    def drawn(self, *questions: str) -> dict[str, Any]:
        response = self.draw(*questions)
        assert response.status_code == 201, response.text
        return response.json()

    def answer(self, attempt: dict[str, Any], body: bytes, key: str = "k") -> requests.Response:
        headers = {"Idempotency-Key": key, "Content-Type": "application/octet-stream"}
        return self.request("POST", f"/attempts/{attempt['id']}/answers", data=body, headers=headers)

    def scored(self, attempt: dict[str, Any], body: bytes | None = None) -> dict[str, Any]:
        return _ok(self.answer(attempt, right(attempt) if body is None else body))


def _ok(response: requests.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


class Running:
    """A server in a thread of this process."""

    def __init__(self, data: Path, policy: Policy = POLICY, database_url: str | None = None, **settings: Any):
        self.clock = Clock()
        self.data = data
        if database_url is None and not (data / "course.db").exists():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            (data / "course.db").write_bytes(_empty_database())
        self.app = create_app(Settings(data, policy, database_url, self.clock, **settings))
        config = uvicorn.Config(self.app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url, self.address = f"http://127.0.0.1:{port}", ("127.0.0.1", port)
        self.instructor = Person(self.url, self.app.state.services.people.first_instructor() or "")
        self._made = 0

    def student(self, name: str = "A Student") -> Person:
        self._made += 1
        email = f"s{self._made}@example.org"
        content = {"people": [{"name": name, "email": email, "role": "student"}]}
        [one] = _ok(self.instructor.post("/roster", content))["people"]
        return Person(self.url, one["key"], email)

    def query(self, sql: str) -> list[Any]:
        with self.app.state.services.database.engine.connect() as connection:
            return list(connection.exec_driver_sql(sql).all())

    def end(self) -> None:
        """Tell it to stop, and do not wait."""
        self._server.should_exit = True

    @property
    def lives(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self.end()
        self._thread.join(20)


@cache
def _empty_database() -> bytes:
    """Return SQLite's file with all tables and no row: to make them takes longer than most tests."""
    with TemporaryDirectory() as folder:
        open_database(None, Path(folder)).engine.dispose()
        return (Path(folder) / "course.db").read_bytes()
