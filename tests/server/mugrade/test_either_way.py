"""An assignment is published natively or over the mugrade protocol, never both."""

from collections.abc import Callable
from typing import Any

import requests
from mugrade_client import ADDED, TheirClient, course


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
