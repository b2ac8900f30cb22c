"""What tests of the whole course share: a solved workspace, and a server with the course published."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from grader.client import Client, Login
from grader.course.policy import Course
from grader.publishing.hosting import Hosted, publish_all, running
from grader.publishing.trials import Trials, prepare
from grader.workspace.folder import Workspace

pytest_plugins = ["pytester", "small_workspaces"]

ROOT = Path(__file__).resolve().parents[1]
ON_THE_SERVER = ("tests/loop/", "tests/mutants/", "tests/test_cli.py")  # each process would publish again


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-mutants", action="store_true", help="plant every mistake, and not only one a question"
    )


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Trials:
    """The two workspaces of hw0, built once: publishing tries its cases on them."""
    course = Course(ROOT)
    return prepare(course, course.assignment("hw0"), tmp_path_factory.mktemp("trials") / "hw0")


@pytest.fixture(scope="session")
def hosted(tmp_path_factory: pytest.TempPathFactory, trials: Trials) -> Iterator[Hosted]:
    """A real server on a free port, with the course published."""
    with running(ROOT, tmp_path_factory.mktemp("server"), port=0) as hosted:
        publish_all(ROOT, hosted, scratch=trials.solved.parents[1])
        yield hosted


@pytest.fixture(scope="session")
def solved(hosted: Hosted, trials: Trials) -> Workspace:
    """A built workspace of hw0 with the reference's bodies. Tests that change a file put it back."""
    return Workspace(trials.solved)


@pytest.fixture(scope="session")
def untouched(hosted: Hosted, trials: Trials) -> Workspace:
    """A built workspace of hw0 with the stubs. Tests that change a file put it back."""
    return Workspace(trials.stubs)


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


class ByFile(LoadScopeScheduling):
    """Keep a file's tests in one process, and all that share the course's server in one as well."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the course" if file.startswith(ON_THE_SERVER) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    return None if config.getoption("all_mutants") else ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that the other process does not wait for it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(ON_THE_SERVER))
