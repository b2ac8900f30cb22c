"""What tests of the whole course share: a solved workspace, and a server with the course published."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.client import Client, Login
from grader.course.assignment import load_assignment
from grader.publishing.hosting import Hosted, publish_all, running
from grader.release.command import solve
from grader.running.build import build
from grader.workspace.folder import Workspace

pytest_plugins = ["pytester", "small_workspaces"]

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-mutants", action="store_true", help="plant every mistake, and not only one a question"
    )


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A built workspace of hw0 with the reference's bodies. Tests that change a file put it back."""
    return _built(tmp_path_factory.mktemp("solved") / "workspace", questions=None)


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A built workspace of hw0 with the stubs."""
    return _built(tmp_path_factory.mktemp("untouched") / "workspace", questions=set())


def _built(folder: Path, questions: set[str] | None) -> Workspace:
    solve(ROOT, "hw0", folder, questions)
    report = build(folder, load_assignment(folder / "assignments" / "hw0"))
    assert report.ok, report.errors
    return Workspace.find(folder)


@pytest.fixture(scope="session")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """A real server on a free port, with the course published."""
    with running(ROOT, tmp_path_factory.mktemp("server"), port=0) as hosted:
        publish_all(ROOT, hosted)
        yield hosted


@pytest.fixture
def enrol(hosted: Hosted, request: pytest.FixtureRequest) -> Callable[[], Client]:
    """Return a function that makes a new student and gives their client."""
    made = iter(range(1000))

    def one() -> Client:
        name = f"{request.node.name}-{next(made)}"
        person = {"name": name, "email": f"{abs(hash(name))}@example.org", "role": "student"}
        [added] = hosted.client.post("/roster", {"people": [person]})["people"]
        return Client(Login(hosted.url, added["key"]))

    return one
