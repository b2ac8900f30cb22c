"""Measure a deadline's night: many students, each with several attempts of 12 questions, 200 at once.

The load comes from a process of its own on the same machine, over loopback; its share of the processor is
printed; the server's log goes to standard error. Every answer that was acknowledged is looked for in the
database afterwards.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

import numpy as np
from classroom import (
    QUESTIONS,
    Classroom,
    classroom,
    cpu_seconds,
    load_command,
    own_database,
    processes_of,
    resident_megabytes,
)
from sqlalchemy import Engine, text

from grader.publishing.hosting import Hosted
from grader.server.store.database import connect


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--each", type=int, default=5, help="attempts of each student")
    parser.add_argument("--burst", type=int, default=200)
    parser.add_argument("--rate", type=float, default=30.0, help="submissions a second, after the bursts")
    parser.add_argument("--seconds", type=float, default=60.0, help="at that rate")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, not SQLite")
    parser.add_argument("--processes", type=int, default=1, help="of the server")
    options = parser.parse_args()
    with (
        own_database(options.postgres) as database,
        classroom(database and database.address, options.processes) as course,
    ):
        hosted = course.start()
        try:
            return _night(course, hosted, connect(database and database.address, course.data), options)
        finally:
            hosted.process.terminate()
            hosted.process.wait()


def _night(course: Classroom, hosted: Hosted, engine: Engine, options: argparse.Namespace) -> int:
    idle = resident_megabytes(processes_of(hosted))
    course.open(hosted, options.students)
    where = "PostgreSQL" if options.postgres else "SQLite"
    print(f"{options.students} students on {where}, {options.processes} process(es) of the server.")
    print(f"memory of an idle server   {idle:8.0f} MB in all its processes")
    print(f"\n{options.each} attempts of {QUESTIONS} questions each, {options.burst} students at once:")
    bursts = _loaded(course, hosted, burst=options.burst, each=options.each)
    print(f"\n{options.rate:g} submissions a second for {options.seconds:g} s:")
    steady = _loaded(course, hosted, rate=options.rate, seconds=options.seconds)
    lost, doubled = _compare(engine, [bursts, steady])
    engine.dispose()
    print(f"\nacknowledged and not in the database: {lost}; counted twice: {doubled}")
    bad = lost + doubled + sum(one["wrong"] + one["given_up"] for one in (bursts, steady))
    return 1 if bad else 0


def _loaded(course: Classroom, hosted: Hosted, **plan: object) -> dict[str, Any]:
    """Run the load generator with a plan, print what it found, and return it."""
    pids = processes_of(hosted)
    before = cpu_seconds(pids)
    command = load_command({"url": hosted.url, "keys": course.keys, **plan}, course.root / "plan.json")
    report: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    served = cpu_seconds(pids) - before
    count, seconds = len(report["answering"]), report["seconds"]
    print(f"submissions a second       {count / seconds:8.1f}    (drawn, computed, answered; {count} in all)")
    for what in ("drawing", "answering"):
        middle, worst = np.percentile(report[what], [50, 99]) * 1000
        print(f"{what:24}   median {middle:7.1f} ms   99 % under {worst:7.1f} ms")
    both = report["drawing"] + report["answering"]
    print(f"99 % of all requests under {np.percentile(both, 99) * 1000:8.1f} ms")
    print(f"server's processor         {1000 * served / max(count, 1):8.1f} ms a submission")
    print(f"generator's processor      {100 * report['cpu'] / seconds:8.0f} % of one core")
    print(
        f"errors {sum(report['errors'].values())}, wrong scores {report['wrong']}, "
        f"given up {report['given_up']}"
    )
    for error, times in report["errors"].items():
        print(f"  {times} x {error}")
    return report


def _compare(engine: Engine, reports: list[dict[str, Any]]) -> tuple[int, int]:
    """Return how many acknowledged answers are not in the database, and how many count too often."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id FROM attempts WHERE answered_at IS NOT NULL")).scalars()
        stored = set(rows)
        by_attempt = "SELECT attempt_number, count(*) AS n FROM results GROUP BY attempt_number"
        counted = connection.execute(text(f"SELECT n FROM ({by_attempt}) AS c WHERE n <> {QUESTIONS}"))
        doubled = len(counted.all())
    acknowledged = [id for report in reports for ids in report["acknowledged"].values() for id in ids]
    return len(set(acknowledged) - stored), doubled + len(acknowledged) - len(set(acknowledged))


if __name__ == "__main__":
    sys.exit(main())
