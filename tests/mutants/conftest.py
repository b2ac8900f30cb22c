"""The table of `make mutants`: how many mistakes were planted, and how many were caught where."""

from collections import Counter
from collections.abc import Iterator

import pytest

Mutant = tuple[str, str, bool, bool]  # homework, question, caught locally, caught on submission


def mutants(reporter: pytest.TerminalReporter) -> Iterator[Mutant]:
    for report in (report for reports in reporter.stats.values() for report in reports):
        if getattr(report, "when", "") == "call":
            yield from (value for name, value in report.user_properties if name == "mutant")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    planted, locally, on_submission = Counter[str](), Counter[str](), Counter[str]()
    for homework, question, caught_locally, caught_on_submission in mutants(terminalreporter):
        for row in (f"{homework}/{question}", "all"):
            planted[row] += 1
            locally[row] += caught_locally
            on_submission[row] += caught_on_submission
    if not planted or not config.getoption("all_mutants"):
        return
    width = max(map(len, planted))
    terminalreporter.section("mutants")
    terminalreporter.write_line(f"{'':{width}}  planted  caught locally  caught on submission")
    for row in sorted(planted, key=lambda row: (row == "all", row)):
        counts = f"{planted[row]:7}  {locally[row]:14}  {on_submission[row]:20}"
        terminalreporter.write_line(f"{row:{width}}  {counts}")
