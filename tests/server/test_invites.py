"""Invitations: a code lets as many join as its cap says, however many come at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from running_server import Person, Running

from tests.server.test_database import address  # noqa: F401 - a fixture


def opened(server: Running, cap: int = 3, section: str = "") -> Any:
    response = server.instructor.post("/invites", {"cap": cap, "section": section})
    assert response.status_code == 201, response.text
    return response.json()


def join(server: Running, code: str, email: str, name: str = "New One") -> requests.Response:
    content = {"name": name, "email": email, "code": code}
    return requests.post(f"{server.url}/api/v1/join", json=content, timeout=60)


def test_whoever_has_the_code_joins_as_a_student_of_its_section(server: Running) -> None:
    invite = opened(server, section="Evening")
    joined = join(server, f" {invite['code'].upper()} ", "Joins@Example.org")
    assert joined.status_code == 201
    person = Person(server.url, joined.json()["key"])
    me = person.get("/me")
    assert (me["name"], me["email"], me["role"]) == ("New One", "joins@example.org", "student")
    [listed] = server.instructor.get("/roster?section=Evening")
    assert listed["email"] == "joins@example.org"
    assert invite["code"] not in str(server.instructor.get("/invites"))
    [line] = server.instructor.get("/audit?person=joins@example.org")["lines"]
    assert (line["action"], line["actor"], line["detail"]) == (
        "person joined",
        None,
        {"invite": invite["id"]},
    )


def test_the_cap_holds_when_many_join_at_once(
    address: str,  # noqa: F811 - the fixture: SQLite, then PostgreSQL
    start: Callable[..., Running],
) -> None:
    server = start(database_url=address)
    invite = opened(server, cap=5)
    with ThreadPoolExecutor(12) as pool:
        tries = [pool.submit(join, server, invite["code"], f"j{number}@x") for number in range(24)]
        statuses = [one.result().status_code for one in tries]
    assert sorted(statuses) == [201] * 5 + [403] * 19
    [listed] = server.instructor.get("/invites")
    assert (listed["used"], listed["cap"]) == (5, 5)
    assert server.query("select count(*) from people where role = 'student'") == [(5,)]


def test_one_address_joins_once_however_often_it_tries_at_once(
    address: str,  # noqa: F811
    start: Callable[..., Running],
) -> None:
    server = start(database_url=address)
    invite = opened(server, cap=9)
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(join, server, invite["code"], "same@x") for _ in range(8)]
        statuses = [one.result().status_code for one in tries]
    assert sorted(statuses) == [201] + [409] * 7
    [listed] = server.instructor.get("/invites")
    assert listed["used"] == 1


def test_codes_that_are_closed_used_up_or_unknown_are_refused_alike(server: Running) -> None:
    closed, used = opened(server), opened(server, cap=1)
    server.instructor.post("/invites/close", {"id": closed["id"]})
    assert join(server, used["code"], "first-in@x").status_code == 201
    said = set()
    for code in (closed["code"], used["code"], "abcd-efgh-jkmn-pqrs", "", "' or 1=1 --"):
        for email in ("never-in@x", "first-in@x"):
            response = join(server, code, email)
            said.add((response.status_code, response.json()["error"]))
    [(status, text)] = said
    assert status == 403
    assert "mistyped, closed, or used up" in text


def test_an_address_that_is_enrolled_is_refused_and_uses_no_place(server: Running, student: Person) -> None:
    invite = opened(server)
    refused = join(server, invite["code"], student.email, "Somebody Else")
    assert refused.status_code == 409
    assert "ndl_" not in refused.text
    assert student.get("/me")["name"] == "A Student"
    [listed] = [one for one in server.instructor.get("/invites") if one["id"] == invite["id"]]
    assert listed["used"] == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"email": "no"}, "email"),
        ({"role": "instructor"}, "role"),
    ],
)
def test_what_joins_is_checked(server: Running, change: dict[str, str], field: str) -> None:
    content = {"name": "N", "email": "checked@x", "code": opened(server)["code"]} | change
    response = requests.post(f"{server.url}/api/v1/join", json=content, timeout=20)
    assert (response.status_code, field in response.json()["error"]) == (422, True)


def test_an_unknown_invitation_can_not_be_closed(server: Running) -> None:
    response = server.instructor.post("/invites/close", {"id": 999_999})
    assert (response.status_code, "no invitation 999999" in response.json()["error"]) == (404, True)
