"""Put the repository's course.yaml in force on the server, and show who moves by it and why."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.client import Client
from grader.course.policy import Policy
from grader.course.yamlfile import read_yaml


def regrade(root: Path, client: Client, dry_run: bool, console: Console | None = None) -> None:
    """Send the policy and print what the server makes of it. Raises: CourseError, Rejected, Unreachable."""
    policy = read_yaml(root / "course.yaml", Policy)
    content = {"policy": policy.model_dump(mode="json"), "dry_run": dry_run}
    show_regraded(client.post("/regrade", content), console or Console())


def show_regraded(answer: dict[str, Any], console: Console) -> None:
    """Print the fields that changed, and a row for each score that did."""
    if not answer["changes"]:
        console.print("course.yaml is what the server grades by already: nothing changes.")
        return
    for one in answer["changes"]:
        said = f"{one['field']}: {_said(one['before'])} -> {_said(one['after'])}"
        console.print(escape(said), soft_wrap=True)
    if answer["moved"]:
        console.print(_moved(answer["moved"]))
    people = f"{len(answer['moved'])} move, {answer['unmoved']} do not"
    done = "It is in force." if answer["applied"] else "This was a dry run: nothing was changed."
    console.print(f"Of the students {people}. {done}")


def _said(value: object) -> str:
    return "none" if value is None else str(value)


def _moved(moved: list[dict[str, Any]]) -> Table:
    table = Table("name", "e-mail", "what")
    for heading in ("before", "after"):
        table.add_column(heading, justify="right")
    for person in moved:
        who = (escape(person["name"]), escape(person["email"]))
        for one in person["scores"]:
            table.add_row(*who, one["assignment"], f"{one['before']:.2f}", f"{one['after']:.2f}")
        average = (f"{person['average_before']:.2f}", f"{person['average_after']:.2f}")
        table.add_row(*who, "average", *average, end_section=True)
    return table
