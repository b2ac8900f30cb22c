"""Run a server: for a course, or for oneself."""

import argparse
from pathlib import Path

from grader.commands.course import SEEDS_HELP
from grader.commands.places import count, course_root


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, what in (
        ("serve", "run a scoring server"),
        ("learn", "set up a workspace and a server for yourself"),
    ):
        one = commands.add_parser(name, help=f"{what} (instructor)" if name == "serve" else what)
        one.add_argument("--port", type=int, default=8414, help="0 takes a free one")
        if name == "serve":
            one.add_argument(
                "--data", type=Path, default=Path("data/server"), help="where the server keeps everything"
            )
            one.add_argument("--host", default="127.0.0.1")
            one.add_argument("--database", metavar="URL", help="by default SQLite under --data")
            one.add_argument(
                "--ready-file", type=Path, help="written with the address and the process once it listens"
            )
            one.add_argument("--key-file", type=Path, help="takes the first instructor's key")
            one.add_argument(
                "--publish", action="store_true", help="publish every assignment of the course, too"
            )
            one.add_argument("--seeds", type=count, metavar="N", help=SEEDS_HELP)
        else:
            one.add_argument("--into", type=Path, required=True, metavar="DIR")
        one.set_defaults(command=_serve if name == "serve" else _learn)


def _serve(options: argparse.Namespace) -> int:
    from grader.publishing.hosting import serve_published
    from grader.server.command import serve

    root = course_root()
    if options.publish:
        more = ["--host", options.host, *(("--database", options.database) if options.database else ())]
        ready, key, seeds = options.ready_file, options.key_file, options.seeds
        return serve_published(root, options.data, options.port, ready, key, seeds, *more)
    return serve(
        root, options.data, options.host, options.port, options.ready_file, options.key_file, options.database
    )


def _learn(options: argparse.Namespace) -> int:
    from grader.publishing.hosting import learn

    return learn(course_root(), options.into, options.port)
