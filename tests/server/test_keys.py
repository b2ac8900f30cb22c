"""Keys: several a person, each for what it was made for, and none that makes a wider one."""

from typing import Any

import pytest
from running_server import Person, Running


def made(person: Person, *scopes: str) -> Person:
    response = person.post("/me/keys", {"label": "one more", "scopes": list(scopes) or None})
    assert response.status_code == 201, response.text
    return Person(person.url, response.json()["key"], person.email)


def test_a_person_has_several_keys_and_revokes_one(server: Running, student: Person) -> None:
    other = made(student)
    [first, second] = other.get("/me/keys")
    assert (first["label"], second["label"], second["current"]) == ("", "one more", True)
    assert student.key not in str(first)
    revoked = other.post("/me/keys/revoke", {"id": first["id"]}).json()
    assert revoked["revoked_at"] is not None
    assert student.request("GET", "/me").status_code == 401
    assert other.get("/me")["email"] == student.email


def test_a_scoped_key_makes_none_wider_and_ends_none_wider(server: Running, student: Person) -> None:
    narrow = made(student, "submit")
    refused = narrow.post("/me/keys", {"label": "wider", "scopes": ["submit", "read"]})
    assert refused.status_code == 403
    assert refused.json()["error"].startswith("The key that you use is not for read.")
    heir = made(narrow)
    assert [one["scopes"] for one in heir.get("/me/keys")] == [None, ["submit"], ["submit"]]
    assert heir.request("GET", "/me").status_code == 403
    [first, *_] = heir.get("/me/keys")
    assert narrow.post("/me/keys/revoke", {"id": first["id"]}).status_code == 403
    assert student.get("/me")["email"] == student.email


def test_a_role_bounds_what_a_key_is_made_for(server: Running, student: Person) -> None:
    for scopes in (["manage"], ["read", "read_all"]):
        assert student.post("/me/keys", {"label": "more", "scopes": scopes}).status_code == 403
    for content in (
        {"label": "", "scopes": None},
        {"label": "x", "scopes": []},
        {"label": "x", "scopes": ["all"]},
    ):
        assert student.post("/me/keys", content).status_code == 422


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/keys", {"email": "instructor@localhost"}),
        ("/roster", {"people": [{"name": "N", "email": "new-one@x", "role": "instructor"}]}),
        ("/roster", {"people": [{"name": "N", "email": "promoted@x", "role": "assistant"}]}),
        ("/invites", {"cap": 3}),
    ],
)
def test_a_scoped_key_brings_about_no_wider_one_through_others(
    server: Running, path: str, content: dict[str, Any]
) -> None:
    student = {"name": "N", "email": "promoted@x", "role": "student"}
    server.instructor.post("/roster", {"people": [student]})
    before = server.query("select digest from keys"), server.query("select email, role from people")
    narrow = made(server.instructor, "manage")
    response = narrow.post(path, content)
    assert response.status_code == 403
    assert "may not do all that an unscoped key" in response.json()["error"]
    after = server.query("select digest from keys"), server.query("select email, role from people")
    assert (len(after[0]), after[1]) == (len(before[0]) + 1, before[1])


def test_the_keys_of_another_are_not_there(server: Running, student: Person) -> None:
    [mine] = student.get("/me/keys")
    response = server.student("Other").post("/me/keys/revoke", {"id": mine["id"]})
    assert response.status_code == 404
    assert student.get("/me")["email"] == student.email


def test_a_person_has_at_most_fifty_keys(server: Running, student: Person) -> None:
    for _ in range(49):
        made(student)
    refused = student.post("/me/keys", {"label": "one more"})
    assert (refused.status_code, "You have 50 keys" in refused.json()["error"]) == (409, True)


def test_an_instructors_new_key_replaces_all_older_ones(server: Running, student: Person) -> None:
    second = made(student)
    fresh = server.instructor.post("/keys", {"email": student.email}).json()
    assert [one.request("GET", "/me").status_code for one in (student, second)] == [401, 401]
    assert Person(server.url, fresh["key"]).get("/me")["email"] == student.email


def test_revoking_counts_the_keys_and_an_unknown_address_is_refused(server: Running, student: Person) -> None:
    made(student)
    said = [server.instructor.post("/keys/revoke", {"email": student.email}).json() for _ in range(2)]
    assert [one["revoked"] for one in said] == [2, 0]
    response = server.instructor.post("/keys/revoke", {"email": "who@example.org"})
    assert (response.status_code, "who@example.org" in response.json()["error"]) == (404, True)
