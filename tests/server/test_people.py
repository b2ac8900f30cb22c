"""The roster and the keys."""

import pytest


def enrol(server, *people):
    fields = ("name", "email", "role")
    content = {"people": [dict(zip(fields, one, strict=True)) for one in people]}
    return server.instructor.post("/roster", content)


def test_a_new_person_gets_a_key_once_and_a_known_one_is_corrected(server, kit):
    first = enrol(server, ("Ada", " Ada@Example.org ", "student")).json()["people"]
    again = enrol(server, ("Ada L.", "ada@example.org", "instructor")).json()["people"]
    assert first[0]["created"]
    assert first[0]["email"] == "ada@example.org"
    assert again == [
        {"email": "ada@example.org", "name": "Ada L.", "role": "instructor", "key": None, "created": False}
    ]
    me = kit.Person(server.url, first[0]["key"]).get("/me")
    assert (me["name"], me["role"]) == ("Ada L.", "instructor")


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
def test_a_roster_with_a_mistake_changes_nothing(server, people, said):
    before = server.query("select name, email, role from people")
    response = enrol(server, *people)
    assert response.status_code == 422
    assert said in response.json()["error"]
    assert server.query("select name, email, role from people") == before


def test_a_new_key_replaces_the_older_ones(server, student, kit):
    fresh = server.instructor.post("/keys", {"email": student.email}).json()
    assert student.request("GET", "/me").status_code == 401
    assert kit.Person(server.url, fresh["key"]).get("/me")["email"] == student.email


def test_revoking_counts_the_keys_and_an_unknown_address_is_refused(server, student):
    said = [server.instructor.post("/keys/revoke", {"email": student.email}).json() for _ in range(2)]
    assert [one["revoked"] for one in said] == [1, 0]
    response = server.instructor.post("/keys/revoke", {"email": "who@example.org"})
    assert (response.status_code, "who@example.org" in response.json()["error"]) == (404, True)


def test_the_last_instructor_can_not_lock_everybody_out(start):
    server = start()
    email = server.instructor.get("/me")["email"]
    demotion = enrol(server, ("I", email, "student"))
    revocation = server.instructor.post("/keys/revoke", {"email": email})
    for response in (demotion, revocation):
        assert response.status_code == 409
        assert "without an instructor who has a key" in response.json()["error"]
    assert server.instructor.get("/me")["role"] == "instructor"


def test_the_list_of_assignments_hides_what_is_not_released_from_students(server, student):
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
