"""Run a server: for a course, or for oneself."""

import argparse
import os
from pathlib import Path

from grader.commands.course import SEEDS_HELP
from grader.commands.places import count, course_root
from grader.commands.storage import add_storage
from grader.errors import GraderError


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("serve", help="run a scoring server (instructor)")
    one.add_argument("--port", type=int, default=8414, help="0 takes a free one")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--workers", type=count, default=1, metavar="N", help="processes; one for each core")
    one.add_argument(
        "--behind-proxy",
        nargs="?",
        const="127.0.0.1",
        metavar="ADDRESS",
        help="a reverse proxy, on this machine or at this address or network, says who asks",
    )
    one.add_argument("--public-url", metavar="URL", help="where people reach the server")
    add_storage(one)
    one.add_argument(
        "--busy-timeout",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="how long a write waits for another one's, with SQLite",
    )
    one.add_argument(
        "--mugrade", action="store_true", help="take that protocol too, whose keys travel in the address"
    )
    one.add_argument("--log", choices=["text", "json"], default="text")
    one.add_argument(
        "--ready-file", type=Path, help="written with the address and the process once it listens"
    )
    one.add_argument("--key-file", type=Path, help="takes the first instructor's key")
    one.add_argument("--publish", action="store_true", help="publish every assignment of the course, too")
    one.add_argument("--seeds", type=count, metavar="N", help=SEEDS_HELP)
    one.set_defaults(command=_serve)

    one = commands.add_parser("learn", help="set up a workspace and a server for yourself")
    one.add_argument("--port", type=int, default=8414, help="0 takes a free one")
    one.add_argument("--into", type=Path, required=True, metavar="DIR")
    one.add_argument(
        "--name", help="yours, as the certificate shows it; a terminal is asked for it on the first day"
    )
    one.set_defaults(command=_learn)


def _serve(options: argparse.Namespace) -> int:
    from grader.client import check_url
    from grader.server.command import Listening, serve

    root = course_root()
    if options.publish:
        if options.workers > 1 or options.behind_proxy or options.public_url:
            raise GraderError(
                "--publish is for trying a course out, on this machine and in one process. "
                "For a course with students, run `grader serve` and then `grader publish`."
            )
        # here: a server that does not publish has nothing installed for that
        from grader.publishing.hosting import serve_published

        more = ["--host", options.host]
        more += ["--database", options.database] if options.database else []
        more += ["--files", options.files] if options.files else []
        more += ["--mugrade"] if options.mugrade else []
        ready, key, seeds = options.ready_file, options.key_file, options.seeds
        return serve_published(root, options.data, options.port, ready, key, seeds, *more)
    settings = {
        "data": options.data,
        "database_url": options.database,
        "files": options.files,
        "public_url": check_url(options.public_url) if options.public_url else None,
        "busy_timeout": options.busy_timeout,
        "mugrade": options.mugrade,
        "metrics_token": os.environ.get("NEEDLE_METRICS_TOKEN") or None,
    }
    names = ("host", "port", "workers", "behind_proxy", "log", "ready_file", "key_file")
    return serve(root, settings, Listening(**{name: getattr(options, name) for name in names}))


def _learn(options: argparse.Namespace) -> int:
    from grader.publishing.hosting import learn

    return learn(course_root(), options.into, options.port, options.name)
