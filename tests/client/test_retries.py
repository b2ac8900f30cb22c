"""What is asked again, what is sent once, and how long anybody waits."""

from typing import Any

import pytest
from keyed_client import KEY, Serve, connect, refused_port
from scripted_server import Reply

from grader import client as module
from grader.client import Client, Login, is_refusal
from grader.errors import NotAServer, Rejected, Unreachable


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_busy_server_is_asked_again_with_the_same_body_and_key(
    serve: Serve, status: int, waits: list[float]
) -> None:
    served = serve(Reply(status, b"busy"), Reply(status, b"busy"), Reply(body=b'{"score": 1}'))
    answer = connect(served).send_blob("POST", "/attempts/1/answers", b"blob", {"Idempotency-Key": "k"})
    assert answer == {"score": 1}
    assert [(one.body, one.headers["Idempotency-Key"]) for one in served.seen] == [(b"blob", "k")] * 3
    assert len(waits) == 2
    assert waits[-1] > 0


def test_a_server_that_stays_busy_is_given_up_after_three_more_tries(
    serve: Serve, waits: list[float]
) -> None:
    served = serve(Reply(503, b"busy", {"Retry-After": "86400"}))
    with pytest.raises(
        Rejected, match=r"answered 503 Service Unavailable, and not as a scoring server does"
    ) as caught:
        connect(served).get("/me")
    assert caught.value.status == 503
    assert len(served.seen) == 4
    assert sum(waits) < 10


def test_a_reply_lost_on_the_way_is_asked_for_again(serve: Serve) -> None:
    served = serve(Reply(lost=True), Reply())
    assert connect(served).post("/attempts", {"assignment": "hw0"}) == {"ok": True}
    assert [one.body for one in served.seen] == [served.seen[0].body] * 2


@pytest.mark.parametrize("reply", [Reply(502, b"busy"), Reply(503, b"busy"), Reply(lost=True)])
def test_what_is_answered_with_a_new_key_is_sent_once(serve: Serve, reply: Reply) -> None:
    served = serve(reply, Reply())
    with pytest.raises((NotAServer, Unreachable)) as caught:
        connect(served).post_once("/join", {})
    assert len(served.seen) == 1
    assert not is_refusal(caught.value)


def test_a_silence_after_what_is_sent_once_is_waited_for_once(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SILENCE", 0.1)
    served = serve(Reply(wait=0.6))
    with pytest.raises(Unreachable, match=r"\(it was silent for 0\.1 seconds, once\)"):
        connect(served).post_once("/roster", {})
    assert len(served.seen) == 1


def test_a_connection_that_is_not_taken_is_tried_again_also_for_what_is_sent_once(waits: list[float]) -> None:
    with pytest.raises(Unreachable, match="the connection failed"):
        Client(Login(f"http://127.0.0.1:{refused_port()}", KEY)).post_once("/join", {})
    assert len(waits) == 3


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach_after_retries(waits: list[float]) -> None:
    url = f"http://127.0.0.1:{refused_port()}"
    with pytest.raises(Unreachable) as caught:
        Client(Login(url, KEY)).get("/me")
    asked = "Is the address right, and are you online? If so, try again later."
    assert str(caught.value) == f"No answer from {url} (the connection failed). {asked}"
    assert len(waits) == 3


def test_a_silent_server_is_asked_twice_and_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SILENCE", 0.1)
    served = serve(Reply(wait=0.6))
    with pytest.raises(Unreachable, match=r"\(it was silent for 0\.1 seconds, twice\)"):
        connect(served).post("/attempts", {})
    assert len(served.seen) == 2


def test_a_body_on_a_slow_line_has_more_time_than_a_connection(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CONNECT", 0.3)
    served = serve()
    served.pause = 0.1
    blob = bytes(16 * 1024**2)
    connect(served).send_blob("POST", "/attempts/1/answers", blob)
    assert served.seen[0].body == blob
    assert served.seen[0].headers["Content-Length"] == str(len(blob))


def test_every_wait_has_a_limit(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    client = connect(serve())
    send = client._session.send
    monkeypatch.setattr(client._session, "send", lambda *a, **k: asked.append(k["timeout"]) or send(*a, **k))
    client.get("/me")
    client.post("/x", {})
    client.send_blob("PUT", "/x", b"blob")
    client.download("/x")
    assert len(asked) == 4
    # four tries to connect, two of them taken and followed by silence
    patience = [4 * connecting + 2 * silence for connecting, silence in asked]
    assert max(patience[0], patience[1]) <= 90
    assert max(patience) <= 180
