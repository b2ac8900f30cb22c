"""The roster, invitations to it, and the record of what was done."""

import argparse
import json
from pathlib import Path
from typing import Any

from grader.commands.places import count, existing, instructors_client, writable

_ROLES = ["student", "assistant", "instructor"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("roster", help="who is in the course (instructor)")
    _add_roster(one.add_subparsers(required=True, metavar="ACTION"))
    one = commands.add_parser("invite", help="codes with which people join by themselves (instructor)")
    _add_invite(one.add_subparsers(required=True, metavar="ACTION"))
    one = commands.add_parser("audit", help="what changed grades, or who may, newest first (instructor)")
    one.add_argument("--person", metavar="EMAIL", help="only what concerns them, or what they did")
    one.add_argument("--json", action="store_true", help="as JSON, for programs")
    one.set_defaults(command=_audit)


def _add_roster(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("add", help="add a person, and print their key once")
    action.add_argument("name")
    action.add_argument("email")
    action.add_argument("--role", choices=_ROLES, default="student")
    action.add_argument("--section", default="")
    action.set_defaults(command=_roster_add)
    action = actions.add_parser("import", help="bring a CSV file of people: name,email[,section][,role]")
    action.add_argument("file", type=Path)
    action.add_argument("--dry-run", action="store_true", help="only show what it would change")
    action.add_argument("--remove-others", action="store_true", help="students who are not in it have left")
    action.add_argument("--keys", type=Path, metavar="OUT.csv", help="takes the new people's keys")
    action.set_defaults(command=_roster_import)
    action = actions.add_parser("list", help="show who is, or was, in the course")
    action.add_argument("--section")
    action.add_argument("--json", action="store_true", help="as JSON, for programs")
    action.set_defaults(command=_roster_list)
    action = actions.add_parser("key", help="print a new key for a person; the old ones stop working")
    action.add_argument("email")
    action.set_defaults(command=_roster_key)


def _add_invite(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    action = actions.add_parser("new", help="print a code once")
    action.add_argument("--cap", type=count, required=True, metavar="N", help="how many may join with it")
    action.add_argument("--section", default="", help="that they come into")
    action.set_defaults(command=_invite_new)
    action = actions.add_parser("list", help="show the invitations, without their codes")
    action.set_defaults(command=_invite_list)
    action = actions.add_parser("close", help="let nobody join with a code any more")
    action.add_argument("id", type=count)
    action.set_defaults(command=_invite_close)


def _roster_add(options: argparse.Namespace) -> int:
    client = instructors_client()
    person = {"name": options.name, "email": options.email, "role": options.role, "section": options.section}
    [added] = client.post_once("/roster", {"people": [person]})["people"]
    if added["key"]:
        print(f"{added['email']}: the key, shown only now: {added['key']}")
    else:
        print(f"{added['email']} is in the course already. For a new key: grader roster key {added['email']}")
    return 0


def _roster_import(options: argparse.Namespace) -> int:
    from grader.publishing.roster import import_roster

    client = instructors_client()
    table = existing(options.file, "a table as CSV, with the columns name and email")
    keys = writable(options.keys) if options.keys else None
    import_roster(client, table, options.remove_others, options.dry_run, keys)
    return 0


def _roster_list(options: argparse.Namespace) -> int:
    people = instructors_client().get("/roster")
    if options.section is not None:
        people = [one for one in people if one["section"] == options.section]
    if options.json:
        print(json.dumps(people))
        return 0
    rows = [[one[name] for name in ("name", "email", "role", "section")] for one in people]
    states = [f"left on {one['left_at'][:10]}" if one["left_at"] else _keys(one["keys"]) for one in people]
    _show(
        ("name", "e-mail", "role", "section", ""),
        [[*row, state] for row, state in zip(rows, states, strict=True)],
    )
    return 0


def _keys(number: int) -> str:
    return {0: "has no key", 1: ""}.get(number, f"{number} keys")


def _roster_key(options: argparse.Namespace) -> int:
    made = instructors_client().post("/keys", {"email": options.email})
    print(f"{options.email}: the new key, shown only now: {made['key']}")
    return 0


def _invite_new(options: argparse.Namespace) -> int:
    client = instructors_client()
    made = client.post("/invites", {"cap": options.cap, "section": options.section})
    print(f"Invitation {made['id']}, for {made['cap']} people. The code, shown only now: {made['code']}")
    print(f"They join with: grader join {client.url}")
    return 0


def _invite_list(options: argparse.Namespace) -> int:
    found = instructors_client().get("/invites")
    rows = [
        [
            str(one["id"]),
            f"{one['used']} of {one['cap']}",
            one["section"],
            "closed" if one["closed_at"] else "",
        ]
        for one in found
    ]
    _show(("id", "used", "section", ""), rows)
    return 0


def _invite_close(options: argparse.Namespace) -> int:
    one = instructors_client().post("/invites/close", {"id": options.id})
    print(f"Invitation {one['id']} is closed; {one['used']} of {one['cap']} joined with it.")
    return 0


def _audit(options: argparse.Namespace) -> int:
    from urllib.parse import urlencode

    client, lines, older = instructors_client(), list[dict[str, Any]](), None
    while True:
        asked = {name: value for name, value in (("person", options.person), ("before", older)) if value}
        page = client.get(f"/audit?{urlencode(asked)}")
        lines, older = lines + page["lines"], page["older"]
        if older is None:
            break
    if options.json:
        print(json.dumps(lines))
        return 0
    for one in lines:
        detail = " ".join(f"{name}={json.dumps(value)}" for name, value in one["detail"].items())
        about = " ".join(filter(None, [one["assignment"], one["person"], detail]))
        at, actor = one["at"][:19].replace("T", " "), one["actor"] or "the server"
        print(f"{at}  {actor}: {one['action']}  {about}".rstrip())
    return 0


def _show(titles: tuple[str, ...], rows: list[list[str]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*titles)
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)
