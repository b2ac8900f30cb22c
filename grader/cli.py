"""The command line: `grader COMMAND`. Every failure is a sentence and a non-zero exit, never a traceback."""

import argparse
import getpass
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from grader.client import Client, Login, check_url, load_login, save_login
from grader.errors import GraderError
from grader.workspace.folder import Workspace, find_students

Command = Callable[[argparse.Namespace], int]
SEEDS_HELP = "publish at most N seeds a case, for trying things out: a course needs all of them"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 refused or failed, 2 misused, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        command: Command = options.command
        return command(options)
    except GraderError as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        said = f"{error}. This command is the instructor's, or its environment is not whole"
        print(f"{said}. In the course's repository, run: make setup", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or 'grader'}: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(_unforeseen(error), file=sys.stderr)
        return 1


def _unforeseen(error: Exception) -> str:
    """Return what to say of an error that nobody foresaw: what it is and where, without the traceback."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{at.filename}:{at.lineno}: {type(error).__name__}: {error}"
    return f"{said}. This is a mistake of the grader's own. Report this line, and the command that you gave."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grader", description="Local tests, submission and scores of a course."
    )
    parser.add_argument("--version", action="version", version=version("needle-grader"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_student_commands(commands)
    _add_instructor_commands(commands)
    return parser


def _add_student_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("login", help="say which server the course is on; asks for your key")
    one.add_argument("url")
    one.set_defaults(command=_login)

    one = commands.add_parser("build", help="build the C++ and CUDA sources of an assignment")
    one.add_argument("assignment")
    one.set_defaults(command=_build)

    one = commands.add_parser("submit", help="run the graded cases on your code and have them scored")
    one.add_argument("assignment", nargs="?")
    one.add_argument("--question", action="append", default=[], help="only this question; may be given again")
    one.add_argument("--resume", action="store_true", help="send what could not be delivered before")
    one.set_defaults(command=_submit)

    one = commands.add_parser("status", help="where you stand in the course")
    one.add_argument("--json", action="store_true", help="as JSON, for programs")
    one.set_defaults(command=_status)

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


def _add_instructor_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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
    one.add_argument("--seeds", type=_count, metavar="N", help=SEEDS_HELP)
    one.set_defaults(command=_publish)

    one = commands.add_parser("gradebook", help="everybody's scores, and open alerts (instructor)")
    one.set_defaults(command=_gradebook)

    one = commands.add_parser("roster", help="who is in the course (instructor)")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("add", help="add a person, and print their key once")
    action.add_argument("name")
    action.add_argument("email")
    action.add_argument("--role", choices=["student", "instructor"], default="student")
    action.set_defaults(command=_roster_add)
    action = actions.add_parser("key", help="print a new key for a person; the old one stops working")
    action.add_argument("email")
    action.set_defaults(command=_roster_key)

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
            one.add_argument("--seeds", type=_count, metavar="N", help=SEEDS_HELP)
        else:
            one.add_argument("--into", type=Path, required=True, metavar="DIR")
        one.set_defaults(command=_serve if name == "serve" else _learn)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}. Expected a whole number of at least 1.")
    return int(text)


def _login(options: argparse.Namespace) -> int:
    workspace = Workspace.find(Path.cwd())
    url = check_url(options.url)
    key = os.environ.get("NEEDLE_GRADER_KEY") or _asked_key()
    login = Login(url, key)
    me = Client(login).get("/me")
    save_login(workspace.root, login)
    print(f"Logged in to {me['course']['title']} as {me['name']} ({me['role']}).")
    return 0


def _asked_key() -> str:
    key = getpass.getpass("Your key: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise GraderError("Found no key. Expected it on standard input, or in NEEDLE_GRADER_KEY.")
    return key.strip()


def _build(options: argparse.Namespace) -> int:
    from grader.running.build import build

    workspace = find_students(Path.cwd())
    report = build(workspace.root, workspace.assignment(options.assignment))
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


def _status(options: argparse.Namespace) -> int:
    from grader.submission.standing import show_standing

    me = Client(load_login(Workspace.find(Path.cwd()).root)).get("/me")
    print(json.dumps(me)) if options.json else show_standing(me)
    return 0


def _start(options: argparse.Namespace) -> int:
    from grader.workspace.start import start

    return start(options.assignment, options.source, options.into or Path.cwd(), options.theirs, options.mine)


def _update(options: argparse.Namespace) -> int:
    from grader.workspace.start import update

    return update(options.assignment, options.source, Path.cwd(), options.theirs, options.mine)


def _doctor(options: argparse.Namespace) -> int:
    from grader.workspace.doctor import doctor

    return doctor()


def _release(options: argparse.Namespace) -> int:
    from grader.release.command import release

    release(_course_root(), options.assignments or None)
    return 0


def _solve(options: argparse.Namespace) -> int:
    from grader.release.command import solve

    solve(
        _course_root(), options.assignment, options.into, set(options.question) if options.question else None
    )
    return 0


def _publish(options: argparse.Namespace) -> int:
    from grader.publishing.publish import publish, show_published

    root = _course_root()
    client = Client(load_login(root))
    client.get("/alerts")  # the server says no before the minutes of work, and not after them
    how = {"top_up": options.top_up, "most_seeds": options.seeds}
    show_published(publish(root, options.assignment, client, say=print, **how))
    return 0


def _gradebook(options: argparse.Namespace) -> int:
    from grader.publishing.gradebook import show_gradebook

    client = Client(load_login(_course_root()))
    show_gradebook(client.get("/gradebook"), client.get("/alerts")["alerts"])
    return 0


def _roster_add(options: argparse.Namespace) -> int:
    client = Client(load_login(_course_root()))
    person = {"name": options.name, "email": options.email, "role": options.role}
    [added] = client.post("/roster", {"people": [person]})["people"]
    if added["key"]:
        print(f"{added['email']}: the key, shown only now: {added['key']}")
    else:
        print(f"{added['email']} is in the course already. For a new key: grader roster key {added['email']}")
    return 0


def _roster_key(options: argparse.Namespace) -> int:
    made = Client(load_login(_course_root())).post("/keys", {"email": options.email})
    print(f"{options.email}: the new key, shown only now: {made['key']}")
    return 0


def _serve(options: argparse.Namespace) -> int:
    from grader.publishing.hosting import serve_published
    from grader.server.command import serve

    root = _course_root()
    if options.publish:
        more = ["--host", options.host, *(("--database", options.database) if options.database else ())]
        ready, key, seeds = options.ready_file, options.key_file, options.seeds
        return serve_published(root, options.data, options.port, ready, key, seeds, *more)
    return serve(
        root, options.data, options.host, options.port, options.ready_file, options.key_file, options.database
    )


def _learn(options: argparse.Namespace) -> int:
    from grader.publishing.hosting import learn

    return learn(_course_root(), options.into, options.port)


def _course_root() -> Path:
    """Return the instructor's repository that the command was given in."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "course.yaml").is_file() and (folder / "reference").is_dir():
            return folder
    raise GraderError(
        f"{here}: this is no course. Run the command in the instructor's repository (with course.yaml)."
    )


if __name__ == "__main__":
    sys.exit(main())
