"""What all tests share: their plugins, the option of `make mutants`, and the order in which files are run."""

import os

import pytest

pytest_plugins = ["pytester", "small_workspaces", "shared_course"]

FIRST = "tests/mutants/test_mutants.py"  # publishes the course while the other process is busy elsewhere
LAST = (  # these need the course published; the longest come first, so that no process waits for another
    "tests/loop/test_homeworks.py",
    "tests/mutants/test_partial",
    "tests/loop/test_pasted_cases.py",
    "tests/loop/",
    "tests/styles/",
    "tests/test_cli.py",
)

# A plugin that no test needs, and that each pytest which a test starts takes over half a second to import.
os.environ.setdefault("PYTEST_ADDOPTS", "-p no:schemathesis")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-mutants", action="store_true", help="plant every mistake, and not only one of each group"
    )
    parser.addoption(
        "--most-mutants",
        type=int,
        metavar="N",
        help="with --all-mutants, at most N of a question, and a sample of the partial solutions",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what publishes the course, and leave what waits for it to the end."""
    items.sort(key=lambda item: (not item.nodeid.startswith(FIRST), _waits(item.nodeid)))


def _waits(nodeid: str) -> int:
    """Return how late a test comes: 0 unless it is one of the last."""
    return next((at for at, start in enumerate(LAST, 1) if nodeid.startswith(start)), 0)
