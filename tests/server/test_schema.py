"""The OpenAPI description, sent back to the server as requests: none makes it fail."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from running_server import Running
from tiny_course import POLICY, publication

EXAMPLES = {"instructor": 8, "stranger": 2}  # of a request: a stranger's are refused before they are read


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of its own, since an instructor's requests change it, with something published."""
    policy = POLICY.model_copy(update={"requests_per_minute": 10**6})
    server = Running(tmp_path_factory.mktemp("described"), policy)
    server.instructor.publish(publication())
    student = server.student()
    student.scored(student.drawn())
    yield server
    server.stop()


def _requests(server: Running) -> list[tuple[str, Any]]:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    return [(f"{one.method.upper()} {one.path}", one.as_strategy()) for one in operations]


def _statuses(strategy: Any, headers: dict[str, str], examples: int) -> list[tuple[int, str]]:
    found = []
    checks = list(HealthCheck)

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=checks
    )
    @given(case=strategy)
    def ask(case: Any) -> None:
        response = case.call(headers=headers, timeout=60)
        found.append((response.status_code, response.text[:300]))

    ask()
    return found


@pytest.mark.parametrize("who", EXAMPLES)
def test_no_request_that_the_description_allows_makes_the_server_fail(described: Running, who: str) -> None:
    headers = {"Authorization": f"Bearer {described.instructor.key}"} if who == "instructor" else {}
    asked = 0
    for name, strategy in _requests(described):
        for status, text in _statuses(strategy, headers, EXAMPLES[who]):
            assert status < 500, f"{name}: {text}"
            asked += 1
    assert asked > 100
    assert requests.get(f"{described.url}/readyz", timeout=20).status_code == 200


def test_every_address_says_how_it_refuses(described: Running) -> None:
    description = requests.get(f"{described.url}/openapi.json", timeout=20).json()
    for path, methods in description["paths"].items():
        for method, operation in methods.items() if path.startswith("/api/") else ():
            assert "4XX" in operation["responses"], f"{method} {path}"
