"""The mugrade protocol: an existing course's client publishes to this server and is graded by it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from running_server import Running

from grader.course.policy import Policy
from grader.errors import WireError
from grader.grading.verdicts import Kind
from grader.server.mugrade.values import judged, read_json, read_value

POINTS = {"add": 40.0, "scale": 60.0}


def course(**changes: Any) -> Policy:
    content = {"id": "old", "title": "An existing course", "attempts_per_hour": 3}
    entries = [{"id": "hw0", "mugrade": POINTS, "weight": 3.0}, {"id": "tiny0"}]
    return Policy.model_validate({"assignments": entries} | content | changes)


class TheirClient:
    """What an existing course's tests do, written from the protocol's description."""

    def __init__(self, url: str, key: str, assignment: str = "hw0"):
        self.url, self.key, self.assignment = url, key, assignment

    def send(self, path: str, value: object = None, **query: object) -> requests.Response:
        address, body = f"{self.url}/{path}", json.dumps(value, default=self.encoded)
        return requests.post(address, params={"user_key": self.key, **query}, data=body, timeout=20)

    def encoded(self, value: object) -> dict[str, object]:
        if isinstance(value, np.ndarray):
            return {"_encoded_type": "np.ndarray", "data": value.tolist()}
        if isinstance(value, datetime):
            return {"_encoded_type": "datetime", "data": value.isoformat()}
        return {"_encoded_type": "type", "data": repr(value)}

    def publish(self, problem: str, *values: object) -> None:
        for at, value in enumerate(values):
            reply = self.send(
                "publish", value, assignment=self.assignment, problem=problem, test_case_index=at
            )
            assert reply.status_code == 200, reply.text

    def begin(self, problem: str) -> str:
        reply = self.send("submit", assignment=self.assignment, problem=problem)
        assert reply.status_code == 200, reply.text
        assert set(reply.json()) == {"submission_id"}
        return str(reply.json()["submission_id"])

    def try_one(self, submission: str, at: int, value: object) -> bool:
        reply = self.send("submit_test", value, submission_id=submission, test_case_index=at)
        assert reply.status_code == 200, reply.text
        assert set(reply.json()) == {"correct"}
        return bool(reply.json()["correct"])

    def submit(self, problem: str, *values: object) -> list[bool]:
        submission = self.begin(problem)
        return [self.try_one(submission, at, value) for at, value in enumerate(values)]


ADDED = (np.array([[1.0, 2.0]]), 3, {"loss": 0.5, "kind": float, "at": datetime(2026, 1, 1)})
SCALED = ([1.5, 2.5],)


def with_problems(running: Any) -> Any:
    instructor = TheirClient(running.url, running.instructor.key)
    instructor.publish("add", *ADDED)
    instructor.publish("scale", *SCALED)
    return running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with two problems published, for tests that bring a student and change nothing else."""
    running = Running(tmp_path_factory.mktemp("mugrade"), course(), mugrade=True)
    yield with_problems(running)
    running.stop()


@pytest.fixture
def server(shared: Any) -> Any:
    return shared


@pytest.fixture
def own(start: Callable[..., Any]) -> Any:
    """The same for one test alone."""
    return with_problems(start(policy=course(), mugrade=True))


@pytest.fixture
def person(server: Any) -> Any:
    return server.student()


@pytest.fixture
def client(server: Any, person: Any) -> TheirClient:
    return TheirClient(server.url, person.key)


# a whole course


def test_a_course_is_published_submitted_and_in_the_same_gradebook(own: Any) -> None:
    person = own.student()
    client = TheirClient(own.url, person.key)
    assert client.submit("add", *ADDED) == [True, True, True]
    assert client.submit("scale", [1.5, 2.6]) == [False]
    mine = next(one for one in person.get("/me")["assignments"] if one["id"] == "hw0")
    assert (mine["protocol"], mine["score"], mine["attempts"]) == ("mugrade", 40.0, 2)
    assert client.submit("scale", [1.5 * (1 + 1e-6), 2.5]) == [True]
    book = own.instructor.get("/gradebook")
    assert [(one["id"], one["protocol"]) for one in book["assignments"]] == [("hw0", "mugrade")]
    assert book["people"][0]["scores"] == {"hw0": 100.0}
    assert book["people"][0]["average"] == 75.0


