"""What waits in the outbox survives whatever stands between it and the scoring server."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted_server import Reply, Served
from urllib3.util import Retry

from grader.client import Client, Login
from grader.errors import GraderError, Unreachable, WorkspaceError
from grader.submission.outbox import Kept, Outbox
from grader.submission.submit import resume
from grader.workspace.folder import Workspace

SCORED = {"attempt": "a", "score": 5.0}


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Whatever answers at the course's address; retries do not wait."""
    monkeypatch.setattr(Retry, "sleep", lambda self, response=None: None)
    served = Served()
    yield served
    served.close()


@pytest.fixture
def workspace(tmp_path: Path, make_workspace: Callable[..., Path]) -> Workspace:
    return Workspace(make_workspace(tmp_path, "def add(x, y):\n    return x + y\n", {"add": ""}))


def keep(workspace: Workspace, url: str, attempt: str = "a", assignment: str = "hw0") -> Kept:
    kept = Kept(attempt, assignment, ["add"], "key", url, {"add/floats": "it said so"}, b"body\n\0 and more")
    Outbox(workspace.root).keep(kept)
    return kept


def waiting(workspace: Workspace) -> list[str]:
    return [path.stem for path in Outbox(workspace.root).waiting()]


def client(served: Served) -> Client:
    return Client(Login(served.url, "ndl_key"))


def test_what_is_kept_is_sent_as_it_was_and_then_gone(workspace: Workspace, portal: Served) -> None:
    kept = keep(workspace, portal.url)
    portal.replies = [Reply(body=json.dumps(SCORED).encode())]
    [result] = resume(workspace, client(portal))
    assert result.answer == SCORED
    assert result.notes == kept.notes
    [seen] = portal.seen
    assert (seen.path, seen.body) == ("/api/v1/attempts/a/answers", kept.body)
    assert seen.headers["Idempotency-Key"] == kept.key
    assert waiting(workspace) == []
    with pytest.raises(GraderError, match=r"^Nothing waits to be sent\."):
        list(resume(workspace, client(portal)))


@pytest.mark.parametrize("status", [404, 409, 410, 413, 422])
@pytest.mark.parametrize(
    "page", [b"<html>Log in to the network</html>", b'{"detail": "Not Found"}', b"", b"[1]"]
)
def test_a_refusal_that_is_not_the_scoring_servers_drops_nothing(
    workspace: Workspace, portal: Served, status: int, page: bytes
) -> None:
    keep(workspace, portal.url)
    portal.replies = [Reply(status, page)]
    with pytest.raises(GraderError, match=r"not as a scoring server does\. .*make submit RESUME=1"):
        list(resume(workspace, client(portal)))
    assert waiting(workspace) == ["a"]


@pytest.mark.parametrize(
    "page", [b"<html>Welcome</html>", b"{}", b"[]", b'"ok"', b'{"attempt": "b", "score": 1}']
)
def test_a_success_that_is_no_score_of_this_attempt_drops_nothing(
    workspace: Workspace, portal: Served, page: bytes
) -> None:
    keep(workspace, portal.url)
    portal.replies = [Reply(body=page)]
    with pytest.raises(GraderError, match=r"not (as a scoring server does|with a score)"):
        list(resume(workspace, client(portal)))
    assert waiting(workspace) == ["a"]


@pytest.mark.parametrize("status", [400, 401, 403, 411, 429, 500, 503])
def test_a_refusal_that_may_pass_keeps_the_work_and_says_so(
    workspace: Workspace, portal: Served, status: int
) -> None:
    keep(workspace, portal.url)
    portal.replies = [Reply(status, b'{"error": "Not now."}')]
    with pytest.raises(GraderError, match=r"^Not now\. .* kept here\. Run `make submit RESUME=1`"):
        list(resume(workspace, client(portal)))
    assert waiting(workspace) == ["a"]


