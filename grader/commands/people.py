"""The roster and keys."""

import argparse

from grader.commands.places import instructors_client


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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


def _roster_add(options: argparse.Namespace) -> int:
    client = instructors_client()
    person = {"name": options.name, "email": options.email, "role": options.role}
    [added] = client.post("/roster", {"people": [person]})["people"]
    if added["key"]:
        print(f"{added['email']}: the key, shown only now: {added['key']}")
    else:
        print(f"{added['email']} is in the course already. For a new key: grader roster key {added['email']}")
    return 0


def _roster_key(options: argparse.Namespace) -> int:
    made = instructors_client().post("/keys", {"email": options.email})
    print(f"{options.email}: the new key, shown only now: {made['key']}")
    return 0
