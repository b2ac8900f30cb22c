"""What a person reads after a submission, and when asking where they stand."""

from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.submission.submit import Result, days

_GOOD, _BAD, _OPEN = "green", "red", "yellow"


def show_result(result: Result, console: Console | None = None) -> None:
    """Print what came of each question, the score and where the person stands."""
    console = console or Console()
    answer = result.answer
    console.print(_questions(answer))
    for verdict in answer["verdicts"]:
        if verdict["verdict"] != "equal":
            note = result.notes.get(f"{verdict['question']}/{verdict['case']}", "")
            console.print(_verdict(verdict, note), soft_wrap=True)
    late = answer.get("days_late", 0)
    after = f" (this was {days(late)} late)" if late else ""
    console.print(f"[bold]{escape(answer['assignment'])}: {answer['score']:.2f} of 100{after}[/]")
    console.print(_average(answer["average"], answer["threshold"]))


def show_standing(me: dict[str, Any], console: Console | None = None) -> None:
    """Print a person's scores in the whole course, what is due when, and how far the certificate is."""
    console = console or Console()
    table = _table(f"{me['name']} · {me['course']['title']}", "points")
    for assignment in me["assignments"]:
        title = f"[bold]{escape(assignment['id'])}: {escape(assignment['title'])}[/]"
        table.add_row(title, f"[bold]{assignment['score']:.2f} / 100[/]")
        for said in _dates(assignment):
            table.add_row(f"  [dim]{escape(said)}[/]", "")
        for question in assignment["questions"]:
            earned = f"{question['earned']:.2f} / {question['points']:g}"
            table.add_row(f"  {escape(question['title'])}{_note(question)}", earned)
        table.add_section()
    console.print(table)
    if me["slip_days"]:
        console.print(f"Slip days left: {me['slip_days_left']} of {me['slip_days']}.")
    console.print(_average(me["average"], me["threshold"]))
    if me["project_required"]:
        console.print(f"Final project: {escape(me['project'])}.")


def _dates(assignment: dict[str, Any]) -> list[str]:
    """Return what a person has to know of an assignment's dates."""
    said = []
    if assignment["due"]:
        due = f"due {_local(assignment['due'])}{', extended for you' if assignment['extended'] else ''}"
        until = {"open": _left(assignment), "late": f"late work until {_local(assignment['cut_off'])}"}
        said.append(f"{due}; {until.get(assignment['phase'], 'over')}")
    if assignment["days_late"]:
        covered = f", {days(assignment['slip_days'])} of it by slip days" if assignment["slip_days"] else ""
        said.append(f"what counts is {days(assignment['days_late'])} late{covered}")
    if assignment["dropped"]:
        said.append("the average leaves it out")
    unsolved = any(one["state"] in ("not_started", "begun") for one in assignment["questions"])
    if assignment["catch_up"] and unsolved:
        said.append(f"to go on without what is not solved: make catch-up HW={assignment['id']}")
    return said


def _local(moment: str) -> str:
    """Return a moment of the server's on this machine's clock."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone().strftime("%Y-%m-%d %H:%M %Z")


def _left(assignment: dict[str, Any]) -> str:
    hours = (assignment["seconds_left"] or 0) // 3600
    return f"{days(hours // 24)} left" if hours >= 48 else f"{hours} h left"


def _note(question: dict[str, Any]) -> str:
    return " [dim](caught up)[/]" if question["state"] == "caught_up" else ""


def _table(title: str, *figures: str) -> Table:
    """Return a table whose figures stay whole on a narrow terminal, where the titles give way."""
    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("question", overflow="fold")
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _questions(answer: dict[str, Any]) -> Table:
    devices = _devices(answer["verdicts"])
    on = ["computed on"] if devices else []
    table = _table(f"Submission {answer['attempt'][:8]}", "passed", "points", "best", *on)
    for question in answer["questions"]:
        color = _GOOD if question["passed"] == question["total"] else _BAD
        passed = f"[{color}]{question['passed']} / {question['total']}[/]"
        earned = f"{question['earned']:.2f} / {question['points']:g}"
        where = [", ".join(devices.get(question["id"], []))] if devices else []
        row = [escape(question["title"]), passed, earned, f"{question['best_earned']:.2f}"]
        table.add_row(*row, *map(escape, where))
    return table


def _devices(verdicts: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return what the cases of each question were computed on, where they say so."""
    found: dict[str, dict[str, None]] = {}
    for verdict in verdicts:
        for name in verdict.get("devices", []):
            found.setdefault(verdict["question"], {})[name] = None
    return {question: list(names) for question, names in found.items()}


def _verdict(verdict: dict[str, Any], note: str) -> str:
    where = f"{escape(verdict['question'])} · {escape(verdict['case'])}"
    if verdict["detail"] == "NotStarted":
        stub = note.rpartition("/")[2]  # of the note `not started: hw0/add`
        waits = stub and stub != verdict["question"]
        return f"[{_OPEN}]{where}: {f'waits for {escape(stub)}' if waits else 'not started'}[/]"
    said = ": ".join(filter(None, (verdict["verdict"], verdict["detail"], note)))
    return f"[{_BAD}]{where}: {escape(said)}[/]"


def _average(average: float, threshold: float) -> str:
    asked = f"the certificate asks for {threshold * 100:.0f} and an accepted project"
    return f"Course average {average:.2f}; {asked}."
