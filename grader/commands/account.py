"""Your place on the server: log in, and see where you stand."""

import argparse
import getpass
import json
import os
import sys
from pathlib import Path

from grader.client import Client, Login, check_url, load_login, save_login
from grader.errors import GraderError
from grader.workspace.folder import Workspace


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("login", help="say which server the course is on; asks for your key")
    one.add_argument("url")
    one.set_defaults(command=_login)

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
