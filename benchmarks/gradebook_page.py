"""Measure the pages that show a whole class: 500 students with attempts of five homeworks.

It prints each page's median time as a browser on this machine sees it, the processor's time, and its size.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests
import uvicorn

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import seeded_class  # type: ignore[import-not-found]  # noqa: E402  # the tests' class

from grader.server.access.people import People  # noqa: E402
from grader.server.access.sessions import Sessions  # noqa: E402
from grader.server.app import create_app  # noqa: E402
from grader.server.settings import Settings  # noqa: E402

PATHS = ("/gradebook", "/gradebook?sort=hw1&order=descending", "/assignments/hw1", "/roster", "/me")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder), seeded_class.policy(), clock=lambda: seeded_class.NOW)
        app = create_app(settings)
        services = app.state.services
        token = _sign_in(services.people, services.sessions)
        with services.database.write() as session:
            seeded_class.fill(session, options.students)
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            print(f"{options.students} students with five homeworks; SQLite; medians of {options.repeats}.")
            for path in PATHS:
                _measure(f"http://127.0.0.1:{port}{path}", token, options.repeats, path)
        finally:
            server.should_exit = True
            thread.join()
    return 0


def _sign_in(people: People, sessions: Sessions) -> str:
    """Return the cookie of the instructor that a new server begins with."""
    key = people.first_instructor()
    assert key is not None
    return sessions.open(sessions.make_link(people.sign_in(key)))


def _measure(url: str, token: str, repeats: int, path: str) -> None:
    """Print how long a page takes the first time, and then."""
    taken, computing = [], time.process_time()
    for _ in range(repeats + 1):
        began = time.perf_counter()
        page = requests.get(url, cookies={"needle_session": token}, timeout=60)
        taken.append(1000 * (time.perf_counter() - began))
        page.raise_for_status()
        computing = time.process_time() if len(taken) == 1 else computing
    first, rest = taken[0], taken[1:]
    busy = 1000 * (time.process_time() - computing) / len(rest)  # the client's own reading is in it
    size = len(page.content) / 1024
    median = statistics.median(rest)
    print(f"{path:40} first {first:6.0f} ms  median {median:5.0f} ms  CPU {busy:5.0f} ms  {size:5.0f} KiB")


if __name__ == "__main__":
    sys.exit(main())