def test_a_reply_that_never_comes_keeps_the_work(workspace: Workspace, portal: Served) -> None:
    keep(workspace, portal.url)
    portal.replies = [Reply(lost=True)]
    with pytest.raises(Unreachable, match="may or may not have your attempt"):
        list(resume(workspace, client(portal)))
    assert waiting(workspace) == ["a"]
    assert {one.headers["Idempotency-Key"] for one in portal.seen} == {"key"}


@pytest.mark.parametrize("status", [413, 422])
def test_an_answer_that_the_server_will_never_take_is_not_sent_again(
    workspace: Workspace, portal: Served, status: int
) -> None:
    keep(workspace, portal.url)
    portal.replies = [Reply(status, b'{"error": "Too much of it."}')]
    with pytest.raises(GraderError, match=r"^Too much of it\.$"):
        list(resume(workspace, client(portal)))
    assert waiting(workspace) == []


@pytest.mark.parametrize("status", [404, 409, 410])
def test_a_gone_attempt_stays_until_another_is_drawn(
    workspace: Workspace, portal: Served, status: int
) -> None:
    keep(workspace, portal.url)
    portal.replies = [
        Reply(status, b'{"error": "Expired."}'),
        Reply(429, b'{"error": "Try again in 3 min."}'),
    ]
    with pytest.raises(GraderError, match=r"^Try again in 3 min\."):
        list(resume(workspace, client(portal)))
    assert waiting(workspace) == ["a"]


def test_a_draw_answered_by_something_else_is_a_sentence(workspace: Workspace, portal: Served) -> None:
    keep(workspace, portal.url)
    portal.replies = [Reply(410, b'{"error": "Expired."}'), Reply(body=b'{"id": "../../x", "seeds": {}}')]
    with pytest.raises(GraderError, match="answered, and not with an attempt"):
        list(resume(workspace, client(portal)))


def test_one_that_can_not_be_sent_does_not_keep_the_others(workspace: Workspace, portal: Served) -> None:
    """Damaged, drawn elsewhere, and whole: the whole one is sent, and each other one is named."""
    keep(workspace, portal.url)
    keep(workspace, "https://elsewhere.example.org", attempt="b")
    folder = Outbox(workspace.root).folder
    (folder / "0.answer").write_bytes(b"")
    portal.replies = [Reply(body=json.dumps(SCORED).encode())]
    sent = []
    with pytest.raises(GraderError) as caught:
        sent.extend(resume(workspace, client(portal)))
    assert waiting(workspace) == ["0", "b"]
    assert f"{folder / '0.answer'}: this is no answer that was kept. Remove it" in str(caught.value)
    assert "drawn by https://elsewhere.example.org" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"{}\nbody",
        b"[]\nbody",
        b"\xff\xfe\nbody",
        b'{"attempt": "a"}\n',
        b"null\n",
        b'{"attempt": "a", "x',
    ],
)
def test_a_damaged_file_is_named_and_never_a_crash(tmp_path: Path, content: bytes) -> None:
    outbox = Outbox(tmp_path)
    outbox.folder.mkdir(parents=True)
    (outbox.folder / "a.answer").write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"a\.answer: this is no answer that was kept\. Remove it"):
        outbox.read(outbox.folder / "a.answer")


def test_a_file_under_another_attempts_name_is_refused(workspace: Workspace) -> None:
    keep(workspace, "http://127.0.0.1:9")
    [path] = Outbox(workspace.root).waiting()
    other = path.rename(path.with_stem("b"))
    with pytest.raises(WorkspaceError, match="no answer that was kept"):
        Outbox(workspace.root).read(other)


def test_a_file_that_another_process_sent_meanwhile_is_passed_over(workspace: Workspace) -> None:
    kept = keep(workspace, "http://127.0.0.1:9")
    outbox = Outbox(workspace.root)
    [path] = outbox.waiting()
    outbox.drop(kept)
    outbox.drop(kept)
    assert outbox.read(path) is None


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_crash_while_keeping_leaves_no_half_answer(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def crash(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os if at == "fsync" else Path, at, crash)
    with pytest.raises(KeyboardInterrupt):
        keep(workspace, "http://127.0.0.1:9")
    assert waiting(workspace) == []
