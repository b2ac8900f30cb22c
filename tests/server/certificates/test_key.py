"""The key that signs a course's certificates: made once, its owner's alone, and never made anew."""

import concurrent.futures
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from certified_course import course, graduate
from running_server import Running

from grader.server.certificates.signing import open_key


def test_the_key_is_the_owners_alone_and_outlives_the_server(
    open_course: Callable[..., Running], start: Any
) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    path = server.data / "certificate_key.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = start(server.data, policy=course())
    assert requests.get(f"{again.url}/certificates/{issued['id']}", timeout=20).json()["status"] == "valid"


def test_a_key_that_is_missing_beside_certificates_is_asked_for_and_not_made_anew(
    open_course: Callable[..., Running], start: Any
) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    other = graduate(server)
    path = server.data / "certificate_key.pem"
    kept = path.read_bytes()
    path.unlink()
    again = start(server.data, policy=course())
    replies = [
        requests.get(f"{again.url}/certificates/{issued['id']}", timeout=20),
        requests.get(f"{again.url}/certificates/status", timeout=20),
        type(other)(again.url, other.key).post("/certificate", {}),
    ]
    for reply in replies:
        assert reply.status_code == 503
        assert "has no certificate_key.pem, which certificates of this course" in reply.json()["error"]
        assert "a backup of the course has the file" in reply.json()["error"]
    assert not path.exists()
    assert again.query("select count(*) from certificates") == [(1,)]
    path.write_bytes(kept)
    assert requests.get(replies[0].url, timeout=20).json()["status"] == "valid"
    assert type(other)(again.url, other.key).post("/certificate", {}).status_code == 200


def test_servers_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = {key.thumbprint for key in pool.map(open_key, [tmp_path] * 8, [False] * 8)}
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["certificate_key.pem"]
