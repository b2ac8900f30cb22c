"""A course that gives a certificate, somebody who has earned it, and what a credential of it says."""

from datetime import datetime, timezone
from typing import Any

from running_server import Person, Running

from grader.course.policy import Policy
from grader.credentials import read_keys
from grader.server.certificates.credential import Holder
from grader.server.certificates.signing import SigningKey

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
BASE = "https://course.example.org"
HOLDER = Holder("6f0c6a5e-6a2e-4a43-9a3e-0d6b0a0f7a11", 7, "Zoë Ł", "zoe@example.org", 93.2)


def course(**certificate: Any) -> Policy:
    asked = {"threshold": 0.8, "project_required": False, "issuer": "The Institute"} | certificate
    return Policy.model_validate(
        {"id": "tiny", "title": "Tiny <b>", "assignments": [{"id": "tiny0"}], "certificate": asked}
    )


def graduate(server: Running, name: str = "Zoë Łukasiewicz") -> Person:
    student = server.student(name)
    student.scored(student.drawn())
    return student


def keys_of(key: SigningKey) -> Any:
    return read_keys(key.jwk(BASE), "here")
