"""What an instructor reads and corrects: scores and alerts."""

import argparse

from grader.commands.places import instructors_client


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("gradebook", help="everybody's scores, and open alerts (instructor)")
    one.set_defaults(command=_gradebook)


def _gradebook(options: argparse.Namespace) -> int:
    from grader.publishing.gradebook import show_gradebook

    client = instructors_client()
    show_gradebook(client.get("/gradebook"), client.get("/alerts")["alerts"])
    return 0
