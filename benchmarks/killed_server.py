"""Kill the server at random moments under load, start it again, and look for what was acknowledged.

With --postgres the server runs on a PostgreSQL of its own; with --stop-database that one is stopped and
started, and the server is not. Every client tries again until it has its score.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

from classroom import (
    QUESTIONS,
    Classroom,
    classroom,
    load_command,
    own_database,
    processes_of,
)
from postgres_server import PostgresServer  # type: ignore[import-not-found]
from sqlalchemy import Engine, text

from grader.publishing.hosting import Hosted
from grader.server.store.database import connect


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=3.0, help="at most, between a start and a kill")
    parser.add_argument("--processes", type=int, default=1, help="of the server")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, not SQLite")
    parser.add_argument("--stop-database", action="store_true", help="stop PostgreSQL, not the server")
    options = parser.parse_args()
    with (
        own_database(options.postgres or options.stop_database) as database,
        classroom(database and database.address, options.processes) as course,
    ):
        return _night(course, database, options)


def _night(course: Classroom, database: PostgresServer | None, options: argparse.Namespace) -> int:
    hosted = course.start()
    try:
        course.open(hosted, options.students)
        told = course.root / "enough"
        plan = {"url": hosted.url, "keys": course.keys, "until": str(told), "connections": options.students}
        load = subprocess.Popen(
            load_command(plan, course.root / "plan.json"), stdout=subprocess.PIPE, text=True
        )
        for _ in range(options.kills):
            time.sleep(random.uniform(0.3, options.seconds))
            if options.stop_database and database:
                _stop_for_a_while(database)
            else:
                hosted = _killed_and_started(course, hosted)
        told.touch()
        report = json.loads(load.communicate(timeout=1200)[0])
    finally:
        hosted.process.terminate()
        hosted.process.wait()
    engine = connect(database and database.address, course.data)
    bad = _compare(engine, report, options)
    engine.dispose()
    return 1 if bad else 0


def _killed_and_started(course: Classroom, hosted: Hosted) -> Hosted:
    for pid in processes_of(hosted):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    hosted.process.wait()
    again = course.start(urlsplit(hosted.url).port or 0)
    return Hosted(again.url, hosted.key, again.process)


def _stop_for_a_while(database: PostgresServer) -> None:
    database.stop()
    time.sleep(random.uniform(0.1, 1.0))
    database.start()


def _compare(engine: Engine, report: dict[str, object], options: argparse.Namespace) -> int:
    """Print what was acknowledged and what is stored, and return how many attempts differ."""
    acknowledged = [id for ids in report["acknowledged"].values() for id in ids]  # type: ignore[attr-defined]
    with engine.connect() as connection:
        stored = set(
            connection.execute(text("SELECT id FROM attempts WHERE answered_at IS NOT NULL")).scalars()
        )
        by_attempt = "SELECT attempt_number, count(*) AS n FROM results GROUP BY attempt_number"
        uneven = connection.execute(text(f"SELECT n FROM ({by_attempt}) AS c WHERE n <> {QUESTIONS}")).all()
    lost, unknown = set(acknowledged) - stored, stored - set(acknowledged)
    what = "database stopped" if options.stop_database else "server killed"
    print(f"{what} {options.kills} times in {report['seconds']:.0f} s under {options.students} students")
    print(f"acknowledged {len(acknowledged)}, stored {len(stored)}, lost {len(lost)}")
    print(f"twice acknowledged {len(acknowledged) - len(set(acknowledged))}, half counted {len(uneven)}")
    print(f"stored and never acknowledged {len(unknown)}")
    print(f"wrong scores {report['wrong']}, submissions without a score {report['given_up']}")
    print(f"what clients saw and tried again after: {report['errors']}")
    clients: int = report["wrong"] + report["given_up"]  # type: ignore[operator]  # numbers, of the generator's JSON
    return len(lost) + len(uneven) + len(unknown) + clients


if __name__ == "__main__":
    sys.exit(main())
