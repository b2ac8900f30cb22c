"""Certificates: earned, signed, drawn, checked by anybody, and taken back."""

import concurrent.futures
import dataclasses
import hashlib
import hmac
import json
import re
import stat
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import matplotlib
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import cli
from grader.client import Client, Login, save_login
from grader.course.policy import CertificatePolicy, Policy
from grader.credentials import decode, encode, is_revoked, read_file, read_keys, thumbprint, verify
from grader.errors import CredentialError
from grader.publishing.hosting import issue_to_oneself
from grader.server.certificates.credential import Holder, credential, status_list
from grader.server.certificates.document import draw
from grader.server.certificates.earning import missing
from grader.server.certificates.fonts import Fonts
from grader.server.certificates.signing import SigningKey, open_key

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
BASE = "https://course.example.org"
HOLDER = Holder("6f0c6a5e-6a2e-4a43-9a3e-0d6b0a0f7a11", 7, "Zoë Ł", "zoe@example.org", 93.2)


def course(**certificate: Any) -> Policy:
    asked = {"threshold": 0.8, "project_required": False, "issuer": "The Institute"} | certificate
    return Policy.model_validate(
        {"id": "tiny", "title": "Tiny <b>", "assignments": [{"id": "tiny0"}], "certificate": asked}
    )


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate())


@pytest.fixture(scope="module")
def token(key: SigningKey) -> str:
    return key.sign(BASE, credential(BASE, course(), HOLDER, NOW), NOW)


@pytest.fixture
def open_course(start: Callable[..., Any], kit: SimpleNamespace) -> Callable[..., Any]:
    """Return a function that starts a server with one homework, and what its certificate asks for."""

    def one(database_url: str | None = None, **certificate: Any) -> Any:
        server = start(policy=course(**certificate), database_url=database_url)
        assert server.instructor.publish(kit.publication()).status_code == 200
        return server

    return one


def graduate(server: Any, name: str = "Zoë Łukasiewicz") -> Any:
    student = server.student(name)
    student.scored(student.drawn())
    return student


def keys_of(key: SigningKey) -> Any:
    return read_keys(key.jwk(BASE), "here")


def accept_project(server: Any, person: Any) -> None:
    """Write into the database what a reviewer's acceptance leaves there."""
    at, found = "2026-01-01 00:00:00", "(select id from people where email = :email)"
    with server.app.state.services.database.engine.begin() as connection:
        for statement in (
            f"insert into groups (id, name, code, created_at) values (1, 'g', 'c', '{at}')",
            f"insert into members (person_id, group_id, joined_at) values ({found}, 1, '{at}')",
            "insert into hand_ins (id, group_id, person_id, kind, track, at, file, size, checks) "
            f"values (1, 1, {found}, 'project', '', '{at}', 'f', 1, '{{}}')",
            "insert into reviews (hand_in_id, reviewer_id, points, comments, accepted, at) "
            f"values (1, 1, '{{}}', '{{}}', 1, '{at}')",
        ):
            connection.exec_driver_sql(statement.replace(":email", f"'{person.email}'"))


# who has earned it


@pytest.mark.parametrize(
    ("average", "accepted", "said"),
    [
        (80.0, True, []),
        (79.99, True, ["average 79.99 of 80"]),
        (100.0, False, ["the project is not accepted yet"]),
        (74.2, False, ["average 74.20 of 80", "the project is not accepted yet"]),
    ],
)
def test_what_is_missing_is_named_exactly(average: float, accepted: bool, said: list[str]) -> None:
    assert missing(average, accepted, CertificatePolicy(threshold=0.8)) == said


def test_an_average_that_is_shown_as_enough_is_enough() -> None:
    assert missing(57.0, False, CertificatePolicy(threshold=0.57, project_required=False)) == []


def test_the_half_done_are_told_what_is_missing_and_get_nothing(open_course: Callable[..., Any]) -> None:
    server = open_course(project_required=True)
    student = server.student()
    student.scored(student.drawn("double"))
    standing = student.get("/certificate")
    said = ["average 40.00 of 80", "the project is not accepted yet"]
    assert (standing["missing"], standing["certificate"]) == (said, None)
    refused = student.post("/certificate", {})
    assert refused.status_code == 409
    assert "; ".join(said) in refused.json()["error"]
    assert student.request("GET", "/certificate/document").status_code == 404
    assert server.query("select count(*) from certificates") == [(0,)]


def test_an_accepted_project_is_what_was_missing(open_course: Callable[..., Any]) -> None:
    server = open_course(project_required=True)
    student = graduate(server)
    assert student.get("/certificate")["missing"] == ["the project is not accepted yet"]
    accept_project(server, student)
    assert student.post("/certificate", {}).status_code == 200


# issuing


