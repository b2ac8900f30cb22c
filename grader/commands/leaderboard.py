"""The leaderboard of speed: take a name on it, send figures, look at it."""

import argparse
from pathlib import Path
from typing import Any

from grader.client import Client, load_login
from grader.workspace.folder import Workspace


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("leaderboard", help="how fast your kernels are beside the others'")
    actions = one.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("show", help="print it")
    action.set_defaults(command=_show)
    action = actions.add_parser("join", help="be shown on it, under a name of your choice")
    action.add_argument("pseudonym")
    action.set_defaults(command=_join)
    action = actions.add_parser("leave", help="be shown no more; your figures are kept, for you alone")
    action.set_defaults(command=_leave)
    action = actions.add_parser("send", help="measure your kernels and send the figures")
    action.add_argument("assignment", nargs="?", default="hw3")
    action.add_argument(
        "--from", dest="file", type=Path, metavar="FILE", help="send what was measured before"
    )
    action.set_defaults(command=_send)


def _client() -> Client:
    return Client(load_login(Workspace.find(Path.cwd()).root))


def _join(options: argparse.Namespace) -> int:
    place = _client().post("/leaderboard/me", {"pseudonym": options.pseudonym})
    print(f"You are on the leaderboard as {place['pseudonym']}.")
    return 0


def _leave(options: argparse.Namespace) -> int:
    _client().post("/leaderboard/me", {"pseudonym": None})
    print("You are on the leaderboard no more.")
    return 0


def _send(options: argparse.Namespace) -> int:
    from grader.submission.speed import figures_in, machine, measure, send

    workspace = Workspace.find(Path.cwd())
    assignment, client = workspace.assignment(options.assignment), _client()
    figures = figures_in(options.file) if options.file else measure(workspace, assignment)
    place = send(client, assignment, figures)
    print(f"Sent of {machine()}: " + ", ".join(f"{one['name']} {one['value']:g}" for one in figures) + ".")
    if place["pseudonym"] is None:
        print("Nobody else sees them until you choose a name: grader leaderboard join NAME")
    return 0


def _show(options: argparse.Namespace) -> int:
    rankings = _client().get("/leaderboard")
    for ranking in rankings:
        _print_ranking(ranking)
    if not rankings:
        print("Nobody is on the leaderboard yet. Be the first: grader leaderboard join NAME")
    return 0


def _print_ranking(ranking: dict[str, Any]) -> None:
    print(f"{ranking['assignment']} {ranking['name']}, {ranking['unit']}")
    for place in ranking["places"]:
        mark = "  (you)" if place["mine"] else ""
        print(f"{place['rank']:>4}  {place['value']:>9.2f}  {place['pseudonym']}  [{place['machine']}]{mark}")
