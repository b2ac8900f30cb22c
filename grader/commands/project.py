"""The final project: a student's commands, and the instructor's."""

import argparse
import sys
from pathlib import Path
from typing import TypeAlias

from grader.client import Client, load_login
from grader.commands.places import course_root, instructors_client
from grader.errors import GraderError
from grader.workspace.folder import Workspace, find_students

_Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: _Actions) -> None:
    one = commands.add_parser("project", help="the final project: form a group, check, hand in")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    _add_students(actions)
    _add_instructors(actions)


def _add_students(actions: _Actions) -> None:
    one = actions.add_parser("begin", help="put the template or a track into project/, never over your files")
    one.add_argument("track", nargs="?")
    one.set_defaults(command=_begin)

    one = actions.add_parser("check", help="run the project's checks on this machine")
    one.add_argument("check", nargs="*", help="only these")
    one.set_defaults(command=_check)

    one = actions.add_parser("group", help="form a group, join one, or leave it")
    forming = one.add_subparsers(required=True, metavar="ACTION")
    one = forming.add_parser("new", help="make a group, and get the code with which others join it")
    one.add_argument("name")
    one.set_defaults(command=_new_group)
    one = forming.add_parser("join", help="join a group")
    one.add_argument("code")
    one.set_defaults(command=_join)
    one = forming.add_parser("leave", help="leave your group, before it hands in anything")
    one.set_defaults(command=_leave)

    for name, what in (("propose", "hand in the proposal"), ("submit", "check the project and hand it in")):
        one = actions.add_parser(name, help=what)
        one.add_argument("--anyway", action="store_true", help="also when a check fails, which is told along")
        one.set_defaults(command=_propose if name == "propose" else _submit)

    one = actions.add_parser("status", help="show your group, what it handed in, and the reviews")
    one.set_defaults(command=_status)


def _add_instructors(actions: _Actions) -> None:
    one = actions.add_parser("list", help="what was handed in (instructor)")
    one.set_defaults(command=_list)

    one = actions.add_parser("fetch", help="unpack the groups' newest hand-ins, to be read (instructor)")
    one.add_argument("--group", metavar="NAME", help="only this group's")
    one.add_argument("--into", type=Path, required=True, metavar="DIR")
    one.set_defaults(command=_fetch)

    one = actions.add_parser("move", help="put a person into another group, also after hand-ins (instructor)")
    one.add_argument("email")
    one.add_argument("group", help="its name")
    one.add_argument("--new", action="store_true", help="make the group, which is not there yet")
    one.set_defaults(command=_move)

    one = actions.add_parser("recheck", help="rebuild a hand-in and repeat its checks here (instructor)")
    one.add_argument("hand_in", type=int)
    one.add_argument(
        "--yes", action="store_true", help="run the students' code on this machine without asking"
    )
    one.set_defaults(command=_recheck)


def _here() -> tuple[Workspace, Client]:
    workspace = find_students(Path.cwd())
    return workspace, Client(load_login(workspace.root))


def _begin(options: argparse.Namespace) -> int:
    from grader.project.begin import begin

    for path in begin(find_students(Path.cwd()), options.track) or ["nothing has changed"]:
        print(f"  {path}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from grader.project.handing_in import check

    return 0 if check(find_students(Path.cwd()), options.check) else 1


def _new_group(options: argparse.Namespace) -> int:
    _, client = _here()
    group = client.post("/project/groups", {"name": options.name})
    print(f"You are in the group {group['name']}.")
    print(f"Others join it with: grader project group join {group['code']}")
    return 0


def _join(options: argparse.Namespace) -> int:
    _, client = _here()
    group = client.post("/project/groups/join", {"code": options.code})
    print(f"You are in the group {group['name']}: {', '.join(group['members'])}.")
    return 0


def _leave(options: argparse.Namespace) -> int:
    _, client = _here()
    print(f"You have left the group {client.post('/project/groups/leave', {})['name']}.")
    return 0


def _propose(options: argparse.Namespace) -> int:
    from grader.project.handing_in import propose, show_handed_in

    show_handed_in(propose(*_here(), anyway=options.anyway))
    return 0


def _submit(options: argparse.Namespace) -> int:
    from grader.project.handing_in import show_handed_in, submit

    show_handed_in(submit(*_here(), anyway=options.anyway))
    return 0


def _status(options: argparse.Namespace) -> int:
    from grader.project.handing_in import show_status

    _, client = _here()
    show_status(client.get("/project"))
    return 0


def _list(options: argparse.Namespace) -> int:
    from grader.publishing.project import show_hand_ins

    show_hand_ins(instructors_client().get("/project/hand-ins"))
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from grader.publishing.project import fetch

    for place in fetch(course_root(), instructors_client(), options.group, options.into):
        print(f"  {place}")
    return 0


def _move(options: argparse.Namespace) -> int:
    asked = {"email": options.email, "group": options.group, "new": options.new}
    group = instructors_client().post("/project/groups/move", asked)
    print(f"{group['name']} is now {', '.join(group['members'])}. What it handed in counts for each of them.")
    return 0


def _recheck(options: argparse.Namespace) -> int:
    from grader.project.checks import passed, show_checks
    from grader.publishing.project import WARNING, recheck

    print(WARNING, file=sys.stderr)
    if not options.yes and not _agreed():
        raise GraderError("Nothing was run. Answer `yes`, or give --yes, to run the students' code here.")
    print("Building it and running its checks, which takes minutes ...", flush=True)
    report = recheck(course_root(), instructors_client(), options.hand_in)
    show_checks(report)
    print("The outcome is stored, beside that of the group's own machine.")
    return 0 if passed(report) else 1


def _agreed() -> bool:
    return sys.stdin.isatty() and input("Run it here? Type yes: ").strip() == "yes"
