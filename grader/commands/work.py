"""What a student does with an assignment: bring it, build it, submit it."""

import argparse
import sys
from pathlib import Path

from grader.client import Client, load_login
from grader.course.project import PROJECT
from grader.workspace.folder import find_students


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("build", help="build the C++ and CUDA sources of an assignment")
    one.add_argument("assignment")
    one.set_defaults(command=_build)

    one = commands.add_parser("submit", help="run the graded cases on your code and have them scored")
    one.add_argument("assignment", nargs="?")
    one.add_argument("--question", action="append", default=[], help="only this question; may be given again")
    one.add_argument("--resume", action="store_true", help="send what could not be delivered before")
    one.set_defaults(command=_submit)

    one = commands.add_parser(
        "catch-up", help="after the cut-off: take solutions of what you have not solved"
    )
    one.add_argument("assignment")
    one.add_argument("--question", action="append", default=[], help="only this question; may be given again")
    one.add_argument("--yes", action="store_true", help="ask nothing, and change the files")
    one.set_defaults(command=_catch_up)

    for name, what in (
        ("start", "put an assignment into your workspace"),
        ("update", "bring corrected tests and cases"),
    ):
        one = commands.add_parser(name, help=what)
        one.add_argument("assignment", nargs="?" if name == "update" else None)
        one.add_argument(
            "--from", dest="source", metavar="DIR-OR-URL", help="by default the server you are logged in to"
        )
        one.add_argument(
            "--theirs",
            action="append",
            default=[],
            metavar="FILE",
            help="take this file, keep yours as FILE.mine",
        )
        one.add_argument(
            "--mine", action="append", default=[], metavar="FILE", help="keep your file as it is"
        )
        if name == "start":
            one.add_argument(
                "--into", type=Path, metavar="DIR", help="a new workspace, by default the one you are in"
            )
        one.set_defaults(command=_start if name == "start" else _update)

    one = commands.add_parser("doctor", help="check this machine and say what to do")
    one.set_defaults(command=_doctor)


def _build(options: argparse.Namespace) -> int:
    from grader.project.begin import project_of
    from grader.running.build import build

    workspace = find_students(Path.cwd())
    if options.assignment == PROJECT:
        assignment = project_of(workspace).without_questions()
    else:
        assignment = workspace.assignment(options.assignment)
    report = build(workspace.root, assignment)
    for error in report.errors:
        print(error, file=sys.stderr)
    return 0 if report.ok else 1


def _submit(options: argparse.Namespace) -> int:
    from grader.submission.standing import show_result
    from grader.submission.submit import resume, submit

    workspace = find_students(Path.cwd())
    client = Client(load_login(workspace.root))
    if options.resume:
        results = resume(workspace, client)
    else:
        assignment = workspace.assignment(options.assignment or workspace.latest.id)
        for name in options.question:
            assignment.question(name)
        results = [submit(workspace, assignment, options.question, client)]
    built = True
    for result in results:
        show_result(result)
        built &= result.built
    return 0 if built else 1


def _catch_up(options: argparse.Namespace) -> int:
    from grader.submission.catch_up import ask_on_terminal, catch_up

    workspace = find_students(Path.cwd())
    assignment = workspace.assignment(options.assignment)
    for name in options.question:
        assignment.question(name)
    client = Client(load_login(workspace.root))
    ask = (lambda question: True) if options.yes else ask_on_terminal
    return 0 if catch_up(workspace, assignment, options.question, client, ask) else 1


def _start(options: argparse.Namespace) -> int:
    from grader.workspace.start import start

    return start(options.assignment, options.source, options.into or Path.cwd(), options.theirs, options.mine)


def _update(options: argparse.Namespace) -> int:
    from grader.workspace.start import update

    return update(options.assignment, options.source, Path.cwd(), options.theirs, options.mine)


def _doctor(options: argparse.Namespace) -> int:
    from grader.workspace.doctor import doctor

    return doctor()
