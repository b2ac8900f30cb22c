"""The roster: what a list of people changes, who it never leaves out, and what is written down about it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from running_server import Person, Running

from tests.server.test_database import address  # noqa: F401 - a fixture


def enrol(server: Running, *people: tuple[str, ...], **more: Any) -> Any:
    fields = ("name", "email", "role", "section")
    content = {"people": [dict(zip(fields, one, strict=False)) for one in people]}
    return server.instructor.post(f"/roster?dry_run={more.pop('dry_run', False)}", content | more)


def enrolled(server: Running, *people: tuple[str, ...], **more: Any) -> Any:
    response = enrol(server, *people, **more)
    assert response.status_code == 200, response.text
    return response.json()["people"]


def kept(server: Running) -> list[Any]:
    tables = ("people", "keys", "audit")
    return [server.query(f"select * from {table}") for table in tables]


def test_a_new_person_gets_a_key_once_and_a_known_one_is_corrected(server: Running) -> None:
    [first] = enrolled(server, ("Ada", " Ada@Example.org ", "student"))
    [again] = enrolled(server, ("Ada L.", "ada@example.org", "instructor", "B"))
    assert (first["created"], first["standing"], first["email"]) == (True, "added", "ada@example.org")
    assert (again["created"], again["standing"], again["key"]) == (False, "changed", None)
    assert again["changes"] == [
        {"field": "name", "was": "Ada", "now": "Ada L."},
        {"field": "section", "was": "", "now": "B"},
        {"field": "role", "was": "student", "now": "instructor"},
    ]
    me = Person(server.url, first["key"]).get("/me")
    assert (me["name"], me["role"]) == ("Ada L.", "instructor")


def test_what_a_list_leaves_open_stays_as_it_is(server: Running) -> None:
    enrolled(server, ("Bea", "bea@example.org", "assistant", "B"))
    content = {"people": [{"name": "Bea", "email": "bea@example.org"}]}
    [again] = server.instructor.post("/roster", content).json()["people"]
    assert (again["role"], again["section"], again["standing"]) == ("assistant", "B", "unchanged")


def test_a_dry_run_says_what_would_change_and_changes_nothing(start: Callable[..., Running]) -> None:
    server = start()
    enrolled(server, ("Ann", "ann@x", "student", "A"), ("Bob", "bob@x", "student"))
    before = kept(server)
    people = ("Ann", "ann@x", "student", "B"), ("Cid", "cid@x", "student")
    planned = enrolled(server, *people, dry_run=True, remove_others=True)
    assert [(one["email"], one["standing"], one["key"]) for one in planned] == [
        ("ann@x", "changed", None),
        ("cid@x", "added", None),
        ("bob@x", "left", None),
    ]
    assert kept(server) == before


def test_who_is_not_in_the_list_has_left_and_comes_back_with_it(start: Callable[..., Running]) -> None:
    server = start()
    [_, bob] = enrolled(server, ("Ann", "ann@x", "student"), ("Bob", "bob@x", "student"))
    enrolled(server, ("Tia", "tia@x", "assistant"))
    gone = enrolled(server, ("Ann", "ann@x", "student"), remove_others=True)
    assert [(one["email"], one["standing"]) for one in gone] == [("ann@x", "unchanged"), ("bob@x", "left")]
    refused = Person(server.url, bob["key"]).request("GET", "/me")
    assert (refused.status_code, "You left this course" in refused.json()["error"]) == (403, True)
    listed = {one["email"]: one["left_at"] for one in server.instructor.get("/roster")}
    assert [email for email, left in listed.items() if left] == ["bob@x"]
    [back] = enrolled(server, ("Bob", "bob@x", "student"))
    assert (back["standing"], back["key"]) == ("returned", None)
    assert Person(server.url, bob["key"]).get("/me")["name"] == "Bob"


def test_the_roster_is_listed_by_section(server: Running) -> None:
    enrolled(server, ("Zoe", "zoe@x", "student", "Tuesday"), ("Yan", "yan@x", "student", "Tuesday"))
    listed = server.instructor.get("/roster?section=Tuesday")
    assert [(one["name"], one["section"], one["keys"]) for one in listed] == [
        ("Yan", "Tuesday", 1),
        ("Zoe", "Tuesday", 1),
    ]


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([("New", "new@b", "student"), ("A", "ab", "student")], "people[1].email"),
        ([("A", "a@b", "student"), ("B", "A@b", "student")], "a@b stands twice"),
        ([("A", "ab", "student")], "people[0].email"),
        ([("A", "a@b\0c", "student")], "people[0].email"),
        ([("", "a@b", "student")], "people[0].name"),
        ([("A\nB", "a@b", "student")], "people[0].name"),
        ([("A", "a@b", "owner")], "people[0].role"),
        ([], "people"),
    ],
)
def test_a_roster_with_a_mistake_changes_nothing(
    server: Running, people: list[tuple[str, ...]], said: str
) -> None:
    before = server.query("select name, email, role from people")
    response = enrol(server, *people)
    assert response.status_code == 422
    assert said in response.json()["error"]
    assert server.query("select name, email, role from people") == before


def test_the_last_instructor_can_not_lock_everybody_out(start: Callable[..., Running]) -> None:
    server = start()
    email = server.instructor.get("/me")["email"]
    demotion = enrol(server, ("I", email, "student"))
    revocation = server.instructor.post("/keys/revoke", {"email": email})
    [own] = server.instructor.get("/me/keys")
    server.instructor.post("/me/keys", {"label": "only reads", "scopes": ["read_all"]})
    own_revocation = server.instructor.post("/me/keys/revoke", {"id": own["id"]})
    for response in (demotion, revocation, own_revocation):
        assert response.status_code == 409
        assert "without an instructor who has a key" in response.json()["error"]
    assert server.instructor.get("/me")["role"] == "instructor"


def test_two_instructors_who_end_each_other_do_not_both_succeed(
    address: str,  # noqa: F811 - the fixture: SQLite, then PostgreSQL
    start: Callable[..., Running],
) -> None:
    server = start(database_url=address)
    one = server.instructor
    [added] = enrolled(server, ("Two", "two@x", "instructor"))
    other = Person(server.url, added["key"])
    for _ in range(5):
        pairs = [(one, "two@x"), (other, "instructor@localhost")]
        with ThreadPoolExecutor(2) as pool:
            tries = [pool.submit(person.post, "/keys/revoke", {"email": email}) for person, email in pairs]
            statuses = [each.result().status_code for each in tries]
        assert statuses.count(200) == 1, statuses
        left, lost = (one, other) if statuses[0] == 200 else (other, one)
        lost.key = left.post("/keys", {"email": "two@x" if lost is other else "instructor@localhost"}).json()[
            "key"
        ]


def test_what_is_done_with_people_is_written_down(start: Callable[..., Running]) -> None:
    server = start()
    enrolled(server, ("Ann", "ann@x", "student"))
    enrolled(server, ("Ann", "ann@x", "assistant"))
    server.instructor.post("/keys", {"email": "ann@x"})
    server.instructor.post("/keys/revoke", {"email": "ann@x"})
    enrolled(server, ("Bob", "bob@x", "student"))
    page = server.instructor.get("/audit?person=Ann@x")
    assert [(one["action"], one["person"]) for one in page["lines"]] == [
        ("keys revoked", "ann@x"),
        ("key renewed", "ann@x"),
        ("person changed", "ann@x"),
        ("person added", "ann@x"),
    ]
    assert page["lines"][2]["detail"] == {"role": ["student", "assistant"]}
    assert {one["actor"] for one in page["lines"]} == {"instructor@localhost"}
    assert server.instructor.request("GET", "/audit?person=who@x").status_code == 404


def test_a_long_record_comes_in_pages(start: Callable[..., Running]) -> None:
    server = start()
    enrolled(server, *[("S", f"s{number}@x", "student") for number in range(450)])
    lines: list[Any] = []
    older: int | None = 2**31 - 1
    pages = 0
    while older is not None:
        page = server.instructor.get(f"/audit?before={older}")
        lines, older, pages = lines + page["lines"], page["older"], pages + 1
    added = [one["id"] for one in lines if one["action"] == "person added"]
    assert (len(added), pages) == (450, 3)
    assert added == sorted(added, reverse=True)


def test_the_list_of_assignments_hides_what_is_not_released_from_students(
    server: Running, student: Person
) -> None:
    mine, theirs = student.get("/assignments"), server.instructor.get("/assignments")
    assert [one["id"] for one in mine] == ["tiny0", "over"]
    assert [one["id"] for one in theirs] == ["tiny0", "later", "over"]
    assert (mine[0]["version"], mine[0]["cases_digest"], mine[0]["due"]) == (1, "a" * 64, None)
    assert mine[1]["due"] == "2001-02-01T00:00:00+01:00"
    assert mine[0]["questions"][0] == {
        "id": "double",
        "title": "Double & more",
        "group": "Numbers",
        "points": 40.0,
    }
