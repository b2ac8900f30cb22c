"""Your place on the server: log in, and see where you stand."""

import argparse
import getpass
import json
import os
import re
import sys
import webbrowser
from pathlib import Path

from grader.client import Client, Login, check_url, is_refusal, load_login, login_file, save_login
from grader.errors import GraderError, Rejected, Unreachable
from grader.workspace.folder import Workspace

_NO_KEY = "none"  # the server asks nobody who joins for one


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("login", help="say which server the course is on; asks for your key")
    one.add_argument("url")
    one.set_defaults(command=_login)

    one = commands.add_parser("join", help="put yourself into a course with an invitation's code")
    one.add_argument("url")
    one.set_defaults(command=_join)

    one = commands.add_parser("open", help="open your pages on the server, signed in")
    one.add_argument("--print", action="store_true", help="only print the link, which works once")
    one.set_defaults(command=_open)

    one = commands.add_parser("status", help="where you stand in the course")
    one.add_argument("--json", action="store_true", help="as JSON, for programs")
    one.set_defaults(command=_status)


def _login(options: argparse.Namespace) -> int:
    workspace = Workspace.find(Path.cwd())
    url = check_url(options.url)
    key = os.environ.get("NEEDLE_GRADER_KEY") or _asked_key()
    login = Login(url, key)
    me = Client(login).get("/me")
    save_login(workspace.root, login)
    print(f"Logged in to {me['course']['title']} as {me['name']} ({me['role']}).")
    return 0


def _join(options: argparse.Namespace) -> int:
    workspace = Workspace.find(Path.cwd())
    url = check_url(options.url)
    asked = {"name": _asked("Your name"), "email": _asked_address(), "code": _asked("The code")}
    try:
        joined = Client(Login(url, _NO_KEY)).post_once("/join", asked)
    except (Rejected, Unreachable) as error:
        if is_refusal(error):
            raise
        said = f"{error}\nYou may be in the course by now, but your key did not arrive. Join once more"
        raise GraderError(f"{said}; if you are in it, ask your instructor for a new key.") from None
    save_login(workspace.root, Login(url, joined["key"]))
    kept = login_file(workspace.root)
    print(f"You are in the course as {joined['email']}, and logged in. Your key is in {kept}.")
    return 0


def _open(options: argparse.Namespace) -> int:
    client = Client(load_login(Workspace.find(Path.cwd()).root))
    made = client.post("/links", {})
    link = client.url + made["path"]
    minutes = made["lasts_seconds"] // 60
    print(f"Your pages, for whoever opens this first within {minutes} minutes:\n{link}", flush=True)
    if not options.print:
        webbrowser.open(link)
    return 0


def _asked(what: str) -> str:
    try:
        return input(f"{what}: ").strip()
    except EOFError:
        raise GraderError(f"{what}: found nothing. Expected a line on standard input.") from None


def _asked_address() -> str:
    email = _asked("Your e-mail address")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        said = f"{email!r}: this is no e-mail address. Expected one such as ada@example.org"
        raise GraderError(f"{said}. Give the command again.")
    return email


def _asked_key() -> str:
    key = getpass.getpass("Your key: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise GraderError("Found no key. Expected it on standard input, or in NEEDLE_GRADER_KEY.")
    return key.strip()


def _status(options: argparse.Namespace) -> int:
    from grader.submission.standing import show_standing

    me = Client(load_login(Workspace.find(Path.cwd()).root)).get("/me")
    print(json.dumps(me)) if options.json else show_standing(me)
    return 0
