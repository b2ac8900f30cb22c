"""What all tests share: their plugins, the option of `make mutants`, and the order in which files are run."""

import pytest

pytest_plugins = ["pytester", "small_workspaces", "shared_course"]

FIRST = "tests/mutants/test_mutants.py"  # publishes the course while the other process is busy elsewhere
LAST = (
    "tests/mutants/test_partial",
    "tests/loop/",
    "tests/styles/",
    "tests/test_cli.py",
)  # these need the course published


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
    items.sort(key=lambda item: (not item.nodeid.startswith(FIRST), item.nodeid.startswith(LAST)))