def test_a_submission_counts_once_all_its_values_are_there(person: Any, client: TheirClient) -> None:
    submission = client.begin("add")
    assert client.try_one(submission, 0, ADDED[0])
    assert person.get("/me")["assignments"][0]["score"] == 0
    assert client.try_one(submission, 2, ADDED[2])
    assert not client.try_one(submission, 1, 4)
    assert person.get("/me")["assignments"][0]["score"] == round(40 * 2 / 3, 2)


def test_all_values_of_a_problem_can_be_published_at_once(own: Any) -> None:
    client = TheirClient(own.url, own.student().key)
    instructor = TheirClient(own.url, own.instructor.key)
    reply = instructor.send("publish", [1, 2], assignment="hw0", problem="scale")
    assert reply.json() == {"assignment": "hw0", "problem": "scale", "test_cases": 2}
    assert client.submit("scale", 1, 2.0) == [True, True]


def test_a_native_submission_of_another_assignment_goes_on_beside_it(own: Any, kit: Any) -> None:
    person = own.student()
    client = TheirClient(own.url, person.key)
    assert own.instructor.publish(kit.publication()).status_code == 200
    client.submit("add", *ADDED)
    assert person.scored(person.drawn())["score"] == 100.0
    assert person.get("/me")["average"] == round((3 * 40 + 100) / 4, 2)


def test_the_same_holds_on_postgresql(start: Callable[..., Any], empty_postgres: str) -> None:
    own = with_problems(start(policy=course(), mugrade=True, database_url=empty_postgres))
    client = TheirClient(own.url, own.student().key)
    assert client.submit("add", *ADDED) == [True, True, True]
    TheirClient(own.url, own.instructor.key).publish("scale", {"\0": None})
    assert client.submit("scale", {"\0": None}) == [True]
    for name in ("\0", "no such"):
        assert client.send("submit", assignment="hw0", problem=name).status_code == 404
        assert client.send("submit_test", 1, submission_id=name, test_case_index=0).status_code == 404
    assert own.instructor.get("/gradebook")["people"][0]["scores"] == {"hw0": 100.0}


# publishing again


def test_a_value_corrected_before_anybody_tried_stays_in_its_version(own: Any) -> None:
    client = TheirClient(own.url, own.student().key)
    TheirClient(own.url, own.instructor.key).publish("scale", None)
    assert own.query("select number from versions") == [(1,)]
    assert client.submit("scale", None) == [True]


def test_a_value_corrected_after_a_try_makes_a_version_and_open_tries_keep_theirs(own: Any) -> None:
    client = TheirClient(own.url, own.student().key)
    submission = client.begin("scale")
    instructor = TheirClient(own.url, own.instructor.key)
    instructor.publish("scale", *SCALED)
    assert own.query("select max(number) from versions") == [(1,)]
    instructor.publish("scale", [9.0])
    assert own.query("select max(number) from versions") == [(2,)]
    assert client.try_one(submission, 0, SCALED[0])
    assert client.submit("add", *ADDED) == [True, True, True]
    assert client.submit("scale", [9.0]) == [True]


def test_fewer_test_cases_take_the_whole_list(own: Any) -> None:
    person = own.student()
    client, instructor = TheirClient(own.url, person.key), TheirClient(own.url, own.instructor.key)
    assert client.submit("add", *ADDED) == [True, True, True]

    def score() -> float:
        return next(one["score"] for one in person.get("/me")["assignments"] if one["id"] == "hw0")

    instructor.publish("scale", *SCALED, 2.0)
    instructor.publish("scale", *SCALED)
    assert client.submit("scale", *SCALED) == [True]
    assert score() == 40.0  # the second test case is still published, and the try waits for it
    reply = instructor.send("publish", [*SCALED], assignment="hw0", problem="scale")
    assert reply.json()["test_cases"] == 1
    assert client.submit("scale", *SCALED) == [True]
    assert score() == 100.0


@pytest.mark.parametrize("tried", [False, True])
def test_test_cases_published_at_the_same_time_are_all_there_on_postgresql(
    start: Callable[..., Any], empty_postgres: str, tried: bool
) -> None:
    own = start(policy=course(), mugrade=True, database_url=empty_postgres)
    instructor = TheirClient(own.url, own.instructor.key)
    if tried:
        instructor.publish("add", 0)
        instructor.begin("add")

    def publish(at: int) -> int:
        query = {"assignment": "hw0", "problem": "add", "test_case_index": at}
        return instructor.send("publish", at + 10, **query).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(publish, range(16))) == {200}
    [(version,)] = own.query("select max(id) from versions")
    found = own.query(f"select position from mugrade_cases where version_id = {version} order by position")
    assert [at for (at,) in found] == list(range(16))
    assert own.query("select count(*) from versions") == [(2 if tried else 1,)]


