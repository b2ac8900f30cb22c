"""An existing course, and what its tests ask over the mugrade protocol, written from its description."""

import json
from datetime import datetime
from typing import Any

import numpy as np
import requests
from running_server import Running

from grader.course.policy import Policy

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


def with_problems(running: Running) -> Running:
    instructor = TheirClient(running.url, running.instructor.key)
    instructor.publish("add", *ADDED)
    instructor.publish("scale", *SCALED)
    return running