def test_a_certificate_is_issued_once_however_often_it_is_asked_for(open_course: Callable[..., Any]) -> None:
    server = open_course()
    student = graduate(server)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = [one.json() for one in pool.map(lambda _: student.post("/certificate", {}), range(8))]
    assert len({one["credential"] for one in replies}) == 1
    assert server.query("select count(*) from certificates") == [(1,)]
    assert server.query("select count(*) from audit where action = 'certificate_issued'") == [(1,)]


def test_the_credential_is_an_open_badge_that_verifies_with_the_published_key(
    open_course: Callable[..., Any],
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


def test_the_key_is_the_owners_alone_and_outlives_the_server(
    open_course: Callable[..., Any], start: Any
) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    path = server.data / "certificate_key.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = start(server.data, policy=course())
    assert requests.get(f"{again.url}/certificates/{issued['id']}", timeout=20).json()["status"] == "valid"


def test_a_key_that_is_missing_beside_certificates_is_asked_for_and_not_made_anew(
    open_course: Callable[..., Any], start: Any
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


def test_an_instructor_replaces_a_certificate_and_the_older_one_is_revoked(
    open_course: Callable[..., Any],
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


def test_a_certificate_that_is_not_earned_can_not_be_reissued(open_course: Callable[..., Any]) -> None:
    server = open_course()
    reply = server.instructor.post("/certificates/reissue", {"email": server.student().email})
    assert (reply.status_code, "average 0.00 of 80" in reply.json()["error"]) == (409, True)


def test_a_self_learners_certificate_says_so_everywhere(open_course: Callable[..., Any]) -> None:
    server = open_course()
    issue_to_oneself(Client(Login(server.url, server.instructor.key)))
    issued = graduate(server).post("/certificate", {}).json()
    checked = requests.get(issued["url"], timeout=20).json()
    assert (checked["self_issued"], checked["course"]) == (True, "Tiny <b> (self-issued)")
    page = requests.get(issued["url"], headers={"Accept": "text/html"}, timeout=20).text
    assert "<strong>Self-issued:</strong>" in page


# revocation


def test_the_same_holds_on_postgresql(open_course: Callable[..., Any], empty_postgres: str) -> None:
    server = open_course(empty_postgres)
    student = graduate(server)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        replies = [one.json() for one in pool.map(lambda _: student.post("/certificate", {}), range(4))]
    assert len({one["credential"] for one in replies}) == 1
    server.instructor.post("/certificates/revoke", {"email": student.email, "reason": "a mistake"})
    assert requests.get(replies[0]["url"], timeout=20).json()["status"] == "revoked"
    assert requests.get(f"{server.url}/certificates/%00", timeout=20).status_code == 404


def test_a_revoked_certificate_is_shown_as_one_and_stands_in_the_signed_list(
    open_course: Callable[..., Any],
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


# the public page


def test_the_page_shows_a_valid_certificate_and_escapes_what_it_holds(
    open_course: Callable[..., Any],
) -> None:
    server = open_course()
    issued = graduate(server, "<script>alert(1)</script>").post("/certificate", {}).json()
    page = requests.get(issued["url"], headers={"Accept": "text/html,*/*"}, timeout=20)
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script" not in page.text
    assert "<strong>Valid.</strong>" in page.text
    assert "100.00 of 100" in page.text
    assert requests.get(issued["url"], timeout=20).json()["credential"] == issued["credential"]


@pytest.mark.parametrize("name", ["nothing", "0" * 36, "%27%20or%201=1", "a" * 4000, "%00"])
def test_an_unknown_certificate_is_said_to_be_unknown(server: Any, name: str) -> None:
    response = requests.get(f"{server.url}/certificates/{name}", timeout=20)
    assert (response.status_code, response.json()["status"]) == (404, "unknown")
    page = requests.get(f"{server.url}/certificates/{name}", headers={"Accept": "text/html"}, timeout=20)
    assert (page.status_code, "No such certificate" in page.text) == (404, True)


def test_a_certificate_changed_in_the_database_is_not_valid(open_course: Callable[..., Any]) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    header, claims, signature = issued["credential"].split(".")
    forged = json.loads(decode(claims)) | {"name": "Another"}
    text = ".".join((header, encode(json.dumps(forged).encode()), signature))
    with server.app.state.services.database.engine.begin() as connection:
        connection.exec_driver_sql("update certificates set credential = ?", (text,))
    assert requests.get(issued["url"], timeout=20).json()["status"] == "unknown"


def test_no_certificate_carries_an_address_that_a_request_made_up(open_course: Callable[..., Any]) -> None:
    server = open_course()
    student = graduate(server)
    reply = student.request("POST", "/certificate", json={}, headers={"Host": "evil.example"})
    assert (reply.status_code, "--public-url" in reply.json()["error"]) == (503, True)
    assert server.query("select count(*) from certificates") == [(0,)]


# the document


def test_the_document_is_one_page_that_carries_the_credential(
    open_course: Callable[..., Any], tmp_path: Path
) -> None:
    server = open_course()
    student = graduate(server, "Нина Ωμέγα")
    issued = student.post("/certificate", {}).json()
    response = student.request("GET", "/certificate/document")
    assert response.headers["content-type"] == "application/pdf"
    assert len(re.findall(rb"/Type /Page\b", response.content)) == 1
    path = tmp_path / "certificate.pdf"
    path.write_bytes(response.content)
    assert read_file(path) == issued["credential"]


@pytest.mark.parametrize("name", ["李小龙", "محمد", "A" * 200, "ﬁ—“”", "🙂", "e\u0301"])
def test_a_name_in_any_letters_gets_a_document(
    token: str, key: SigningKey, name: str, tmp_path: Path
) -> None:
    named = dataclasses.replace(verify(token, keys_of(key), NOW), name=name)
    assert draw(named, course(), token, timezone.utc, tmp_path).startswith(b"%PDF")


def test_a_course_adds_fonts_for_other_letters(tmp_path: Path) -> None:
    any_letter = next(Path(matplotlib.get_data_path()).rglob("LastResort*.ttf"))
    assert not can_print(tmp_path, "李小龙")
    (tmp_path / any_letter.name).write_bytes(any_letter.read_bytes())
    assert can_print(tmp_path, "李小龙")
    assert not can_print(tmp_path, "محمد")


def can_print(own: Path, text: str) -> bool:
    pdf = FPDF()
    found = Fonts(pdf, own).can_print(text)
    pdf.output()  # closes the files of the fonts
    return found


# checking one


def test_a_signed_credential_says_what_was_signed(token: str, key: SigningKey) -> None:
    found = verify(token, keys_of(key), NOW)
    assert (found.name, found.course, found.average) == ("Zoë Ł", "Tiny <b>", 93.2)
    assert (found.place, found.issued_at, found.self_issued) == (7, NOW, False)


def test_no_character_of_a_credential_can_be_changed(token: str, key: SigningKey) -> None:
    keys = keys_of(key)
    for at, old in enumerate(token):
        other = "A" if old != "A" else "B"
        with pytest.raises(CredentialError, match=r"[Dd]o not trust"):
            verify(token[:at] + other + token[at + 1 :], keys, NOW)
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        if last != token[-1]:
            with pytest.raises(CredentialError):
                verify(token[:-1] + last, keys, NOW)


def test_another_courses_key_is_refused(token: str) -> None:
    other = SigningKey(Ed25519PrivateKey.generate())
    with pytest.raises(CredentialError, match="another key than this course's"):
        verify(token, keys_of(other), NOW)


def test_a_signature_by_another_key_under_the_courses_name_does_not_fit(token: str, key: SigningKey) -> None:
    claims = json.loads(decode(token.split(".")[1]))
    kid = jwt.get_unverified_header(token)["kid"]
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", {"kid": kid})
    with pytest.raises(CredentialError, match="changed after it was signed"):
        verify(forged, keys_of(key), NOW)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "NONE", "nOnE", "RS256", "", None])
def test_only_ed25519_is_believed(token: str, key: SigningKey, algorithm: Any) -> None:
    claims, kid = token.split(".")[1], jwt.get_unverified_header(token)["kid"]
    header = encode(json.dumps({"alg": algorithm, "typ": "JWT", "kid": kid}).encode())
    with pytest.raises(CredentialError, match=r"[Dd]o not trust"):
        verify(f"{header}.{claims}.{token.split('.')[2]}", keys_of(key), NOW)
    with pytest.raises(CredentialError, match=r"[Dd]o not trust"):
        verify(f"{header}.{claims}.", keys_of(key), NOW)


def test_the_public_key_is_no_shared_secret(token: str, key: SigningKey) -> None:
    claims, jwk = token.split(".")[1], key.jwk(BASE)
    header = encode(json.dumps({"alg": "HS256", "kid": jwk["kid"]}).encode())
    signed = hmac.new(decode(jwk["x"]), f"{header}.{claims}".encode(), hashlib.sha512).digest()
    with pytest.raises(CredentialError, match="'HS256'"):
        verify(f"{header}.{claims}.{encode(signed)}", keys_of(key), NOW)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exp": NOW.timestamp() - 1}, "expired"),
        ({"nbf": (NOW + timedelta(days=1)).timestamp()}, "in the future"),
        ({"nbf": "soon"}, "can't be read"),
        ({"sub": None}, "no credential of a course"),
        ({"credentialSubject": {}}, "no certificate of a course"),
        ({"credentialSubject": []}, "no certificate of a course"),
        ({"validFrom": 3}, "no certificate of a course"),
    ],
)
def test_a_signed_credential_that_is_no_certificate_now_is_refused(
    token: str, key: SigningKey, changes: dict[str, Any], said: str
) -> None:
    claims = json.loads(decode(token.split(".")[1])) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    signed = jwt.encode(claims, key._key, "EdDSA", {"kid": jwt.get_unverified_header(token)["kid"]})
    with pytest.raises(CredentialError, match=said):
        verify(signed, keys_of(key), NOW)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 100_000, "ndl_" + "A" * 40, "é.é.é", "[]"])
