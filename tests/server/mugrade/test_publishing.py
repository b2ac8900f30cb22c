"""Values published over the mugrade protocol, and published again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mugrade_client import ADDED, SCALED, TheirClient, course


def test_all_values_of_a_problem_can_be_published_at_once(own: Any) -> None:
    client = TheirClient(own.url, own.student().key)
    instructor = TheirClient(own.url, own.instructor.key)
    reply = instructor.send("publish", [1, 2], assignment="hw0", problem="scale")
    assert reply.json() == {"assignment": "hw0", "problem": "scale", "test_cases": 2}
    assert client.submit("scale", 1, 2.0) == [True, True]


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


@pytest.mark.parametrize(("points", "said"), [({"a": 50.0}, "add up to 50"), ({"A b": 100.0}, "names")])
def test_points_and_names_that_the_gradebook_can_not_hold_are_refused(
    start: Callable[..., Any], points: dict[str, float], said: str
) -> None:
    running = start(policy=course(assignments=[{"id": "hw0", "mugrade": points}]), mugrade=True)
    instructor = TheirClient(running.url, running.instructor.key)
    reply = instructor.send("publish", 1, assignment="hw0", problem=next(iter(points)), test_case_index=0)
    assert (reply.status_code, said in reply.json()["error"]) == (422, True)
