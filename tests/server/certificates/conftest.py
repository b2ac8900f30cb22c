"""A course that gives a certificate, and a credential signed without a server."""

from collections.abc import Callable
from typing import Any

import pytest
from certified_course import BASE, HOLDER, NOW, course
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from running_server import Running
from tiny_course import publication

from grader.server.certificates.credential import credential
from grader.server.certificates.signing import SigningKey


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate())


@pytest.fixture(scope="module")
def token(key: SigningKey) -> str:
    return key.sign(BASE, credential(BASE, course(), HOLDER, NOW), NOW)


@pytest.fixture
def open_course(start: Callable[..., Running]) -> Callable[..., Running]:
    """Return a function that starts a server with one homework, and what its certificate asks for."""

    def one(database_url: str | None = None, **certificate: Any) -> Running:
        server = start(policy=course(**certificate), database_url=database_url)
        assert server.instructor.publish(publication()).status_code == 200
        return server

    return one
