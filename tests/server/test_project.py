"""The final project on the server: published, groups formed, work handed in and reviewed; who may do what."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from small_project import DEFINITION, definition, solved_workspace

from grader.course.policy import Policy
from grader.grading.wire import bytes_array, pack
from grader.project.packing import pack_project
from grader.server.project.standing import accepted, state_of
from grader.server.rules.project import LARGEST, project_dates

CHECKS = {
    "tests": [{"check": "report", "name": "it is written", "passed": True, "message": ""}],
    "python": "3.11",
    "platform": "x",
}
POINTS = {"idea": 30, "work": 45.5}
PROPOSAL = b"# Ours\n"


def publication(**changes: Any) -> bytes:
    said = {"definition": DEFINITION, "digest": "b" * 64} | changes
    return pack(said, {"release": bytes_array(b"an archive")})


def blob(file: bytes, kind: str = "project", **changes: Any) -> bytes:
    return pack({"kind": kind, "track": "fusion", "checks": CHECKS} | changes, {"file": bytes_array(file)})


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return pack_project(solved_workspace(tmp_path_factory.mktemp("project").resolve()), definition())


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    workspace = solved_workspace(tmp_path_factory.mktemp("other").resolve())
    (workspace.root / "project" / "more.py").write_text("more = True\n")
    return pack_project(workspace, definition())


@pytest.fixture
def course(start: Callable[..., Any], kit: Any) -> Callable[..., Any]:
    """Return a function that starts a server with the project published and these dates."""

    def one(**dates: Any) -> Any:
        said = kit.policy.model_dump() | {"project": {"group_size": 2} | dates}
        server = start(policy=type(kit.policy).model_validate(said))
        assert server.instructor.request("PUT", "/project", data=publication()).status_code == 200
        return server

    return one


def group(person: Any, name: str = "Alpha") -> dict[str, Any]:
    response = person.post("/project/groups", {"name": name})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def hand_in(person: Any, file: bytes, **said: Any) -> requests.Response:
    response: requests.Response = person.request("POST", "/project/hand-ins", data=blob(file, **said))
    return response


def handed_in(person: Any, file: bytes, **said: Any) -> dict[str, Any]:
    response = hand_in(person, file, **said)
    assert response.status_code == 200, response.text
    one: dict[str, Any] = response.json()["hand_in"]
    return one


def review(person: Any, number: int, **changes: Any) -> requests.Response:
    said = {"points": POINTS, "comments": {"idea": "Clear.", "": "Well done."}, "accepted": True} | changes
    response: requests.Response = person.post(f"/project/hand-ins/{number}/review", said)
    return response


def error(response: requests.Response, status: int) -> str:
    assert response.status_code == status, response.text
    return str(response.json()["error"])


def person_id(server: Any, person: Any) -> int:
    [[number]] = server.query(f"SELECT id FROM people WHERE email = '{person.email}'")
    return int(number)


def assistant(server: Any) -> Any:
    one = server.student("An Assistant")
    people = [{"name": "An Assistant", "email": one.email, "role": "assistant"}]
    assert server.instructor.post("/roster", {"people": people}).status_code == 200
    return one


# The whole way


def test_a_group_hands_in_and_sees_what_the_reviewer_says(course: Any, archive: bytes) -> None:
    server = course()
    first, second = server.student("First"), server.student("Second")
    code = group(first)["code"]
    assert second.post("/project/groups/join", {"code": code}).json()["members"] == ["First", "Second"]
    proposal = handed_in(first, PROPOSAL, kind="proposal")
    number = handed_in(second, archive)["id"]
    assert number == proposal["id"] + 1
    reviewed = review(server.instructor, number).json()
    assert reviewed["hand_in"]["review"]["total"] == 75.5
    mine = first.get("/project")
    assert mine["accepted"] is True
    assert mine["group"]["members"] == ["First", "Second"]
    [project, sent] = mine["hand_ins"]
    assert (project["id"], project["by"], project["track"]) == (number, "Second", "fusion")
    assert project["review"]["points"] == POINTS
    assert project["review"]["comments"] == {"idea": "Clear.", "": "Well done."}
    assert project["review"]["reviewer"] == "Instructor"
    assert sent["kind"] == "proposal"


def test_acceptance_is_every_members_and_nobody_elses(course: Any, archive: bytes) -> None:
    server = course()
    first, second, other = (server.student() for _ in range(3))
    second.post("/project/groups/join", {"code": group(first)["code"]})
    ids = [person_id(server, person) for person in (first, second, other)]
    database = server.app.state.services.database

    def standing() -> tuple[list[bool], list[str]]:
        with database.read() as session:
            return [accepted(session, one) for one in ids], [state_of(session, one) for one in ids]

    assert standing() == ([False] * 3, ["nothing handed in"] * 2 + ["no group yet"])
    handed_in(first, PROPOSAL, kind="proposal")
    assert standing()[1][0] == "proposed"
    number = handed_in(first, archive)["id"]
    assert standing() == ([False] * 3, ["waiting for a review"] * 2 + ["no group yet"])
    review(server.instructor, number, accepted=False)
    assert standing() == ([False] * 3, ["not accepted"] * 2 + ["no group yet"])
    review(server.instructor, number)
    assert standing() == ([True, True, False], ["accepted"] * 2 + ["no group yet"])


def test_the_newest_review_counts_and_all_are_kept(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    review(server.instructor, number)
    review(server.instructor, number, accepted=False, points={"idea": 0, "work": 0})
    found = student.get(f"/project/hand-ins/{number}")
    assert [one["total"] for one in found["reviews"]] == [0, 75.5]
    assert found["hand_in"]["review"]["accepted"] is False
    assert student.get("/project")["accepted"] is False


def test_a_proposal_is_answered_with_words_and_makes_nobody_accepted(course: Any) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, PROPOSAL, kind="proposal")["id"]
    assert "earns none" in error(review(server.instructor, number), 422)
    assert review(server.instructor, number, points={}, comments={"": "Go on."}).status_code == 200
    mine = student.get("/project")
    assert mine["hand_ins"][0]["review"]["comments"] == {"": "Go on."}
    assert mine["accepted"] is False


# Handing in


def test_the_same_file_again_is_the_same_hand_in(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    first = hand_in(student, archive).json()
    again = hand_in(student, archive).json()
    assert (first["created"], again["created"]) == (True, False)
    assert first["hand_in"] == again["hand_in"]
    assert len(student.get("/project")["hand_ins"]) == 1


def test_a_group_that_goes_back_to_an_older_file_has_handed_that_one_in(
    course: Any, archive: bytes, another: bytes
) -> None:
    server = course()
    student = server.student()
    group(student)
    for file in (archive, another):
        handed_in(student, file)
    back = hand_in(student, archive).json()
    assert back["created"] is True
    newest = student.get("/project")["hand_ins"][0]
    assert newest == back["hand_in"]
    assert newest["file"] == hashlib.sha256(archive).hexdigest()
    handed_in(student, PROPOSAL, kind="proposal")
    assert hand_in(student, archive).json()["hand_in"] == newest  # a proposal after it changes nothing


def test_the_same_file_under_another_track_or_with_other_checks_is_another_hand_in(
    course: Any, archive: bytes
) -> None:
    server = course()
    student = server.student()
    group(student)
    failed = CHECKS | {"tests": [{"check": "report", "name": "x", "passed": False, "message": "no"}]}
    sent = [hand_in(student, archive, **said).json() for said in ({"checks": failed}, {}, {"track": "own"})]
    assert [one["created"] for one in sent] == [True] * 3
    newest = student.get("/project")["hand_ins"][0]
    assert (newest["checks"], newest["track"]) == (CHECKS, "own")


def test_what_was_handed_in_comes_back_byte_by_byte(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    for kind, file in (("proposal", PROPOSAL), ("project", archive)):
        number = handed_in(student, file, kind=kind)["id"]
        for reader in (student, server.instructor):
            response = reader.request("GET", f"/project/hand-ins/{number}/archive")
            assert response.content == file
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Content-Disposition"].startswith("attachment")


def test_nothing_is_taken_after_its_due_date_but_what_is_there_already(
    course: Any, archive: bytes, another: bytes
) -> None:
    now = datetime.now(timezone.utc)
    server = course(proposal_due=now + timedelta(days=1), due=now + timedelta(days=2))
    student = server.student()
    group(student)
    server.clock.move(hours=30)
    said = error(hand_in(student, PROPOSAL, kind="proposal"), 403)
    assert said.startswith("The proposal was due on")
    handed_in(student, archive)
    server.clock.move(hours=30)
    assert hand_in(student, archive).json()["created"] is False
    assert "The project was due on" in error(hand_in(student, another), 403)


def extend(server: Any, person: Any, **how: Any) -> requests.Response:
    asked = {"email": person.email, "assignment": "project"} | how
    response: requests.Response = server.instructor.post("/extensions", asked)
    return response


def test_an_extension_moves_both_dates_of_the_whole_group_and_of_nobody_else(
    course: Any, archive: bytes
) -> None:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    dates = {"proposal_due": now + timedelta(days=1), "due": now + timedelta(days=2)}
    server = course(**dates)
    first, second, other = (server.student() for _ in range(3))
    second.post("/project/groups/join", {"code": group(first)["code"]})
    group(other, "Beta")
    made = extend(server, second, until=(now + timedelta(days=5)).isoformat()).json()
    assert made["due"] == made["cut_off"]
    assert made["text"] == "It holds for their whole group, and the date of its proposal moves as far."
    extend(server, first, until=(now + timedelta(days=3)).isoformat())  # the group has the latest of these
    for person, later in ((first, timedelta(days=3)), (second, timedelta(days=3)), (other, timedelta())):
        mine = person.get("/project")
        found = [datetime.fromisoformat(mine[name].replace("Z", "+00:00")) for name in dates]
        assert found == [date + later for date in dates.values()]
    server.clock.move(days=3.9)
    handed_in(first, PROPOSAL, kind="proposal")
    assert "The proposal was due on" in error(hand_in(other, PROPOSAL, kind="proposal"), 403)
    server.clock.move(days=1)
    assert "The proposal was due on" in error(hand_in(first, b"# New\n", kind="proposal"), 403)
    handed_in(second, archive)
    removed = server.instructor.post(
        "/extensions/remove", {"email": second.email, "assignment": "project"}
    ).json()
    assert removed["extensions"] == []
    assert "The project was due on" in error(hand_in(first, archive, track="own"), 403)


def test_days_of_an_extension_of_the_project_are_counted_by_the_clock_on_the_wall() -> None:
    policy = Policy.model_validate(
        {
            "id": "tiny",
            "title": "Tiny",
            "time_zone": "Europe/Berlin",
            "assignments": [{"id": "hw0"}],
            "project": {"proposal_due": "2026-03-27 23:59", "due": "2026-04-10 23:59"},
        }
    )
    own = datetime(2026, 4, 12, 21, 59, tzinfo=timezone.utc)
    dates = project_dates(policy, own)  # the proposal's moves over the hour that summer time takes
    assert [str(date) for date in (dates.proposal_due, dates.due)] == [
        "2026-03-29 23:59:00+02:00",
        "2026-04-12 23:59:00+02:00",
    ]
    assert project_dates(policy, own - timedelta(days=2)) == project_dates(policy, None)


def test_a_project_without_a_date_can_not_be_extended_nor_one_that_is_not_there(course: Any) -> None:
    server = course()
    assert "project has no due date" in error(extend(server, server.student(), days=2), 422)


def test_a_course_without_a_project_extends_none(server: Any) -> None:
    assert "no assignment 'project'" in error(extend(server, server.student(), days=2), 404)


def test_nothing_is_shown_or_taken_before_the_release(course: Any, archive: bytes) -> None:
    server = course(release=datetime.now(timezone.utc) + timedelta(days=1))
    student = server.student()
    assert "The project is released on" in error(student.request("GET", "/project"), 404)
    assert "The project is released on" in error(student.post("/project/groups", {"name": "A"}), 404)
    assert "The project is released on" in error(hand_in(student, archive), 404)
    url = f"{server.url}/api/v1/assignments/project/release"
    assert "The project is released on" in error(requests.get(url, timeout=10), 404)
    assert server.instructor.get("/project")["title"] == DEFINITION["title"]
    server.clock.move(hours=25)
    assert requests.get(url, timeout=10).content == b"an archive"
    assert student.get("/project")["group"] is None


def test_someone_without_a_group_is_told_how_to_get_one(course: Any, archive: bytes) -> None:
    said = error(hand_in(course().student(), archive), 409)
    assert said.endswith("run `grader project group new NAME`, or `grader project group join CODE`.")


BAD = {
    "no archive": (b"nonsense", {}, "no whole .tar.gz"),
    "another kind": (PROPOSAL, {"kind": "poem"}, "kind: expected proposal or project"),
    "an unknown track": (
        PROPOSAL,
        {"kind": "proposal", "track": "x" * 99},
        "Expected one of own, fusion, graphs",
    ),
    "a track that is no text": (PROPOSAL, {"kind": "proposal", "track": ["fusion"]}, "Expected one of own"),
    "no checks": (PROPOSAL, {"kind": "proposal", "checks": None}, "hand-in: checks"),
    "long checks": (
        PROPOSAL,
        {"kind": "proposal", "checks": {"tests": [CHECKS["tests"][0] | {"message": "x" * 5000}]}},  # type: ignore[index, operator]
        "at most 4000 characters",
    ),
    "a proposal of bytes": (b"\xff\xfe", {"kind": "proposal"}, "is not UTF-8 text"),
    "a proposal without end": (b"x" * 300_000, {"kind": "proposal"}, "Expected 262144 at most"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_can_not_be_read_is_refused_and_not_kept(course: Any, what: str) -> None:
    server = course()
    student = server.student()
    group(student)
    file, changes, said = BAD[what]
    assert said in error(hand_in(student, file, **changes), 422)
    assert student.get("/project")["hand_ins"] == []


def test_bodies_that_are_no_hand_in_are_refused(course: Any) -> None:
    server = course()
    student = server.student()
    group(student)
    fine = {"kind": "proposal", "track": "own", "checks": CHECKS}
    two = pack(fine, {"file": bytes_array(b"x"), "more": bytes_array(b"y")})
    for body in (b"", b"{}", b"\xff" * 100, pack(fine, {}), two):
        assert student.request("POST", "/project/hand-ins", data=body).status_code == 422
    response = student.request("POST", "/project/hand-ins", data=bytes(LARGEST + 2**20))
    assert "Expected at most" in error(response, 413)


def test_a_group_hands_in_so_many_times_an_hour(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    for number in range(20):
        handed_in(student, f"# {number}".encode(), kind="proposal")
    assert "20 times within an hour" in error(hand_in(student, archive), 429)
    assert hand_in(student, b"# 19", kind="proposal").json()["created"] is False
    server.clock.move(hours=1.1)
    handed_in(student, archive)


# Groups


def test_a_group_takes_as_many_as_the_course_says(course: Any) -> None:
    server = course()
    first, second, third = (server.student() for _ in range(3))
    code = group(first)["code"]
    assert second.post("/project/groups/join", {"code": f" {code} "}).status_code == 200
    assert "is full. A group has 2 members at most" in error(
        third.post("/project/groups/join", {"code": code}), 409
    )
    assert "No group has this code" in error(third.post("/project/groups/join", {"code": "x"}), 404)
    assert "already. Choose another name" in error(third.post("/project/groups", {"name": "Alpha"}), 409)
    assert "You are in the group Alpha already" in error(first.post("/project/groups", {"name": "B"}), 409)
    assert "You are in the group Alpha already" in error(
        first.post("/project/groups/join", {"code": code}), 409
    )


def test_a_group_is_left_before_anything_is_handed_in_and_not_after(course: Any, archive: bytes) -> None:
    server = course()
    first, second = server.student(), server.student()
    code = group(first)["code"]
    second.post("/project/groups/join", {"code": code})
    assert second.post("/project/groups/leave", {}).json() == {"name": "Alpha"}
    assert "You are in no group" in error(second.post("/project/groups/leave", {}), 409)
    second.post("/project/groups/join", {"code": code})
    handed_in(first, PROPOSAL, kind="proposal")
    assert "handed in work with your name on it" in error(second.post("/project/groups/leave", {}), 409)


def test_a_group_that_its_last_member_leaves_is_gone_with_its_name_and_code(course: Any) -> None:
    server = course()
    first, second = server.student(), server.student()
    code = group(first)["code"]
    first.post("/project/groups/leave", {})
    assert "No group has this code" in error(second.post("/project/groups/join", {"code": code}), 404)
    group(second)


def test_nobody_joins_a_group_whose_project_is_handed_in(course: Any, archive: bytes) -> None:
    server = course()
    first, second = server.student(), server.student()
    code = group(first)["code"]
    handed_in(first, archive)
    said = error(second.post("/project/groups/join", {"code": code}), 409)
    assert "has handed in its project, and takes no new members" in said


def move(server: Any, person: Any, name: str) -> requests.Response:
    asked = {"email": person.email, "group": name}
    response: requests.Response = server.instructor.post("/project/groups/move", asked)
    return response


def test_an_instructor_moves_a_person_whose_project_is_then_the_other_groups(
    course: Any, archive: bytes
) -> None:
    server = course()
    first, second = server.student("First"), server.student("Second")
    group(first)
    group(second, "Beta")
    handed_in(first, PROPOSAL, kind="proposal")
    review(server.instructor, handed_in(second, archive)["id"])
    assert first.get("/project")["accepted"] is False
    assert move(server, first, "Beta").json()["members"] == ["Second", "First"]
    mine = first.get("/project")
    assert (mine["group"]["name"], mine["accepted"], len(mine["hand_ins"])) == ("Beta", True, 1)
    assert "is in the group Beta already. Nothing was changed." in error(move(server, first, "Beta"), 409)
    [[actor, detail]] = server.query("SELECT actor_id, detail FROM audit WHERE action = 'move to group'")
    assert actor == 1
    assert json.loads(detail) == {"group": "Beta", "before": "Alpha"}
    assert move(server, first, "Alpha").status_code == 200  # what it handed in is still there
    assert [one["kind"] for one in first.get("/project")["hand_ins"]] == ["proposal"]


def test_a_person_without_a_group_is_put_into_one_and_an_empty_one_is_gone(course: Any) -> None:
    server = course()
    first, second = server.student("First"), server.student("Second")
    group(first)
    assert move(server, second, "Alpha").json()["members"] == ["First", "Second"]
    third = server.student("Third")
    group(third, "Beta")
    assert "is full. A group has 2 members at most" in error(move(server, third, "Alpha"), 409)
    assert third.get("/project")["group"]["name"] == "Beta"
    second.post("/project/groups/leave", {})
    assert move(server, third, "Alpha").status_code == 200
    said = error(move(server, second, "Beta"), 404)
    assert said.startswith("There is no group 'Beta'. There are: Alpha.")
    gone = server.instructor.post("/project/groups/move", {"email": "no@example.org", "group": "Alpha"})
    assert "Nobody here has the address" in error(gone, 404)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines"])
def test_a_name_that_is_none_is_refused(course: Any, name: str) -> None:
    assert course().student().post("/project/groups", {"name": name}).status_code == 422


# Reviews


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"points": {"idea": 30}}, "points: 'work' is missing or unknown"),
        ({"points": POINTS | {"style": 1}}, "points: 'style' is missing or unknown. Expected idea, work"),
        ({"points": POINTS | {"idea": 41}}, "points: idea: found 41. Expected 0 to 40"),
        ({"points": POINTS | {"idea": -1}}, "points: idea: found -1. Expected 0 to 40"),
        ({"comments": {"style": "x"}}, "comments: 'style' is no criterion"),
    ],
)
def test_a_review_that_the_rubric_does_not_know_is_refused(
    course: Any, archive: bytes, changes: dict[str, Any], said: str
) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    assert said in error(review(server.instructor, number, **changes), 422)
    assert student.get("/project")["hand_ins"][0]["review"] is None


@pytest.mark.parametrize("text", ["\ud800", "\x00", "<script>alert(1)</script>", "x" * 10_000])
def test_any_text_of_a_comment_is_kept_or_refused(course: Any, archive: bytes, text: str) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    response = review(server.instructor, number, comments={"": f"a {text}"[:10_000]})
    assert response.status_code in (200, 422), response.text
    kept = student.get("/project")["hand_ins"][0]["review"]
    assert (kept is None) == (response.status_code == 422)


def test_a_reviewer_does_not_review_their_own_groups_project(course: Any, archive: bytes) -> None:
    server = course()
    one = assistant(server)
    group(one)
    number = handed_in(one, archive)["id"]
    assert "your own group's project" in error(review(one, number), 403)


def test_repeated_checks_stand_beside_those_that_came_along(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    failed = {"tests": [{"check": "training", "name": "it ends", "passed": False, "message": "it hangs"}]}
    response = server.instructor.request("PUT", f"/project/hand-ins/{number}/repeated", json=failed)
    assert response.status_code == 200, response.text
    [one] = student.get("/project")["hand_ins"]
    assert one["checks"] == CHECKS
    assert one["repeated"]["tests"] == failed["tests"]
    assert one["repeated_at"]


def test_what_changes_acceptance_is_in_the_record(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    number = handed_in(student, archive)["id"]
    review(server.instructor, number)
    lines = server.query(
        "SELECT action, person_id, detail FROM audit WHERE assignment = 'project' ORDER BY id"
    )
    assert [action for action, _, _ in lines] == ["publish", "enter group", "hand in", "review"]
    assert lines[-1][1] == person_id(server, student)
    assert json.loads(lines[-1][2]) == {"hand_in": number, "points": POINTS, "accepted": True}


# Who may do what


def test_each_role_does_what_it_may_and_no_more(course: Any, archive: bytes) -> None:
    server = course()
    owner, stranger, helper = server.student(), server.student(), assistant(server)
    group(owner)
    number = handed_in(owner, archive)["id"]
    nobody = type(owner)(server.url, "ndl_" + "x" * 40)
    ways: list[tuple[str, str, dict[str, Any], list[int]]] = [
        # who: owner, stranger, assistant, instructor, nobody
        ("GET", "/project", {}, [200, 200, 200, 200, 401]),
        ("GET", "/project/hand-ins", {}, [403, 403, 200, 200, 401]),
        ("GET", f"/project/hand-ins/{number}", {}, [200, 404, 200, 200, 401]),
        ("GET", f"/project/hand-ins/{number}/archive", {}, [200, 404, 200, 200, 401]),
        ("POST", f"/project/hand-ins/{number}/review", {"json": {}}, [403, 403, 422, 422, 401]),
        ("PUT", f"/project/hand-ins/{number}/repeated", {"json": CHECKS}, [403, 403, 200, 200, 401]),
        ("PUT", "/project", {"data": publication()}, [403, 403, 403, 200, 401]),
        ("POST", "/project/hand-ins", {"data": blob(archive)}, [200, 409, 409, 409, 401]),
        ("POST", "/project/groups/leave", {"json": {}}, [409, 409, 409, 409, 401]),
    ]
    for method, path, options, statuses in ways:
        people = (owner, stranger, helper, server.instructor, nobody)
        found = [person.request(method, path, **options).status_code for person in people]
        assert found == statuses, (method, path)


@pytest.mark.parametrize("number", ["0", "-1", "999", str(2**40), "x"])
def test_a_hand_in_that_does_not_exist_is_not_found(course: Any, number: str) -> None:
    student = course().student()
    for path in (f"/project/hand-ins/{number}", f"/project/hand-ins/{number}/archive"):
        assert student.request("GET", path).status_code in (404, 422)


# Publishing


def test_a_corrected_project_takes_the_place_of_the_one_before(course: Any) -> None:
    server = course()
    same = server.instructor.request("PUT", "/project", data=publication()).json()
    assert (same["number"], same["text"]) == (1, "Nothing has changed since it was published.")
    corrected = publication(definition=DEFINITION | {"title": "Corrected"}, digest="c" * 64)
    assert server.instructor.request("PUT", "/project", data=corrected).json()["number"] == 2
    assert server.student().get("/project")["title"] == "Corrected"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"digest": "short"}, "digest: expected 64 hexadecimal digits"),
        ({"definition": None}, "definition"),
        ({"definition": DEFINITION | {"id": "hw0"}}, "definition: id"),
        ({"definition": DEFINITION | {"rubric": DEFINITION["rubric"][:1]}}, "the points add up to 40"),
        ({"definition": DEFINITION | {"sources": ["../x"]}}, "Expected a file or folder of a workspace"),
    ],
)
def test_a_publication_that_can_not_be_right_is_refused(
    course: Any, changes: dict[str, Any], said: str
) -> None:
    response = course().instructor.request("PUT", "/project", data=publication(**changes))
    assert said in error(response, 422)


def test_a_course_without_a_project_says_so(server: Any) -> None:
    for person in (server.student(), server.instructor):
        assert "This course has no final project" in error(person.request("GET", "/project"), 404)
    response = server.instructor.request("PUT", "/project", data=publication())
    assert "This course has no final project" in error(response, 404)


def test_a_project_that_is_not_published_yet_is_said_to_be_so(start: Any, kit: Any) -> None:
    said = kit.policy.model_dump() | {"project": {}}
    server = start(policy=type(kit.policy).model_validate(said))
    assert "not published yet" in error(server.student().request("GET", "/project"), 404)


def test_a_hand_in_is_known_by_the_digest_of_its_bytes(course: Any, archive: bytes) -> None:
    server = course()
    student = server.student()
    group(student)
    assert handed_in(student, archive)["file"] == hashlib.sha256(archive).hexdigest()
