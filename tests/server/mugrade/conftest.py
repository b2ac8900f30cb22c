"""Servers with two problems of the mugrade protocol published, and somebody who submits to them."""

from collections.abc import Callable, Iterator

import pytest
from mugrade_client import TheirClient, course, with_problems
from running_server import Person, Running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with two problems published, for tests that bring a student and change nothing else."""
    running = Running(tmp_path_factory.mktemp("mugrade"), course(), mugrade=True)
    yield with_problems(running)
    running.stop()


@pytest.fixture
def own(start: Callable[..., Running]) -> Running:
    """The same for one test alone."""
    return with_problems(start(policy=course(), mugrade=True))


@pytest.fixture
def person(server: Running) -> Person:
    return server.student()


@pytest.fixture
def client(server: Running, person: Person) -> TheirClient:
    return TheirClient(server.url, person.key)