def test_points_that_change_count_once_the_course_publishes_again(own: Any) -> None:
    person = own.student()
    client = TheirClient(own.url, person.key)
    client.submit("add", *ADDED)
    services = own.app.state.services
    entries = [{"id": "hw0", "mugrade": {"add": 70.0, "scale": 30.0}}]
    services.policies.apply(course(assignments=entries), services.people.sign_in(own.instructor.key))
    assert own.instructor.get("/gradebook")["people"][0]["scores"] == {"hw0": 40.0}
    TheirClient(own.url, own.instructor.key).publish("add", *ADDED)
    assert own.instructor.get("/gradebook")["people"][0]["scores"] == {"hw0": 70.0}
    assert client.submit("scale", *SCALED) == [True]


def test_what_is_published_is_in_the_record(own: Any) -> None:
    rows = own.query("select assignment, detail from audit where action = 'publish'")
    assert len(rows) == 4
    assert {name for name, _ in rows} == {"hw0"}


# either way, never both


def test_an_assignment_of_this_protocol_can_not_be_published_natively(server: Any, kit: Any) -> None:
    reply = server.instructor.publish(kit.publication(name="hw0"), "hw0")
    assert (reply.status_code, "never both" in reply.json()["error"]) == (409, True)


def test_an_assignment_of_this_protocol_can_not_be_drawn_natively(person: Any, kit: Any) -> None:
    [listed] = [one for one in person.get("/assignments") if one["id"] == "hw0"]
    for digest in (listed["cases_digest"], kit.digest):
        reply = person.draw(assignment="hw0", digest=digest)
        assert (reply.status_code, "tests that came with it" in reply.json()["error"]) == (409, True)


def test_a_submission_of_this_protocol_can_not_be_answered_natively(person: Any, client: TheirClient) -> None:
    submission = client.begin("add")
    for body in (b"", b"x"):
        reply = person.answer({"id": submission}, body)
        assert (reply.status_code, set(reply.json())) == (409 if not body else 413, {"error"})
    assert client.try_one(submission, 0, ADDED[0])


def test_a_native_assignment_takes_nothing_of_this_protocol(own: Any, kit: Any) -> None:
    person = own.student()
    assert own.instructor.publish(kit.publication()).status_code == 200
    reply = TheirClient(own.url, person.key).send("submit", assignment="tiny0", problem="double")
    assert (reply.status_code, "published natively" in reply.json()["error"]) == (409, True)
    instructor = TheirClient(own.url, own.instructor.key)
    reply = instructor.send("publish", 1, assignment="tiny0", problem="double", test_case_index=0)
    assert (reply.status_code, "course.yaml names no problems" in reply.json()["error"]) == (409, True)


def test_an_assignment_that_was_native_before_stays_so(start: Callable[..., Any], kit: Any) -> None:
    running = start(policy=course(assignments=[{"id": "tiny0"}]), mugrade=True)
    assert running.instructor.publish(kit.publication()).status_code == 200
    changed = course(assignments=[{"id": "tiny0", "mugrade": {"double": 100.0}}])
    services = running.app.state.services
    services.policies.apply(changed, services.people.sign_in(running.instructor.key))
    instructor = TheirClient(running.url, running.instructor.key, "tiny0")
    reply = instructor.send("publish", 1, assignment="tiny0", problem="double", test_case_index=0)
    assert (reply.status_code, "published natively, as version 1" in reply.json()["error"]) == (409, True)


def test_an_assignment_of_this_protocol_has_no_archive(server: Any) -> None:
    reply = requests.get(f"{server.url}/api/v1/assignments/hw0/release", timeout=20)
    assert (reply.status_code, "mugrade" in reply.json()["error"]) == (404, True)


@pytest.mark.parametrize(("points", "said"), [({"a": 50.0}, "add up to 50"), ({"A b": 100.0}, "names")])
def test_points_and_names_that_the_gradebook_can_not_hold_are_refused(
    start: Callable[..., Any], points: dict[str, float], said: str
) -> None:
    running = start(policy=course(assignments=[{"id": "hw0", "mugrade": points}]), mugrade=True)
    instructor = TheirClient(running.url, running.instructor.key)
    reply = instructor.send("publish", 1, assignment="hw0", problem=next(iter(points)), test_case_index=0)
    assert (reply.status_code, said in reply.json()["error"]) == (422, True)


# who may, and how often


