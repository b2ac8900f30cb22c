"""A server dies, an attempt expires, two submit at once: no work is lost, and none counts twice."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from shared_course import Server

from grader.client import Client, Login
from grader.errors import Unreachable
from grader.publishing.hosting import Hosted, running
from grader.submission import submit as module
from grader.submission.outbox import Outbox
from grader.submission.submit import resume, submit
from grader.workspace.folder import Workspace


@pytest.fixture
def data(hosted: Server, tmp_path: Path) -> Path:
    """A copy of what the course's server keeps, for a server that may be killed."""
    return hosted.copy_data(tmp_path / "data")


def student(hosted: Hosted) -> Client:
    person = {"name": "Someone", "email": "someone@example.org", "role": "student"}
    [added] = hosted.client.post("/roster", {"people": [person]})["people"]
    return Client(Login(hosted.url, added["key"]))


@pytest.fixture(autouse=True)
def _empty_outbox(solved: Workspace) -> Iterator[None]:
    yield
    shutil.rmtree(Outbox(solved.root).folder, ignore_errors=True)


def killing(hosted: Hosted, run: Callable[..., object]) -> Callable[..., object]:
    def run_and_kill(*arguments: object) -> object:
        hosted.process.kill()
        hosted.process.wait()
        return run(*arguments)

    return run_and_kill


def test_a_server_killed_between_draw_and_answer_scores_the_attempt_when_it_is_back(
    solved: Workspace, data: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assignment = solved.assignment("hw0")
    with running(repository, data, 0) as hosted:
        client = student(hosted)
        with monkeypatch.context() as patch:
            patch.setattr(module, "run_attempt", killing(hosted, module.run_attempt))
            with pytest.raises(Unreachable, match="make submit RESUME=1"):
                submit(solved, assignment, ["add"], client)
    [waiting] = Outbox(solved.root).waiting()
    with running(repository, data, urlsplit(client.url).port or 0):
        [result] = resume(solved, client)
        assert result.answer["attempt"] == waiting.stem
        assert result.answer["score"] == assignment.question("add").points
        assert client.get("/me")["assignments"][0]["attempts"] == 1
    assert Outbox(solved.root).waiting() == []


def test_an_attempt_that_expired_while_it_waited_is_run_again_with_fresh_seeds_and_says_so(
    solved: Workspace, data: Path, repository: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with running(repository, data, 0) as hosted:
        client = student(hosted)
        undelivered(solved, client, monkeypatch)
        [waiting] = Outbox(solved.root).waiting()
        with closing(sqlite3.connect(next(data.glob("*.db")))) as database, database:
            database.execute(
                "UPDATE attempts SET expires_at = '2020-01-01 00:00:00.000000' WHERE id = ?", [waiting.stem]
            )
        [result] = resume(solved, client)
    assert "expired" in capsys.readouterr().out
    assert result.answer["attempt"] != waiting.stem
    assert result.answer["score"] == 5
    assert Outbox(solved.root).waiting() == []


def undelivered(workspace: Workspace, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Submit `add`, whose answer never leaves this machine."""

    def unreachable(*arguments: object) -> object:
        raise Unreachable("No answer.")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "send_blob", unreachable)
        with pytest.raises(Unreachable):
            submit(workspace, workspace.assignment("hw0"), ["add"], client)


def test_what_waits_is_sent_before_a_new_draw_would_close_it(
    solved: Workspace, enrol: Callable[[], Client], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    client = enrol()
    undelivered(solved, client, monkeypatch)
    result = submit(solved, solved.assignment("hw0"), ["parse_mnist"], client)
    assert "What waited was sent first: hw0, 5.00 of 100." in capsys.readouterr().out
    assert result.answer["score"] == 20
    assert client.get("/me")["assignments"][0]["attempts"] == 2
    assert Outbox(solved.root).waiting() == []


def test_two_submissions_at_once_from_one_workspace_end_with_a_score_and_no_traceback(
    solved: Workspace, enrol: Callable[[], Client]
) -> None:
    client = enrol()
    key = str(client._session.headers["Authorization"]).removeprefix("Bearer ")
    environment = {**os.environ, "NEEDLE_GRADER_URL": client.url, "NEEDLE_GRADER_KEY": key}
    command = [sys.executable, "-m", "grader.cli", "submit", "hw0", "--question", "add"]
    both = [
        subprocess.Popen(
            command,
            cwd=solved.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = ["".join(one.communicate(timeout=60)) for one in both]
    codes = sorted(one.returncode for one in both)
    assert codes in ([0, 0], [0, 1]), said
    assert "Traceback" not in "".join(said)
    for one, text in zip(both, said, strict=True):
        assert ("hw0: 5.00 of 100" in text) == (one.returncode == 0)
        assert ("This attempt was closed when you drew a newer one" in text) == (one.returncode == 1)
    assert client.get("/me")["assignments"][0]["score"] == 5
    assert Outbox(solved.root).waiting() == []
