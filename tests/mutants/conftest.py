"""The table of `make mutants`: how many mistakes were planted, and how many were caught where."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("all_mutants"):
        return
    planted, locally, on_submission = Counter[str](), Counter[str](), Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "mutant" and report.when == "call":
                    homework, question, caught_locally, caught_on_submission = value
                    for row in (f"{homework}/{question}", "all"):
                        planted[row] += 1
                        locally[row] += caught_locally
                        on_submission[row] += caught_on_submission
    width = max(map(len, planted), default=0)
    terminalreporter.section("mutants")
    terminalreporter.write_line(f"{'':{width}}  planted  caught locally  caught on submission")
    for row in sorted(planted, key=lambda row: (row == "all", row)):
        counts = f"{planted[row]:7}  {locally[row]:14}  {on_submission[row]:20}"
        terminalreporter.write_line(f"{row:{width}}  {counts}")
