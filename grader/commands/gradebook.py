"""What an instructor reads: everybody's scores and alerts, and takes to other programs."""

import argparse
import json
from pathlib import Path
from urllib.parse import quote

from grader.commands.places import instructors_client, writable


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("gradebook", help="everybody's scores, and open alerts (instructor)")
    one.add_argument("--csv", type=Path, metavar="FILE", help="write them there as a table instead")
    one.add_argument("--canvas", action="store_true", help="with --csv: in Canvas's import format")
    one.add_argument(
        "--gradescope",
        nargs=2,
        metavar=("EMAIL", "HW"),
        help="print a person's results of an assignment as Gradescope's results.json",
    )
    one.set_defaults(command=_gradebook)


def _gradebook(options: argparse.Namespace) -> int:
    from grader.publishing.gradebook import show_gradebook

    client = instructors_client()
    if options.gradescope:
        email, assignment = (quote(said, safe="") for said in options.gradescope)
        print(json.dumps(client.get(f"/people/{email}/results/{assignment}"), indent=1))
        return 0
    if options.csv:
        writable(options.csv)
        kind = "canvas" if options.canvas else "plain"
        options.csv.write_bytes(client.download(f"/gradebook.csv?format={kind}"))
        print(f"Written: {options.csv}")
        return 0
    show_gradebook(client.get("/gradebook"), client.get("/alerts")["alerts"])
    return 0
