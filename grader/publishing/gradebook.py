"""What an instructor reads: everybody's scores, and what only an instructor can put right."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def show_gradebook(
    book: dict[str, Any], alerts: list[dict[str, Any]], console: Console | None = None
) -> None:
    """Print a row a person, and below it every alert that is still open."""
    console = console or Console()
    table = Table("name", "e-mail")
    for assignment in book["assignments"]:
        table.add_column(assignment["id"], justify="right")
    table.add_column("average", justify="right")
    anybody_late = any(person.get("days_late") for person in book["people"])
    if anybody_late:
        table.add_column("days late")
    for person in book["people"]:
        scores = [f"{person['scores'].get(one['id'], 0):.2f}" for one in book["assignments"]]
        late = [_late(person)] if anybody_late else []
        average = f"{person['average']:.2f}"
        table.add_row(escape(person["name"]), escape(person["email"]), *scores, average, *late)
    console.print(table)
    for alert in alerts:
        if alert["resolved_at"] is None:
            console.print(f"[yellow]{escape(alert['text'])}[/]", soft_wrap=True)


def _late(person: dict[str, Any]) -> str:
    """Return how late the work is that counts, by assignment, and what slip days cover of it."""
    slip = person["slip_days"]
    return ", ".join(
        f"{name}: {days}" + (f" ({slip[name]} by slip days)" if name in slip else "")
        for name, days in person["days_late"].items()
    )
