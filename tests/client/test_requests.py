"""What a request carries, and that the key goes to the course's server and nowhere else."""

from pathlib import Path

import pytest
from keyed_client import KEY, Serve, connect
from scripted_server import Reply

from grader.errors import Rejected, Unreachable


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
