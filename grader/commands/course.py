"""The instructor's course: release it, solve it, publish it."""

import argparse
from pathlib import Path

from grader.client import Client, load_login
from grader.commands.places import count, course_root
from grader.course.project import PROJECT

SEEDS_HELP = "publish at most N seeds a case, for trying things out: a course needs all of them"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser(
        "release", help="make starter/ and the archives from the reference (instructor)"
    )
    one.add_argument("assignments", nargs="*")
    one.set_defaults(command=_release)

    one = commands.add_parser("solve", help="write a workspace with the reference's bodies (instructor)")
    one.add_argument("assignment")
    one.add_argument("--into", type=Path, required=True, metavar="DIR")
    one.add_argument("--question", action="append", help="only this question; may be given again")
    one.set_defaults(command=_solve)

    one = commands.add_parser(
        "publish", help="send an assignment and its expected values to the server (instructor)"
    )
    one.add_argument("assignment")
    one.add_argument("--top-up", action="store_true", help="add seeds to what is published")
    one.add_argument("--seeds", type=count, metavar="N", help=SEEDS_HELP)
    one.set_defaults(command=_publish)


def _release(options: argparse.Namespace) -> int:
    from grader.release.command import release

    release(course_root(), options.assignments or None)
    return 0


def _solve(options: argparse.Namespace) -> int:
    from grader.release.command import solve

    solve(
        course_root(), options.assignment, options.into, set(options.question) if options.question else None
    )
    return 0


def _publish(options: argparse.Namespace) -> int:
    from grader.publishing.publish import publish, show_published

    root = course_root()
    client = Client(load_login(root))
    if options.assignment == PROJECT:
        from grader.publishing.project import publish_project

        answer = publish_project(root, client)
        print(f"{PROJECT}: version {answer['number']}. {answer['text']}")
        return 0
    client.get("/alerts")  # the server says no before the minutes of work, and not after them
    how = {"top_up": options.top_up, "most_seeds": options.seeds}
    show_published(publish(root, options.assignment, client, say=print, **how))
    return 0