def test_it_is_off_by_default_and_keys_in_addresses_are_refused(
    start: Callable[..., Any],
) -> None:
    running = start(policy=course())
    student = running.student()
    for path in ("submit", "submit_test", "publish"):
        reply = TheirClient(running.url, student.key).send(path, assignment="hw0", problem="add")
        assert reply.status_code == 400
        assert "never be part of an address" in reply.json()["error"]


def test_only_these_three_addresses_take_a_key(server: Any, person: Any) -> None:
    for method, path in (("GET", "api/v1/me"), ("GET", "publish"), ("GET", "submit"), ("POST", "submit/")):
        address = f"{server.url}/{path}"
        reply = requests.request(method, address, params={"user_key": person.key}, timeout=20)
        assert reply.status_code == 400


def test_keys_are_not_logged(server: Any, client: TheirClient, log: Any) -> None:
    client.submit("scale", *SCALED)
    client.send("submit", assignment="no", problem="such")
    log.line_with("/submit_test")
    client.send("submit", assignment="hw0", problem="\0")
    log.line_with("[404]")
    assert client.key not in log.getvalue()


@pytest.mark.parametrize("key", ["", "x", "ndl_" + "A" * 40])
@pytest.mark.parametrize("path", ["submit", "submit_test", "publish"])
def test_nothing_is_done_without_a_known_key(server: Any, key: str, path: str) -> None:
    query = {"assignment": "hw0", "problem": "add", "submission_id": "x", "test_case_index": 0}
    reply = TheirClient(server.url, key).send(path, 1, **query)
    assert reply.status_code in (401, 422)
    assert set(reply.json()) == {"error"}


def test_a_student_can_not_publish(client: TheirClient) -> None:
    reply = client.send("publish", 1, assignment="hw0", problem="add", test_case_index=0)
    assert reply.status_code == 403


def test_nobody_adds_to_anothers_submission(server: Any, client: TheirClient) -> None:
    submission = client.begin("scale")
    other = TheirClient(server.url, server.student().key)
    for one in (submission, "0" * 36, "' or 1=1", "é", "\0"):
        reply = other.send("submit_test", *SCALED, submission_id=one, test_case_index=0)
        assert (reply.status_code, "no submission of this id" in reply.json()["error"]) == (404, True)
    assert client.try_one(submission, 0, *SCALED)


def test_tries_of_a_problem_are_limited_and_free_again_after_an_hour(own: Any) -> None:
    client = TheirClient(own.url, own.student().key)
    for _ in range(3):
        client.begin("scale")
    reply = client.send("submit", assignment="hw0", problem="scale")
    assert (reply.status_code, int(reply.headers["Retry-After"]) > 3500) == (429, True)
    client.begin("add")
    own.clock.move(minutes=61)
    client.begin("scale")


def test_each_value_of_a_submission_is_judged_once(client: TheirClient) -> None:
    submission = client.begin("add")
    assert not client.try_one(submission, 1, 4)
    reply = client.send("submit_test", 3, submission_id=submission, test_case_index=1)
    assert (reply.status_code, "each is, once" in reply.json()["error"]) == (409, True)
    reply = client.send("submit_test", 3, submission_id=submission, test_case_index=3)
    assert (reply.status_code, "It has 0, 1, 2" in reply.json()["error"]) == (404, True)


def test_an_older_an_expired_and_a_finished_submission_take_nothing(own: Any) -> None:
    client = TheirClient(own.url, own.student().key)
    older, newer = client.begin("scale"), client.begin("scale")
    said = {older: (409, "newer one")}
    client.try_one(newer, 0, *SCALED)
    said[newer] = (409, "has all its values")
    expired = client.begin("scale")
    own.clock.move(minutes=121)
    said[expired] = (410, "expired")
    for submission, (status, text) in said.items():
        reply = client.send("submit_test", *SCALED, submission_id=submission, test_case_index=0)
        assert (reply.status_code, text in reply.json()["error"]) == (status, True)


def test_dates_hold_here_too(start: Callable[..., Any]) -> None:
    past = [{"id": "hw0", "mugrade": POINTS, "due": datetime(2001, 2, 1)}]
    running = start(policy=course(assignments=past), mugrade=True)
    TheirClient(running.url, running.instructor.key).publish("add", 1)
    reply = TheirClient(running.url, running.student().key).send("submit", assignment="hw0", problem="add")
    assert (reply.status_code, "takes no more attempts" in reply.json()["error"]) == (403, True)


# values


def array(data: list[Any]) -> dict[str, Any]:
    return {"_encoded_type": "np.ndarray", "data": data}


