"""Keys and roles: who may do what, at every address there is."""

import re

import pytest
import requests

EMAIL = {"email": "nobody@example.org"}
STUDENT = [
    ("POST", "/attempts", {"assignment": "tiny0", "questions": [], "cases_digest": "a" * 64}),
    ("POST", "/attempts/00000000-0000-0000-0000-000000000000/answers", {}),
    ("GET", "/me", None),
    ("GET", "/assignments", None),
]
INSTRUCTOR = [
    ("PUT", "/assignments/tiny0", {}),
    ("POST", "/roster", {"people": [{"name": "N", "email": "n@example.org", "role": "student"}]}),
    ("POST", "/keys", EMAIL),
    ("POST", "/keys/revoke", EMAIL),
    ("GET", "/gradebook", None),
    ("GET", "/alerts", None),
]
HEADERS = {"Idempotency-Key": "k"}


def send(server, method, path, content, authorization=None):
    headers = HEADERS | ({"Authorization": authorization} if authorization is not None else {})
    return requests.request(method, f"{server.url}/api/v1{path}", json=content, headers=headers, timeout=20)


def test_these_are_all_the_addresses_and_they_describe_their_blobs(server):
    paths = requests.get(f"{server.url}/openapi.json", timeout=20).json()["paths"]
    known = {
        (method, re.sub("0[0-9-]{35}", "{attempt_id}", path)) for method, path, _ in STUDENT + INSTRUCTOR
    }
    known = {
        (method, path.replace("/assignments/tiny0", "/assignments/{assignment}")) for method, path in known
    }
    known |= {("GET", "/assignments/{assignment}/release")}
    found = {(method.upper(), path.removeprefix("/api/v1")) for path, one in paths.items() for method in one}
    assert found - {("GET", "/healthz")} == known
    for path, method in (("/attempts/{attempt_id}/answers", "post"), ("/assignments/{assignment}", "put")):
        content = paths[f"/api/v1{path}"][method]["requestBody"]["content"]
        assert content["application/octet-stream"]["schema"] == {"type": "string", "format": "binary"}


@pytest.mark.parametrize(("method", "path", "content"), STUDENT + INSTRUCTOR)
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer x",
        "Bearer ndl_" + "A" * 40,
        "Basic bmRsXzp4",
        "Bearer ndl_" + "A" * 39 + "'",
        "ndl_x",
    ],
)
def test_no_address_answers_without_a_known_key(server, method, path, content, authorization):
    response = send(server, method, path, content, authorization)
    assert response.status_code == 401
    assert set(response.json()) == {"error"}
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path", "content"), INSTRUCTOR)
def test_a_student_gets_no_instructors_address(server, student, method, path, content):
    response = send(server, method, path, content, f"Bearer {student.key}")
    assert response.status_code == 403
    said = response.json()["error"]
    assert said.startswith("Only an ")
    assert said.endswith(", and your key is a student's.")


@pytest.mark.parametrize(("method", "path", "content"), STUDENT + INSTRUCTOR)
def test_an_instructor_gets_past_the_door_of_every_address(server, method, path, content):
    status = send(server, method, path, content, f"Bearer {server.instructor.key}").status_code
    assert status not in (401, 403)


@pytest.mark.parametrize(
    "query", ["key={}", "x={}", "token=secret", "API_KEY=", "q=Bearer+{}", "a=%6edl_{0[4]}"]
)
def test_a_key_in_the_address_is_refused_and_not_logged(server, student, log, query):
    encoded = "%6e" + student.key[1:]
    text = query.replace("%6edl_{0[4]}", encoded).format(student.key)
    response = requests.get(f"{server.url}/api/v1/me?{text}", timeout=20)
    assert response.status_code == 400
    assert "A key must never be part of an address" in response.json()["error"]
    log.line_with("[400]")
    assert student.key not in log.getvalue()


def test_a_key_in_the_path_is_not_logged(server, student, log):
    requests.get(f"{server.url}/{student.key}", timeout=20)
    log.line_with("/ndl_...")
    assert student.key not in log.getvalue()


def test_keys_are_stored_as_hashes_only(server, student):
    engine = server.app.state.services.database.engine
    with engine.connect() as connection:
        assert student.key not in "\n".join(connection.connection.driver_connection.iterdump())


def test_a_revoked_key_is_refused_and_says_since_when(server, student):
    server.instructor.post("/keys/revoke", {"email": student.email})
    response = student.request("GET", "/me")
    assert response.status_code == 401
    assert f"revoked on {server.clock():%Y-%m-%d}. Ask your instructor" in response.json()["error"]


def test_the_release_and_the_page_need_no_key(server):
    for path in ("/api/v1/assignments/tiny0/release", "/", "/healthz", "/docs"):
        assert requests.get(server.url + path, timeout=20).status_code == 200


def test_an_unknown_address_or_method_is_answered_with_a_sentence(server):
    for method, path, status in (("GET", "/api/v2", 404), ("DELETE", "/api/v1/me", 405)):
        response = requests.request(method, server.url + path, timeout=20)
        assert response.status_code == status
        assert set(response.json()) == {"error"}
