"""Keys in an address: where the mugrade protocol takes them, who may what, and that none is logged."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from mugrade_client import SCALED, TheirClient, course


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