def test_what_is_no_credential_is_refused_with_a_sentence(key: SigningKey, text: str) -> None:
    with pytest.raises(CredentialError, match="no signed credential"):
        verify(text, keys_of(key), NOW)


@pytest.mark.parametrize(
    "said", [None, [], {}, {"keys": []}, {"keys": 3}, {"keys": [{"kty": "oct", "k": "AA"}]}]
)
def test_a_key_file_without_an_ed25519_key_is_refused(said: object) -> None:
    with pytest.raises(CredentialError, match="no Ed25519 key"):
        read_keys(said, "here")


def test_a_thumbprint_is_that_of_the_standards_example() -> None:
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"  # RFC 8037, appendix A.3
    assert (
        thumbprint({"kty": "OKP", "crv": "Ed25519", "x": x}) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


# the commands


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "workspace"
    (root / ".grader" / "releases").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


def test_a_certificate_is_fetched_checked_offline_and_refused_once_changed(
    open_course: Callable[..., Any], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = open_course()
    student = graduate(server)
    save_login(workspace, Login(server.url, student.key))
    assert cli.main(["certificate", "--into", "mine"]) == 0
    for name in ("certificate.jwt", "certificate.pdf"):
        capsys.readouterr()
        assert cli.main(["verify", f"mine/{name}"]) == 0
        said = capsys.readouterr().out
        assert "The signature is right." in said
        assert "Zoë Łukasiewicz" in said
        assert cli.main(["verify", f"mine/{name}", "--url", server.url]) == 0
        assert "It is not revoked." in capsys.readouterr().out
    changed = workspace / "mine" / "changed.jwt"
    text = (workspace / "mine" / "certificate.jwt").read_text()
    changed.write_text(text[:200] + ("x" if text[200] != "x" else "y") + text[201:])
    assert cli.main(["verify", str(changed)]) == 1
    assert "o not trust" in capsys.readouterr().err
    server.instructor.post("/certificates/revoke", {"email": student.email, "reason": "a mistake"})
    assert cli.main(["verify", "mine/certificate.jwt", "--url", server.url]) == 1
    assert "was revoked" in capsys.readouterr().err


def test_an_instructor_revokes_and_replaces_by_command(
    open_course: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = open_course()
    student = graduate(server)
    first = student.post("/certificate", {}).json()["url"]
    (tmp_path / "reference").mkdir()
    (tmp_path / "course.yaml").write_text("")
    save_login(tmp_path, Login(server.url, server.instructor.key))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["certificate", "revoke", student.email, "--reason", "a mistake"]) == 0
    assert first in capsys.readouterr().out
    assert requests.get(first, timeout=20).json()["reason"] == "a mistake"
    assert cli.main(["certificate", "reissue", student.email]) == 0
    second = student.post("/certificate", {}).json()["url"]
    assert second in capsys.readouterr().out
    assert requests.get(second, timeout=20).json()["status"] == "valid"


def test_a_clock_that_is_set_back_invalidates_nothing(open_course: Callable[..., Any]) -> None:
    server = open_course()
    issued = graduate(server).post("/certificate", {}).json()
    server.clock.move(days=-30)
    assert requests.get(issued["url"], timeout=20).json()["status"] == "valid"


def test_the_command_says_what_is_missing(
    open_course: Callable[..., Any], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = open_course(project_required=True)
    save_login(workspace, Login(server.url, server.student().key))
    assert cli.main(["certificate"]) == 1
    said = "No certificate yet: average 0.00 of 80; the project is not accepted yet."
    assert capsys.readouterr().err.strip() == said
    assert not (workspace / "certificate.pdf").exists()


def test_verify_without_a_key_or_a_file_says_what_to_give(
    workspace: Path, capsys: pytest.CaptureFixture[str], token: str
) -> None:
    (workspace / "c.jwt").write_text(token)
    (workspace / "no.json").write_text("{")
    (workspace / "c.pdf").write_bytes(b"%PDF-1.7 nothing attached")
    for arguments, said in (
        (["c.jwt"], "--key FILE"),
        (["c.jwt", "--key", "none.json"], "there is no such file"),
        (["c.jwt", "--key", "no.json"], "this is no JSON"),
        (["c.pdf"], "found 0 credentials"),
        (["none.jwt"], "there is no such file"),
    ):
        assert cli.main(["verify", *arguments]) == 1
        assert said in capsys.readouterr().err
