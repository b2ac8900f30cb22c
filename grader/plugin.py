"""The pytest plugin: `pytest --hw hw0` runs an assignment's local tests.

It is loaded by every pytest run of its environment, so it imports nothing and changes nothing without --hw.
"""

from collections.abc import Generator

import pytest

_NEED_HW = ("question", "watch", "results_json")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("needle-grader", "the local tests of an assignment")
    group.addoption("--hw", metavar="NAME", help="run the local tests of this assignment, such as hw0")
    group.addoption(
        "--question", metavar="NAME", action="append", default=[], help="only this question; may be repeated"
    )
    group.addoption("--watch", action="store_true", help="run again whenever a source is saved")
    group.addoption("--json", metavar="FILE", dest="results_json", help="write Gradescope's results.json")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Leave the student's conftest.py out: a mistake in it must not stop the local tests."""
    if early_config.known_args_namespace.hw:
        early_config.known_args_namespace.noconftest = True
    yield


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.getoption("hw"):
        for name in _NEED_HW:
            if config.getoption(name):
                option = "json" if name == "results_json" else name
                raise pytest.UsageError(
                    f"--{option} needs --hw. Name the assignment, as in `pytest --hw hw0`."
                )
        return None
    if not config.getoption("watch"):
        return None
    from grader.local.session import find
    from grader.local.watch import watch

    workspace, _, _ = find(config)
    arguments = [argument for argument in config.invocation_params.args if argument != "--watch"]
    return watch(workspace.root, [str(argument) for argument in arguments])


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("hw"):
        from grader.local.session import QuestionSession

        config.pluginmanager.register(QuestionSession(config), "grader_session")
        # the session says all of this itself, in its own words
        config.option.verbose = -2
        config.option.tbstyle = "no"
        config.option.reportchars = ""
        config.option.disable_warnings = True
