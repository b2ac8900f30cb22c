"""A reply read: the server's own sentence, or that this is no scoring server."""

from collections.abc import Callable
from typing import Any

import pytest
from keyed_client import Serve, connect
from scripted_server import Reply

from grader.client import Client, is_refusal
from grader.errors import NotAServer, Rejected, Unreachable


def test_only_the_servers_own_no_is_a_refusal(serve: Serve) -> None:
    for status, body, own in ((409, b'{"error": "No."}', True), (503, b'{"error": "No."}', False)):
        with pytest.raises(Rejected) as caught:
            connect(serve(Reply(status, body))).post_once("/join", {})
        assert is_refusal(caught.value) == own


def test_a_reply_cut_short_counts_as_no_answer(serve: Serve) -> None:
    with pytest.raises(Unreachable, match=r"^No answer from http://127\."):
        connect(serve(Reply(cut=True))).post("/attempts", {})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 422, 429, 500])
def test_the_servers_own_sentence_is_shown_and_it_is_not_asked_twice(serve: Serve, status: int) -> None:
    served = serve(Reply(status, b'{"error": "Your hw0 cases are old."}'))
    with pytest.raises(Rejected, match=r"^Your hw0 cases are old\.$") as caught:
        connect(served).get("/me")
    assert caught.value.status == status
    assert len(served.seen) == 1


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b"[]", b'{"detail": "x"}', b"null", b"\xff\xfe", b'"error"']
)
def test_an_error_that_is_not_a_scoring_servers_is_said_to_be_none(serve: Serve, body: bytes) -> None:
    served = serve(Reply(404, body))
    with pytest.raises(NotAServer, match="answered 404 Not Found, and not as a scoring server does"):
        connect(served).get("/me")


@pytest.mark.parametrize("body", [b"<html>Log in to the network</html>", b"", b"{", b"\xff\xfe\x00"])
@pytest.mark.parametrize("send", [
    lambda client: client.get("/me"),
    lambda client: client.post("/attempts", {}),
    lambda client: client.send_blob("PUT", "/x", b"blob"),
])  # fmt: skip
def test_a_good_status_with_a_page_instead_of_json_is_refused(
    serve: Serve, body: bytes, send: Callable[[Client], Any]
) -> None:
    with pytest.raises(NotAServer, match="answered 200 OK, and not as a scoring server does"):
        send(connect(serve(Reply(body=body))))
