"""Signing in with a one-time link: what link, cookie and forms hold, and what is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from running_server import Person, Running

from grader.server.web.rendering import COOKIE


def link_of(person: Person) -> str:
    path = person.post("/links", {}).json()["path"]
    assert isinstance(path, str)
    return person.url + path


def signed_in(person: Person) -> requests.Session:
    browser = requests.Session()
    response = browser.post(link_of(person), allow_redirects=False, timeout=20)
    assert (response.status_code, response.headers["location"]) == (303, "/me")
    return browser


def csrf_of(server: Running, browser: requests.Session) -> str:
    found = server.app.state.services.sessions.find(browser.cookies[COOKIE])
    assert found is not None
    return str(found.csrf)


def test_looking_at_a_link_does_not_use_it_up_and_shows_whose_it_is(server: Running) -> None:
    student = server.student("Eve <script>alert(1)</script>")
    link = link_of(student)
    for _ in range(3):
        page = requests.get(link, timeout=20)
        assert page.status_code == 200
        assert "Eve &lt;script&gt;" in page.text
        assert "<script" not in page.text
        assert "set-cookie" not in page.headers
        assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert requests.post(link, allow_redirects=False, timeout=20).status_code == 303


def test_a_link_works_once_and_for_five_minutes(start: Callable[..., Running]) -> None:
    server = start()
    used, old = link_of(server.instructor), link_of(server.instructor)
    assert requests.post(used, allow_redirects=False, timeout=20).status_code == 303
    server.clock.move(minutes=5)
    for link in (used, old, server.url + "/sign-in/unknown"):
        for method in ("GET", "POST"):
            response = requests.request(method, link, allow_redirects=False, timeout=20)
            assert response.status_code == 410
            assert "works once, for five minutes" in response.json()["error"]
            assert "set-cookie" not in response.headers


def test_of_many_who_use_a_link_at_once_one_is_signed_in(server: Running, student: Person) -> None:
    link = link_of(student)
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(requests.post, link, allow_redirects=False, timeout=60) for _ in range(8)]
        statuses = sorted(one.result().status_code for one in tries)
    assert statuses == [303] + [410] * 7


def test_links_and_sessions_that_have_long_ended_are_deleted(start: Callable[..., Running]) -> None:
    server = start()
    for _ in range(3):
        link_of(server.instructor)
        signed_in(server.instructor)
    server.clock.move(days=9)
    signed_in(server.instructor)
    assert server.query("select count(*) from links") == [(1,)]
    assert server.query("select count(*) from sessions") == [(1,)]


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(server: Running, student: Person) -> None:
    plain = requests.post(link_of(student), allow_redirects=False, timeout=20).headers["set-cookie"]
    parts = {part.strip().lower() for part in plain.split(";")}
    assert {"httponly", "samesite=lax", "path=/", "max-age=604800"} <= parts
    assert "secure" not in parts
    # uvicorn believes a proxy on this machine, as `grader serve --behind-proxy` does
    headers = {"X-Forwarded-Proto": "https"}
    response = requests.post(link_of(student), headers=headers, allow_redirects=False, timeout=20)
    assert "; Secure" in response.headers["set-cookie"]


def test_a_session_ends_with_its_time_its_key_or_a_sign_out(start: Callable[..., Running]) -> None:
    server = start()
    student = server.student()
    signed_out, revoked, aged = (signed_in(student) for _ in range(3))
    form = {"csrf": csrf_of(server, signed_out)}
    cookie = dict(signed_out.cookies)
    response = signed_out.post(f"{server.url}/sign-out", data=form, allow_redirects=False, timeout=20)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert COOKIE not in signed_out.cookies
    again = requests.get(f"{server.url}/me", cookies=cookie, timeout=20)
    assert (again.status_code, "Sign in first" in again.json()["error"]) == (401, True)
    assert aged.get(f"{server.url}/me", timeout=20).status_code == 200
    server.clock.move(days=7)
    assert aged.get(f"{server.url}/me", timeout=20).status_code == 401
    server.clock.move(days=-7)
    [key] = student.get("/me/keys")
    student.post("/me/keys/revoke", {"id": key["id"]})
    assert revoked.get(f"{server.url}/me", timeout=20).status_code == 401


def test_signing_in_ends_the_session_that_the_browser_had(server: Running, student: Person) -> None:
    browser = signed_in(student)
    before = browser.cookies[COOKIE]
    browser.post(link_of(server.student("Next")), allow_redirects=False, timeout=20)
    assert browser.cookies[COOKIE] != before
    assert server.app.state.services.sessions.find(before) is None


def test_a_session_opens_pages_only_and_never_the_api(server: Running) -> None:
    browser = signed_in(server.instructor)
    assert browser.get(f"{server.url}/api/v1/me", timeout=20).status_code == 401
    assert browser.post(f"{server.url}/api/v1/roster", json={}, timeout=20).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43, "A" * 5000, "' or 1=1 --"])
def test_a_forged_cookie_is_nobodys(server: Running, token: str) -> None:
    headers = {"Cookie": f"{COOKIE}={token}".encode()}
    assert requests.get(f"{server.url}/me", headers=headers, timeout=20).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "nonsense"},
    ],
)
def test_a_form_of_another_sites_page_is_refused(
    server: Running, student: Person, headers: dict[str, str]
) -> None:
    browser, link = signed_in(student), link_of(student)
    form = {"csrf": csrf_of(server, browser)}
    for response in (
        browser.post(f"{server.url}/sign-out", data=form, headers=headers, timeout=20),
        requests.post(link, headers=headers, timeout=20),
    ):
        assert response.status_code == 403
        assert "another site's page" in response.json()["error"]
    assert csrf_of(server, browser)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "null"}, {"Origin": "{own}"}],
)
def test_a_form_of_our_own_page_is_taken(server: Running, student: Person, headers: dict[str, str]) -> None:
    browser = signed_in(student)
    headers = {name: value.format(own=server.url) for name, value in headers.items()}
    form = {"csrf": csrf_of(server, browser)}
    response = browser.post(
        f"{server.url}/sign-out", data=form, headers=headers, allow_redirects=False, timeout=20
    )
    assert response.status_code == 303


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"csrf=%s&more=" + b"x" * 70_000}, 413),
        ({"data": b"csrf=%s" + b"&a=b" * 1000}, 422),
        ({"data": b"csrf=%s&name=\xff"}, 422),
        ({"data": b"csrf=%s", "kind": "text/plain"}, 415),
        ({"data": b'{"csrf": "%s"}', "kind": "application/json"}, 415),
    ],
)
def test_a_form_that_is_too_long_or_none_is_refused(
    server: Running, student: Person, sent: dict[str, Any], status: int
) -> None:
    browser = signed_in(student)
    csrf = csrf_of(server, browser).encode()
    headers = {"Content-Type": sent.get("kind", "application/x-www-form-urlencoded")}
    body = sent["data"].replace(b"%s", csrf)
    response = browser.post(f"{server.url}/sign-out", data=body, headers=headers, timeout=20)
    assert response.status_code == status, response.text
    assert csrf_of(server, browser).encode() == csrf


def test_the_link_and_the_cookie_are_in_no_log_and_not_in_the_database(
    server: Running, student: Person, log: Any
) -> None:
    link = link_of(student)
    requests.get(link, timeout=20)
    browser = requests.Session()
    browser.post(link, allow_redirects=False, timeout=20)
    browser.get(link + "?again", timeout=20)
    log.line_with("[410]")
    code = link.rsplit("/", 1)[1]
    with server.app.state.services.database.engine.connect() as connection:
        kept = "\n".join(connection.connection.driver_connection.iterdump())
    for secret in (code, browser.cookies[COOKIE]):
        assert secret not in log.getvalue()
        assert secret not in kept
    assert "/sign-in/..." in log.getvalue()
