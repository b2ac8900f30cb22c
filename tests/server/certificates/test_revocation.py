"""Certificates taken back, and the signed list that says so."""

import concurrent.futures
import json
import zlib
from collections.abc import Callable
from typing import Any

import jwt
import requests
from certified_course import BASE, NOW, graduate
from hypothesis import given, settings
from hypothesis import strategies as st
from running_server import Running

from grader.credentials import decode, is_revoked, read_keys
from grader.server.certificates.credential import status_list


def test_the_same_holds_on_postgresql(open_course: Callable[..., Running], empty_postgres: str) -> None:
    server = open_course(empty_postgres)
    student = graduate(server)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        replies = [one.json() for one in pool.map(lambda _: student.post("/certificate", {}), range(4))]
    assert len({one["credential"] for one in replies}) == 1
    server.instructor.post("/certificates/revoke", {"email": student.email, "reason": "a mistake"})
    assert requests.get(replies[0]["url"], timeout=20).json()["status"] == "revoked"
    assert requests.get(f"{server.url}/certificates/%00", timeout=20).status_code == 404


def test_a_revoked_certificate_is_shown_as_one_and_stands_in_the_signed_list(
    open_course: Callable[..., Running],
) -> None:
    server = open_course()
    kept, gone = graduate(server, "Kept"), graduate(server, "Gone")
    places = []
    for student in (kept, gone):
        claims = json.loads(decode(student.post("/certificate", {}).json()["credential"].split(".")[1]))
        places.append(int(claims["credentialStatus"]["statusListIndex"]))
    content = {"email": gone.email, "reason": "copied <b>work</b>"}
    revoked = server.instructor.post("/certificates/revoke", content).json()
    checked = requests.get(revoked["url"], timeout=20).json()
    assert (checked["status"], checked["reason"]) == ("revoked", "copied <b>work</b>")
    page = requests.get(revoked["url"], headers={"Accept": "text/html"}, timeout=20)
    assert page.status_code == 200
    assert "copied &lt;b&gt;work" in page.text
    listed = _list(server)
    assert [is_revoked(listed, place) for place in places] == [False, True]
    assert server.query("select count(*) from audit where action = 'certificate_revoked'") == [(1,)]
    again = server.instructor.post("/certificates/revoke", content)
    assert (again.status_code, "no certificate that holds" in again.json()["error"]) == (409, True)
    asked = gone.post("/certificate", {})
    assert (asked.status_code, "was revoked on" in asked.json()["error"]) == (409, True)


def _list(server: Any) -> dict[str, Any]:
    text = requests.get(f"{server.url}/certificates/status", timeout=20).text
    keys = read_keys(requests.get(f"{server.url}/.well-known/jwks.json", timeout=20).json(), "here")
    kid = jwt.get_unverified_header(text)["kid"].partition("#")[2]
    listed: dict[str, Any] = jwt.decode(text, keys[kid], algorithms=["EdDSA"])
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    return listed


def test_the_list_is_long_enough_to_hide_how_many_there_are() -> None:
    packed = status_list(BASE, [0, 9], 10, NOW)["credentialSubject"]["encodedList"]
    assert packed[0] == "u"
    bits = zlib.decompress(decode(packed[1:]), wbits=31)
    assert (len(bits), bits[:3]) == (16384, bytes([0x80, 0x40, 0]))


@settings(derandomize=True, deadline=None, database=None, max_examples=30)
@given(st.sets(st.integers(0, 140_000), max_size=20), st.integers(0, 140_000))
def test_a_place_is_revoked_exactly_when_it_is_in_the_list(revoked: set[int], place: int) -> None:
    assert is_revoked(status_list(BASE, revoked, 140_001, NOW), place) == (place in revoked)
