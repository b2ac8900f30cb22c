"""Who may do what, at every address there is: the table below names each, and a test misses the others."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from running_server import Running
from starlette.routing import BaseRoute, Route

from grader.server.rules.permissions import PERMISSIONS, permissions
from grader.server.web.rendering import COOKIE

ROLES = ("student", "assistant", "instructor")
# what an address asks for: a permission, or to be signed in at all, or nothing
API = {
    "read": [
        "GET /me",
        "GET /me/attempts",
        "GET /assignments",
        "GET /certificate",
        "GET /certificate/document",
        "GET /project",
        "GET /project/hand-ins/{number}",
        "GET /project/hand-ins/{number}/archive",
        "GET /leaderboard",
        "GET /leaderboard/me",
        "POST /links",
        "GET /policy",
        "GET /catch-up/{assignment}",
    ],
    "submit": [
        "POST /attempts",
        "POST /attempts/{attempt_id}/answers",
        "POST /certificate",
        "POST /project/groups",
        "POST /project/groups/join",
        "POST /project/groups/leave",
        "POST /project/hand-ins",
        "POST /leaderboard/me",
        "POST /leaderboard/figures",
        "POST /catch-up/{assignment}",
    ],
    "read_all": [
        "GET /roster",
        "GET /gradebook",
        "GET /gradebook.csv",
        "GET /people/{email}/attempts",
        "GET /people/{email}/results/{assignment}",
        "GET /alerts",
        "GET /audit",
        "GET /extensions",
    ],
    "review": [
        "GET /project/hand-ins",
        "POST /project/hand-ins/{number}/review",
        "PUT /project/hand-ins/{number}/repeated",
    ],
    "manage": [
        "PUT /assignments/{assignment}",
        "PUT /project",
        "POST /project/groups/move",
        "POST /roster",
        "POST /keys",
        "POST /keys/revoke",
        "GET /invites",
        "POST /invites",
        "POST /invites/close",
        "POST /certificates/revoke",
        "POST /certificates/reissue",
        "POST /regrade",
        "POST /extensions",
        "POST /extensions/remove",
    ],
    "sign in": ["GET /me/keys", "POST /me/keys", "POST /me/keys/revoke"],
    "nothing": [
        "GET /assignments/{assignment}/release",
        "GET /assignments/project/release",
        "GET /certificates/key",
        "POST /join",
    ],
}
PAGES = {
    "read_all": [
        "GET /gradebook",
        "GET /assignments/{assignment}",
        "GET /people/{email}",
        "GET /publish",
        "GET /roster",
        "GET /gradebook.csv",
    ],
    "submit": ["POST /leaderboard"],
    "review": ["POST /project/{number}"],
    "manage": ["POST /people/{email}/extensions", "POST /people/{email}/group", "POST /roster"],
    "sign in": [
        "GET /me",
        "GET /project",
        "GET /project/{number}",
        "GET /project/{number}/file",
        "GET /leaderboard",
        "POST /sign-out",
    ],
    "nothing": [
        "GET /",
        "GET /sign-in/{code}",
        "POST /sign-in/{code}",
        "GET /certificates/{certificate_id}",
        "GET /certificates/status",
        "GET /.well-known/jwks.json",
        "GET /style.css",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /openapi.json",
        "GET /docs",
    ],
}
API_ROWS = [(address, asks) for asks, rows in API.items() for address in rows]
PAGE_ROWS = [(address, asks) for asks, rows in PAGES.items() for address in rows]
HEADERS = {"Idempotency-Key": "k"}
DOOR = re.compile(r"Only an .* may |This key was not made to|The key that you signed in with was not made to")
FILLED = {
    "attempt_id": "00000000-0000-0000-0000-000000000000",
    "assignment": "tiny0",
    "email": "nobody@example.org",
    "number": "999999",
}


def addresses(routes: list[BaseRoute]) -> Iterator[str]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from addresses(included.routes)
        if isinstance(route, Route):
            yield from (f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"})


def fill(template: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: FILLED.get(found[1], "unknown"), template)


def send(
    server: Running, address: str, authorization: str | None = None, prefix: str = "/api/v1"
) -> requests.Response:
    method, template = address.split()
    headers = HEADERS | ({"Authorization": authorization} if authorization is not None else {})
    content = None if method == "GET" else {}
    url = server.url + prefix + fill(template)
    return requests.request(method, url, json=content, headers=headers, timeout=20)


def is_stopped(response: requests.Response) -> bool:
    """Say whether somebody was refused for who they are, before anything was looked at."""
    return response.status_code == 401 or (
        response.status_code == 403 and bool(DOOR.match(response.json()["error"]))
    )


@pytest.fixture(scope="module")
def keys(server: Running) -> dict[tuple[str, str | None], str]:
    """A key for each role, and for each permission of an instructor."""
    people = [{"name": role, "email": f"{role}-door@example.org", "role": role} for role in ROLES]
    enrolled = server.instructor.post("/roster", {"people": people}).json()["people"]
    found: dict[tuple[str, str | None], str] = {(one["role"], None): one["key"] for one in enrolled}
    for role in ROLES:
        for scope in PERMISSIONS:
            if scope in permissions(role, None):
                found[role, scope] = _scoped(server, found[role, None], [scope])
    return found


def _scoped(server: Running, key: str, scopes: list[str]) -> str:
    content = {"label": "for the door", "scopes": scopes}
    headers = {"Authorization": f"Bearer {key}"}
    made = requests.post(f"{server.url}/api/v1/me/keys", json=content, headers=headers, timeout=20)
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    assert isinstance(key, str)
    return key


def test_the_tables_name_every_address(server: Running) -> None:
    named = {address.replace(" ", " /api/v1", 1) for address, _ in API_ROWS} | {row for row, _ in PAGE_ROWS}
    found = set(addresses(server.app.routes))
    assert found - named == set(), "say in the table above what this address asks for"
    assert named - found == set()


def test_the_description_of_the_api_says_which_bodies_are_blobs(server: Running) -> None:
    paths = requests.get(f"{server.url}/openapi.json", timeout=20).json()["paths"]
    for path, method in (("/attempts/{attempt_id}/answers", "post"), ("/assignments/{assignment}", "put")):
        content = paths[f"/api/v1{path}"][method]["requestBody"]["content"]
        assert content["application/octet-stream"]["schema"] == {"type": "string", "format": "binary"}


@pytest.mark.parametrize("authorization", [None, "Bearer ndl_" + "A" * 40])
@pytest.mark.parametrize(("address", "asks"), API_ROWS)
def test_no_address_answers_without_a_known_key(
    server: Running, address: str, asks: str, authorization: str | None
) -> None:
    response = send(server, address, authorization)
    assert is_stopped(response) == (asks != "nothing"), response.text
    if asks != "nothing":
        assert set(response.json()) == {"error"}
        assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x", "Basic bmRsXzp4", "Bearer ndl_" + "A" * 39 + "'", "ndl_x", "Bearer a b"],
)
def test_what_is_no_key_is_refused(server: Running, authorization: str) -> None:
    for address in ("GET /me", "POST /attempts", "POST /roster"):
        assert send(server, address, authorization).status_code == 401


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("address", "asks"), API_ROWS)
def test_a_role_gets_exactly_what_it_may(
    server: Running, keys: dict[Any, str], role: str, address: str, asks: str
) -> None:
    allowed = asks in ("nothing", "sign in") or asks in permissions(role, None)
    response = send(server, address, f"Bearer {keys[role, None]}")
    assert is_stopped(response) == (not allowed), response.text
    if not allowed:
        assert response.json()["error"].endswith(
            f"your key is {'a' if role == 'student' else 'an'} {role}'s."
        )


@pytest.mark.parametrize("scope", PERMISSIONS)
@pytest.mark.parametrize(("address", "asks"), API_ROWS)
def test_a_scoped_key_gets_what_it_was_made_for_and_no_more(
    server: Running, keys: dict[Any, str], scope: str, address: str, asks: str
) -> None:
    allowed = asks in ("nothing", "sign in", scope)
    response = send(server, address, f"Bearer {keys['instructor', scope]}")
    assert is_stopped(response) == (not allowed), response.text


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(("address", "asks"), PAGE_ROWS)
def test_a_page_and_its_form_are_for_who_may(
    server: Running, keys: dict[Any, str], role: str | None, address: str, asks: str
) -> None:
    method, template = address.split()
    form: dict[str, str] = {}
    cookies: dict[str, str] = {}
    if role is not None:
        here = server.app.state.services
        token = here.sessions.open(here.sessions.make_link(here.people.sign_in(keys[role, None])))
        cookies, form = {COOKIE: token}, {"csrf": here.sessions.find(token).csrf}
    allowed = asks == "nothing" or (
        role is not None and (asks == "sign in" or asks in permissions(role, None))
    )
    response = requests.request(
        method,
        server.url + fill(template),
        data=form if method == "POST" else None,
        cookies=cookies,
        allow_redirects=False,
        timeout=20,
    )
    assert is_stopped(response) == (not allowed), response.text


@pytest.mark.parametrize(("address", "asks"), [row for row in PAGE_ROWS if row[0].startswith("POST")])
def test_no_form_is_taken_without_the_value_of_its_session(
    server: Running, keys: dict[Any, str], address: str, asks: str
) -> None:
    here = server.app.state.services
    person = here.people.sign_in(keys["instructor", None])
    token, other = (here.sessions.open(here.sessions.make_link(person)) for _ in range(2))
    for form in ({}, {"csrf": ""}, {"csrf": "é"}, {"csrf": here.sessions.find(other).csrf}):
        url = server.url + fill(address.split()[1])
        response = requests.post(url, data=form, cookies={COOKIE: token}, allow_redirects=False, timeout=20)
        if asks != "nothing":
            assert response.status_code in (403, 415), response.text  # 415: no body, and so no form
            assert "nothing was done" in response.text or response.status_code == 415
        assert here.sessions.find(token) is not None


@pytest.mark.parametrize(
    "query", ["key={}", "x={}", "token=secret", "API_KEY=", "q=Bearer+{}", "a=%6edl_{0[4]}"]
)
def test_a_key_in_the_address_is_refused_and_not_logged(
    server: Running, student: Any, log: Any, query: str
) -> None:
    encoded = "%6e" + student.key[1:]
    text = query.replace("%6edl_{0[4]}", encoded).format(student.key)
    response = requests.get(f"{server.url}/api/v1/me?{text}", timeout=20)
    assert response.status_code == 400
    assert "A key must never be part of an address" in response.json()["error"]
    log.line_with("[400]")
    assert student.key not in log.getvalue()


def test_a_key_in_the_path_is_not_logged(server: Running, student: Any, log: Any) -> None:
    requests.get(f"{server.url}/{student.key}", timeout=20)
    log.line_with("/ndl_...")
    assert student.key not in log.getvalue()


def test_keys_are_stored_as_hashes_only(server: Running, student: Any) -> None:
    engine = server.app.state.services.database.engine
    with engine.connect() as connection:
        assert student.key not in "\n".join(connection.connection.driver_connection.iterdump())


def test_a_revoked_key_is_refused_and_says_since_when(server: Running, student: Any) -> None:
    server.instructor.post("/keys/revoke", {"email": student.email})
    response = student.request("GET", "/me")
    assert response.status_code == 401
    assert f"revoked on {server.clock():%Y-%m-%d}. Ask your instructor" in response.json()["error"]


def test_an_attempt_of_another_is_not_there(server: Running, student: Any, kit: Any) -> None:
    attempt = student.drawn()
    for other in (server.student("Other"), server.instructor):
        response = other.answer(attempt, kit.right(attempt))
        assert response.status_code == 404
    assert student.scored(attempt)["score"] == 100.0


def test_an_unknown_address_or_method_is_answered_with_a_sentence(server: Running) -> None:
    for method, path, status in (("GET", "/api/v2", 404), ("DELETE", "/api/v1/me", 405)):
        response = requests.request(method, server.url + path, timeout=20)
        assert response.status_code == status
        assert set(response.json()) == {"error"}
