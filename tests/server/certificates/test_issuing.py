"""Certificates issued: once, signed, of this course's address, and replaced."""

import concurrent.futures
import json
from collections.abc import Callable

import jwt
import requests
from certified_course import graduate
from running_server import Running

from grader.client import Client, Login
from grader.credentials import decode, read_keys, verify
from grader.publishing.hosting import issue_to_oneself


def test_a_certificate_is_issued_once_however_often_it_is_asked_for(
    open_course: Callable[..., Running],
) -> None:
    server = open_course()
    student = graduate(server)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = [one.json() for one in pool.map(lambda _: student.post("/certificate", {}), range(8))]
    assert len({one["credential"] for one in replies}) == 1
    assert server.query("select count(*) from certificates") == [(1,)]
    assert server.query("select count(*) from audit where action = 'certificate_issued'") == [(1,)]


def test_the_credential_is_an_open_badge_that_verifies_with_the_published_key(
    open_course: Callable[..., Running],
) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    published = requests.get(f"{server.url}/.well-known/jwks.json", timeout=20).json()
    [jwk] = published["keys"]
    assert "d" not in jwk
    assert requests.get(jwk["kid"].partition("#")[0], timeout=20).json() == jwk
    found = verify(issued["credential"], read_keys(published, "here"), server.clock())
    assert (found.name, found.average, found.issuer) == ("Zoë Łukasiewicz", 100.0, "The Institute")
    assert found.id == issued["url"] == f"{server.url}/certificates/{issued['id']}"
    header = jwt.get_unverified_header(issued["credential"])
    assert header == {"alg": "EdDSA", "typ": "JWT", "kid": jwk["kid"]}
    claims = json.loads(decode(issued["credential"].split(".")[1]))
    assert claims["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert claims["type"] == ["VerifiableCredential", "AchievementCredential"]
    assert (claims["iss"], claims["jti"]) == (server.url, issued["url"])
    subject = claims["credentialSubject"]
    assert (subject["type"], claims["sub"]) == (["AchievementSubject"], subject["id"])
    assert {"id", "type", "name", "description", "criteria"} <= subject["achievement"].keys()
    assert claims["credentialStatus"]["type"] == "BitstringStatusListEntry"
    assert "example.org" not in json.dumps(subject)


def test_an_instructor_replaces_a_certificate_and_the_older_one_is_revoked(
    open_course: Callable[..., Running],
) -> None:
    server = open_course()
    student = graduate(server, "Zoe")
    old = student.post("/certificate", {}).json()
    server.instructor.post(
        "/roster", {"people": [{"name": "Zoë", "email": student.email, "role": "student"}]}
    )
    assert student.post("/certificate", {}).json() == old
    reply = server.instructor.post("/certificates/reissue", {"email": student.email})
    new = reply.json()
    assert (new["name"], new["id"] != old["id"]) == ("Zoë", True)
    checked = requests.get(old["url"], timeout=20).json()
    assert (checked["status"], checked["reason"]) == ("revoked", "replaced by a newer one")
    assert student.post("/certificate", {}).json() == new


def test_a_certificate_that_is_not_earned_can_not_be_reissued(open_course: Callable[..., Running]) -> None:
    server = open_course()
    reply = server.instructor.post("/certificates/reissue", {"email": server.student().email})
    assert (reply.status_code, "average 0.00 of 80" in reply.json()["error"]) == (409, True)


def test_a_self_learners_certificate_says_so_everywhere(open_course: Callable[..., Running]) -> None:
    server = open_course()
    issue_to_oneself(Client(Login(server.url, server.instructor.key)))
    issued = graduate(server).post("/certificate", {}).json()
    checked = requests.get(issued["url"], timeout=20).json()
    assert (checked["self_issued"], checked["course"]) == (True, "Tiny <b> (self-issued)")
    page = requests.get(issued["url"], headers={"Accept": "text/html"}, timeout=20).text
    assert "<strong>Self-issued:</strong>" in page


def test_no_certificate_carries_an_address_that_a_request_made_up(
    open_course: Callable[..., Running],
) -> None:
    server = open_course()
    student = graduate(server)
    reply = student.request("POST", "/certificate", json={}, headers={"Host": "evil.example"})
    assert (reply.status_code, "--public-url" in reply.json()["error"]) == (503, True)
    assert server.query("select count(*) from certificates") == [(0,)]
