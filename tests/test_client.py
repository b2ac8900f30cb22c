"""The client against a real server on this machine: where the key goes, and what is said of a failure."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_server import Reply, Served
from urllib3.util import Retry

from grader import client as module
from grader.client import Client, Login, check_url, is_refusal, load_login, login_file, save_login
from grader.errors import GraderError, NotAServer, Rejected, Unreachable

KEY = "ndl_s3cret"


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def one(*replies: Reply) -> Served:
        running.append(Served())
        running[-1].replies = list(replies) or [Reply()]
        return running[-1]

    yield one
    for served in running:
        served.close()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long a retry would wait, and do not wait; forget the keys of the machine that tests."""
    noted: list[float] = []

    def note(retry: Retry, response: Any = None) -> None:
        asked = retry.get_retry_after(response) if response and retry.respect_retry_after_header else None
        noted.append(asked or retry.get_backoff_time())

    monkeypatch.setattr(Retry, "sleep", note)
    for name in ("NEEDLE_GRADER_KEY", "NEEDLE_GRADER_URL"):
        monkeypatch.delenv(name, raising=False)
    return noted


def connect(served: Served) -> Client:
    return Client(Login(served.url, KEY))


def refused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


Serve = Callable[..., Served]


def test_the_key_travels_in_the_header_and_nowhere_else(serve: Serve) -> None:
    served = serve()
    client = connect(served)
    client.get("/me")
    client.post("/attempts", {"assignment": "hw0"})
    client.send_blob("PUT", "/assignments/hw0", b"\0blob", {"Idempotency-Key": "one"})
    assert client.download("/assignments/hw0/release") == b'{"ok": true}'
    assert [(one.method, one.path) for one in served.seen] == [
        ("GET", "/api/v1/me"),
        ("POST", "/api/v1/attempts"),
        ("PUT", "/api/v1/assignments/hw0"),
        ("GET", "/api/v1/assignments/hw0/release"),
    ]
    for one in served.seen:
        assert one.headers.get_all("Authorization") == [f"Bearer {KEY}"]
        others = [value for name, value in one.headers.items() if name != "Authorization"]
        assert KEY not in one.path + "".join(others) + one.body.decode()


def test_a_blob_and_its_headers_arrive_as_they_are(serve: Serve) -> None:
    served = serve()
    blob = bytes(range(256)) * 100
    assert connect(served).send_blob("POST", "/attempts/1/answers", blob, {"Idempotency-Key": "k"}) == {
        "ok": True
    }
    [one] = served.seen
    assert one.body == blob
    assert one.headers["Idempotency-Key"] == "k"
    assert one.headers["Content-Type"] == "application/octet-stream"


def test_neither_a_proxy_nor_a_netrc_of_the_machine_comes_between(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served, proxy = serve(), serve(Reply(502))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    assert connect(served).get("/me") == {"ok": True}
    assert served.seen[0].headers["Authorization"] == f"Bearer {KEY}"
    assert proxy.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_refused_and_the_key_not_sent_there(serve: Serve, status: int) -> None:
    other = serve()
    served = serve(Reply(status, b"", {"Location": f"{other.url}/api/v1/me"}))
    with pytest.raises(Rejected) as caught:
        connect(served).get("/me")
    where = other.url.removeprefix("http://")
    assert f"sends us on to {where}. Your key was not sent there." in str(caught.value)
    assert "make login" in str(caught.value)
    assert caught.value.status == status
    assert other.seen == []


@pytest.mark.parametrize(
    "location", ["//{other}/x", "http://{other}/x", "http://u@{here}/x", "https://{here}/x"]
)
def test_no_spelling_of_another_host_is_followed(serve: Serve, location: str) -> None:
    other, served = serve(), serve()
    hosts = {"other": other.url.removeprefix("http://"), "here": served.url.removeprefix("http://")}
    served.replies = [Reply(307, b"", {"Location": location.format(**hosts)})]
    with pytest.raises(Rejected, match="Your key was not sent there"):
        connect(served).get("/me")
    assert (len(served.seen), other.seen) == (1, [])


def test_a_redirect_away_on_the_second_hop_is_refused_too(serve: Serve) -> None:
    other = serve()
    served = serve(Reply(307, b"", {"Location": "/here"}), Reply(307, b"", {"Location": other.url}))
    with pytest.raises(Rejected, match="Your key was not sent there"):
        connect(served).get("/me")
    assert (len(served.seen), other.seen) == (2, [])


@pytest.mark.parametrize("location", ["http://[bad", "http://127.0.0.1:99999/", "\xff\xfe"])
def test_a_redirect_that_cannot_be_read_is_refused_with_a_sentence(serve: Serve, location: str) -> None:
    served = serve(Reply(307, b"", {"Location": location}))
    with pytest.raises(Rejected, match=r"sends us on to an address that can't be read"):
        connect(served).get("/me")


def test_a_redirect_on_the_same_host_is_followed_with_key_and_body(serve: Serve) -> None:
    served = serve(Reply(307, b"", {"Location": "/api/v1/attempts/"}), Reply(body=b'{"id": "a"}'))
    assert connect(served).post("/attempts", {"assignment": "hw0"}) == {"id": "a"}
    first, second = served.seen
    assert second.path == "/api/v1/attempts/"
    assert second.body == first.body != b""
    assert second.headers["Authorization"] == f"Bearer {KEY}"


def test_redirects_in_a_circle_end_with_a_sentence(serve: Serve) -> None:
    served = serve(Reply(307, b"", {"Location": "/api/v1/me"}))
    with pytest.raises(Unreachable, match=r"No answer from .* \(TooManyRedirects\)"):
        connect(served).get("/me")


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


@pytest.mark.parametrize(
    "url",
    [
        "https://course.example.org", "https://course.example.org:8443/needle", "http://127.0.0.1:8000",
        "http://localhost:8000", "http://[::1]:8000", "http://127.8.9.1", "HTTP://127.0.0.1:8000",
    ],
)  # fmt: skip
def test_https_and_loopback_are_accepted_and_a_last_slash_goes(url: str) -> None:
    assert check_url(f"{url}/") == check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://course.example.org", "http://10.0.0.1:8000", "http://0.0.0.0:8000", "http://localhost.example.org",
        "http://127.0.0.1.example.org", "http://128.0.0.1", "http://[::2]", "http://127.1",
    ],
)  # fmt: skip
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(GraderError, match=r"your key would travel in the clear\. Use https://"):
        check_url(url)
    with pytest.raises(GraderError, match="in the clear"):
        Client(Login(url, KEY))


