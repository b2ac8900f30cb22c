"""Your own keys: make one for one purpose, list them, revoke one, replace the one that you use."""

import argparse
import os
from pathlib import Path

from grader.client import Client, Login, load_login, save_login
from grader.errors import GraderError
from grader.workspace.folder import Workspace

_SCOPES = ["read", "submit", "read_all", "review", "manage"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("key", help="your own keys")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("new", help="make one more, and print it once")
    action.add_argument("--label", required=True, help="what it is for, or where it is kept")
    action.add_argument(
        "--scope", action="append", choices=_SCOPES, help="all that it may do; may be given again"
    )
    action.set_defaults(command=_new)
    action = actions.add_parser("list", help="show your keys: not what they are, but what they are for")
    action.set_defaults(command=_list)
    action = actions.add_parser("revoke", help="let a key work no more")
    action.add_argument("id")
    action.set_defaults(command=_revoke)
    action = actions.add_parser("rotate", help="replace the key that you are logged in with")
    action.set_defaults(command=_rotate)


def _root() -> Path:
    return Workspace.find(Path.cwd()).root


def _new(options: argparse.Namespace) -> int:
    made = Client(load_login(_root())).post("/me/keys", {"label": options.label, "scopes": options.scope})
    print(f"{options.label} ({made['id']}): the key, shown only now: {made['key']}")
    return 0


def _list(options: argparse.Namespace) -> int:
    for one in Client(load_login(_root())).get("/me/keys"):
        scopes = "everything" if one["scopes"] is None else ", ".join(one["scopes"])
        state = (
            f"revoked on {one['revoked_at'][:10]}"
            if one["revoked_at"]
            else f"made on {one['created_at'][:10]}"
        )
        used = " (the one in use)" if one["current"] else ""
        print(f"{one['id']}  {one['label'] or 'first key':20}  {scopes:20}  {state}{used}")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    one = Client(load_login(_root())).post("/me/keys/revoke", {"id": options.id})
    again = " You were logged in with it: run `make login` with another one." if one["current"] else ""
    print(f"{one['id']} works no more, nor does any page that was signed in to with it.{again}")
    return 0


def _rotate(options: argparse.Namespace) -> int:
    """Make the new key, keep it, and only then revoke the old one: at no moment is there none that works."""
    if os.environ.get("NEEDLE_GRADER_KEY"):
        said = "The key comes from NEEDLE_GRADER_KEY, which this can't rewrite. Expected one of `make login`."
        raise GraderError(f"{said} Use `grader key new` and `grader key revoke`.")
    root = _root()
    login = load_login(root)
    old = Client(login)
    [used] = [one for one in old.get("/me/keys") if one["current"]]
    made = old.post("/me/keys", {"label": used["label"] or "login", "scopes": None})
    renewed = Login(login.url, made["key"])
    save_login(root, renewed)
    Client(renewed).post("/me/keys/revoke", {"id": used["id"]})
    print(f"You are logged in with a new key ({made['id']}); the old one ({used['id']}) works no more.")
    return 0
