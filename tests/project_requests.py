"""What people do with the final project over HTTP: publish, form groups, hand in, review."""

from typing import Any

import requests
from running_server import Person, Running
from small_project import DEFINITION
from tiny_course import POLICY

from grader.course.policy import Policy
from grader.grading.wire import bytes_array, pack

CHECKS = {
    "tests": [{"check": "report", "name": "it is written", "passed": True, "message": ""}],
    "python": "3.11",
    "platform": "x",
}
POINTS = {"idea": 30, "work": 45.5}
PROPOSAL = b"# Ours\n"


def policy_with_project(**project: Any) -> Policy:
    return Policy.model_validate(POLICY.model_dump() | {"project": project})


def project_publication(**changes: Any) -> bytes:
    said = {"definition": DEFINITION, "digest": "b" * 64} | changes
    return pack(said, {"release": bytes_array(b"an archive")})


def blob(file: bytes, kind: str = "project", **changes: Any) -> bytes:
    return pack({"kind": kind, "track": "fusion", "checks": CHECKS} | changes, {"file": bytes_array(file)})


def group(person: Person, name: str = "Alpha") -> dict[str, Any]:
    response = person.post("/project/groups", {"name": name})
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def hand_in(person: Person, file: bytes, **said: Any) -> requests.Response:
    return person.request("POST", "/project/hand-ins", data=blob(file, **said))


def handed_in(person: Person, file: bytes, **said: Any) -> dict[str, Any]:
    response = hand_in(person, file, **said)
    assert response.status_code == 200, response.text
    one: dict[str, Any] = response.json()["hand_in"]
    return one


def review(person: Person, number: int, **changes: Any) -> requests.Response:
    said = {"points": POINTS, "comments": {"idea": "Clear.", "": "Well done."}, "accepted": True} | changes
    return person.post(f"/project/hand-ins/{number}/review", said)


def error(response: requests.Response, status: int) -> str:
    assert response.status_code == status, response.text
    return str(response.json()["error"])


def person_id(server: Running, person: Person) -> int:
    [[number]] = server.query(f"SELECT id FROM people WHERE email = '{person.email}'")
    return int(number)


def assistant(server: Running) -> Person:
    one = server.student("An Assistant")
    people = [{"name": "An Assistant", "email": one.email, "role": "assistant"}]
    assert server.instructor.post("/roster", {"people": people}).status_code == 200
    return one
