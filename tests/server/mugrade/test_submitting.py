"""Submissions over the mugrade protocol: in one gradebook, a value at a time, within limits and dates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mugrade_client import ADDED, POINTS, SCALED, TheirClient, course, with_problems


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
