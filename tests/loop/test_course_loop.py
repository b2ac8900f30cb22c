"""The whole course through its front doors: commands in a workspace, against a real server."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from shared_course import Server

from grader.client import Client, Login, save_login
from grader.errors import Rejected, Unreachable
from grader.submission.submit import resume, submit
from grader.workspace.folder import Workspace


def grader(workspace: Workspace, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a student would, with a home that holds no key."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEEDLE_GRADER")}
    command = [sys.executable, "-m", "grader.cli", *arguments]
    return subprocess.run(
        command, cwd=workspace.root, env=environment, capture_output=True, text=True, check=False
    )


def log_in(workspace: Workspace, client: Client) -> None:
    key = str(client._session.headers["Authorization"]).removeprefix("Bearer ")
    save_login(workspace.root, Login(client.url, key))


def test_the_reference_scores_100_through_the_command_line(
    solved: Workspace, enrol: Callable[[], Client]
) -> None:
    log_in(solved, enrol())
    submitted = grader(solved, "submit", "hw0")
    assert submitted.returncode == 0, submitted.stderr
    assert "hw0: 100.00 of 100" in submitted.stdout
    standing = json.loads(grader(solved, "status", "--json").stdout)
    assert standing["assignments"][0]["score"] == 100


def test_a_reply_lost_on_the_way_is_the_same_submission_when_sent_again(
    solved: Workspace, enrol: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enrol()
    send = Client.send_blob
    answers = []

    def lost(self: Client, *arguments: object, **options: object) -> object:
        answers.append(send(self, *arguments, **options))  # type: ignore[arg-type]
        raise Unreachable("No answer from the server (timed out).")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "send_blob", lost)
        with pytest.raises(Unreachable, match="make submit RESUME=1"):
            submit(solved, solved.assignment("hw0"), ["add"], client)
    [result] = resume(solved, client)
    assert result.answer == answers[0]
    assert client.get("/me")["assignments"][0]["attempts"] == 1


def test_an_attempt_that_was_closed_meanwhile_is_run_again_with_fresh_seeds(
    solved: Workspace,
    enrol: Callable[[], Client],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = enrol()
    assignment = solved.assignment("hw0")

    def unreachable(self: Client, *arguments: object, **options: object) -> object:
        raise Unreachable("No answer from the server (timed out).")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "send_blob", unreachable)
        with pytest.raises(Unreachable):
            submit(solved, assignment, ["add"], client)
    client.post(
        "/attempts", {"assignment": "hw0", "questions": ["add"], "cases_digest": assignment.cases_digest()}
    )
    [result] = resume(solved, client)
    assert "fresh seeds" in capsys.readouterr().out
    assert result.answer["score"] == assignment.question("add").points


def test_stale_cases_are_refused_and_the_student_is_told_to_update(
    solved: Workspace, enrol: Callable[[], Client]
) -> None:
    request = {"assignment": "hw0", "questions": [], "cases_digest": "0" * 64}
    with pytest.raises(Rejected, match="make update") as caught:
        enrol().post("/attempts", request)
    assert caught.value.status == 409


def test_an_unknown_key_is_a_sentence_and_never_a_traceback(solved: Workspace, hosted: Server) -> None:
    save_login(solved.root, Login(hosted.url, "ndl_nobody"))
    said = grader(solved, "submit", "hw0")
    assert said.returncode == 1
    assert "key" in said.stderr
    assert "Traceback" not in said.stderr + said.stdout


def test_an_unreachable_server_is_a_sentence_and_never_a_traceback(solved: Workspace) -> None:
    save_login(solved.root, Login("http://127.0.0.1:9", "ndl_nobody"))
    said = grader(solved, "submit", "hw0")
    assert said.returncode == 1
    assert "No answer from http://127.0.0.1:9" in said.stderr
    assert "Traceback" not in said.stderr + said.stdout
