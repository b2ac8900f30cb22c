"""Measure the gradebook's figures: 500 students with attempts of five homeworks, computed in this process.

It prints the time after a start, a new policy or a new version, when every stored result is read, and the
time from then on, when only people with a new answer are computed again.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import seeded_class  # type: ignore[import-not-found]  # noqa: E402  # the tests' class

from grader.server.grades.reports import Reports  # noqa: E402
from grader.server.grades.standings import Standings  # noqa: E402
from grader.server.settings import Settings  # noqa: E402
from grader.server.store.tables.attempts import ResultRow  # noqa: E402
from grader.server.web.services import open_services  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder), seeded_class.policy(), clock=lambda: seeded_class.NOW)
        services = open_services(settings)
        with services.database.write() as session:
            seeded_class.fill(session, options.students)
        with services.database.read() as session:
            results = session.scalar(select(func.count()).select_from(ResultRow))

        def first() -> object:
            standings = Standings(services.policies)
            return Reports(settings, services.database, services.policies, standings).gradebook()

        services.reports.gradebook()
        print(f"{options.students} students with five homeworks, {results} results; SQLite.")
        _measure("the first time", first, options.repeats)
        _measure("from then on", services.reports.gradebook, options.repeats)
    return 0


def _measure(what: str, run: Callable[[], object], repeats: int) -> None:
    """Print the medians of the time that passes, and of the processor's."""
    passed, computed = [], []
    for _ in range(repeats):
        began, before = time.perf_counter(), time.process_time()
        run()
        passed.append(1000 * (time.perf_counter() - began))
        computed.append(1000 * (time.process_time() - before))
    print(f"{what:16} {statistics.median(passed):7.0f} ms   processor {statistics.median(computed):7.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