@pytest.mark.parametrize(
    "url",
    [
        f"https://host/?key={KEY}", f"https://host?{KEY}", f"https://{KEY}@host", f"https://:{KEY}@host",
        f"https://user:{KEY}@host", f"https://host/#{KEY}", f"ftp://{KEY}@host", f"https://{KEY}@",
        f"http://{KEY}@127.0.0.1",
        "https://host?", "https://host#",
    ],
)  # fmt: skip
def test_a_key_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(GraderError, match="A key must never be part of the address") as caught:
        check_url(url)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "", "course.example.org", "127.0.0.1:8000", "ftp://host", "file:///etc/passwd", "https://",
        "https://[::1",
        "https://[x]/",
        "http://127.0.0.1:99999", "http://127.0.0.1:port", "https://a b", "https://host\n", "/api",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_two_that_are(url: str) -> None:
    with pytest.raises(GraderError, match=r"this is no address\. Expected https://HOST, or http://127"):
        check_url(url)


@settings(derandomize=True, deadline=None, database=None, max_examples=200)
@given(
    st.text(alphabet="htps:/[]@?#.%127x\n \\", max_size=20) | st.text(max_size=20).map("https://{}".format)
)
def test_any_text_is_an_address_or_refused(url: str) -> None:
    with contextlib.suppress(GraderError):
        assert check_url(url).lower().startswith(("https://", "http://127.", "http://[::1]"))


@pytest.mark.parametrize("key", ["", " ", "two words", "key\n", "schlüssel", "€", "a\0b", "a\tb"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(GraderError, match=r"^Your key holds a space or an unusual letter, or is empty\."):
        Client(Login("http://127.0.0.1:1", key))


def test_a_saved_login_comes_back_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    login = Login("https://course.example.org", KEY)
    save_login(tmp_path, Login("https://old.example.org", "old"))
    save_login(tmp_path, login)
    assert load_login(tmp_path) == login
    assert login_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in login_file(tmp_path).parent.iterdir()] == ["login.json"]


def test_a_login_saved_over_a_readable_one_is_private_again(tmp_path: Path) -> None:
    save_login(tmp_path, Login("https://a", "b"))
    login_file(tmp_path).chmod(0o644)
    login_file(tmp_path).with_suffix(".part").write_text("left behind")
    save_login(tmp_path, Login("https://a", KEY))
    assert login_file(tmp_path).stat().st_mode & 0o077 == 0
    assert load_login(tmp_path).key == KEY


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620])
def test_a_login_that_others_can_reach_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    save_login(tmp_path, Login("https://a", KEY))
    login_file(tmp_path).chmod(mode)
    with pytest.raises(
        GraderError, match=r"others can read your key\. Run `chmod 600 .*login\.json`"
    ) as caught:
        load_login(tmp_path)
    assert KEY not in str(caught.value)


def test_without_a_login_one_is_told_how_to_log_in(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"You are not logged in to a course. Run `make login URL="):
        load_login(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b'{"url": "x"}', b'{"key": "x"}', b"\xff"])
def test_a_damaged_login_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    save_login(tmp_path, Login("https://a", KEY))
    login_file(tmp_path).write_bytes(content)
    with pytest.raises(GraderError, match=r"this is no login\. Run `make login URL=https://\.\.\.` again"):
        load_login(tmp_path)


def test_a_folder_in_the_place_of_the_login_is_refused(tmp_path: Path) -> None:
    login_file(tmp_path).mkdir(parents=True)
    with pytest.raises(GraderError, match="this is no login"):
        load_login(tmp_path)


@pytest.mark.parametrize(
    ("said", "expected"), [("ndl_other", "ndl_other"), (" ndl_other\n", "ndl_other"), ("", KEY)]
)
def test_the_environments_key_stands_in_for_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: str
) -> None:
    save_login(tmp_path, Login("https://a", KEY))
    monkeypatch.setenv("NEEDLE_GRADER_KEY", said)
    assert load_login(tmp_path) == Login("https://a", expected)
    assert json.loads(login_file(tmp_path).read_text())["key"] == KEY


def test_url_and_key_of_the_environment_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDLE_GRADER_KEY", "ndl_other")
    monkeypatch.setenv("NEEDLE_GRADER_URL", "https://b")
    assert load_login(tmp_path) == Login("https://b", "ndl_other")