@pytest.mark.parametrize(
    ("expected", "found", "equal"),
    [
        (1, 1.00001, True),
        (1, 1.001, False),
        (1, True, False),
        (None, None, True),
        ("a", "b", False),
        ([1, 2], [1, 2, 3], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (array([1, 2]), array([1.0, 2]), True),
        (array([1, 2]), array([[1, 2]]), False),
        (array([True]), array([1]), False),
        ({"_encoded_type": "type", "data": "<class 'int'>"}, {"_encoded_type": "type", "data": "int"}, False),
        (
            {"_encoded_type": "datetime", "data": "2026-01-01"},
            {"_encoded_type": "datetime", "data": "2026-01-01T00:00:00"},
            True,
        ),
    ],
)
def test_values_are_compared_within_the_tolerance(expected: Any, found: Any, equal: bool) -> None:
    assert (judged(expected, read_value(found, "x"), "x") is Kind.EQUAL) == equal


@pytest.mark.parametrize(
    "body", [b"NaN", b"[Infinity]", b"1e999", b'{"_encoded_type": "np.ndarray", "data": [NaN]}']
)
def test_nan_is_wrong_when_submitted_and_refused_when_published(
    server: Any, client: TheirClient, body: bytes
) -> None:
    submission = client.begin("scale")
    query = {"user_key": client.key, "submission_id": submission, "test_case_index": "0"}
    reply = requests.post(f"{server.url}/submit_test", params=query, data=body, timeout=20)
    assert reply.json() == {"correct": False}
    query = {"user_key": server.instructor.key, "assignment": "hw0", "problem": "add", "test_case_index": "0"}
    reply = requests.post(f"{server.url}/publish", params=query, data=body, timeout=20)
    assert (reply.status_code, "NaN or an infinity" in reply.json()["error"]) == (422, True)


HOSTILE = [
    b"",
    b"\xff\xfe",
    b"{",
    b"[" * 1_000_000,
    b"[" * 100_000 + b"]" * 100_000,
    b"[" * 40 + b"]" * 40,
    b'{"a":' * 1000 + b"1" + b"}" * 1000,
    b"[" + b"1," * 60_000 + b"1]",
    b"1" * 5000,
    b"1" * 400,
    b'{"_encoded_type": "os.system", "data": "true"}',
    b'{"_encoded_type": ["np.ndarray"], "data": []}',
    b'{"_encoded_type": "np.ndarray"}',
    b'{"_encoded_type": "np.ndarray", "data": [[1], [1, 2]]}',
    b'{"_encoded_type": "np.ndarray", "data": ["__import__(\'os\')"]}',
    b'{"_encoded_type": "np.ndarray", "data": [{"a": 1}]}',
    b'{"_encoded_type": "np.ndarray", "data": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"_encoded_type": "np.ndarray", "data": [1' + b"0" * 300 + b"]}",
    b'{"_encoded_type": "type", "data": 3}',
    b'{"_encoded_type": "type", "data": "' + b"x" * 2000 + b'"}',
    b'{"_encoded_type": "datetime", "data": "soon"}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:50].decode("latin-1"))
def test_a_hostile_value_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(WireError, match=r"\."):
        read_value(read_json(body, "x"), "x")


def test_a_hostile_body_costs_the_sender_nothing_but_a_sentence(server: Any, client: TheirClient) -> None:
    submission = client.begin("scale")
    query = {"user_key": client.key, "submission_id": submission, "test_case_index": "0"}
    for body, status in ((HOSTILE[3], 422), (HOSTILE[-1], 422), (b"1" * (5 * 1024**2), 413)):
        reply = requests.post(f"{server.url}/submit_test", params=query, data=body, timeout=20)
        assert reply.status_code == status
        assert set(reply.json()) == {"error"}
    assert client.try_one(submission, 0, *SCALED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
TAGGED = st.fixed_dictionaries(
    {"_encoded_type": st.sampled_from(["np.ndarray", "type", "datetime", "x"]) | JSON, "data": JSON}
)


@settings(derandomize=True, deadline=None, database=None, max_examples=150)
@given(JSON | TAGGED)
def test_any_json_is_a_value_equal_to_itself_or_a_refusal(said: Any) -> None:
    try:
        value = read_value(said, "x")
    except WireError:
        return
    finite = "not_finite" not in json.dumps(value.tree)
    finite = finite and all(np.isfinite(one.read()).all() for one in value.arrays)
    if finite:
        assert judged(said, value, "x") is Kind.EQUAL
