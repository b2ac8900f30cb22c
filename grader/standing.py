"""What a person reads after a submission, and when asking where they stand."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.submit import Result

_GOOD, _BAD, _OPEN = "green", "red", "yellow"


def show_result(result: Result, console: Console | None = None) -> None:
    """Print the verdicts of one submission, the score and where the person stands."""
    console = console or Console()
    answer = result.answer
    console.print(_cases(answer, result.notes))
    console.print(_questions(answer["questions"]))
    console.print(
        f"[bold]{escape(answer['assignment'])}: {answer['score']:.2f} of 100[/] (best of your submissions)"
    )
    console.print(_average(answer["average"], answer["threshold"]))


def show_standing(me: dict[str, Any], console: Console | None = None) -> None:
    """Print a person's scores in the whole course."""
    console = console or Console()
    table = Table(title=f"{escape(me['name'])} · {escape(me['course']['title'])}", title_justify="left")
    for heading in ("assignment", "question", "points"):
        table.add_column(heading, justify="right" if heading == "points" else "left")
    for assignment in me["assignments"]:
        table.add_row(
            f"[bold]{escape(assignment['title'])}[/]", "", f"[bold]{assignment['score']:.2f} / 100[/]"
        )
        for question in assignment["questions"]:
            table.add_row("", escape(question["title"]), f"{question['earned']:.2f} / {question['points']:g}")
    console.print(table)
    console.print(_average(me["average"], me["threshold"]))


def _cases(answer: dict[str, Any], notes: dict[tuple[str, str], str]) -> Table:
    table = Table(
        title=f"Submission {escape(answer['attempt'][:8])} · {escape(answer['assignment'])}",
        title_justify="left",
    )
    for heading in ("question", "case", "verdict"):
        table.add_column(heading)
    for verdict in answer["verdicts"]:
        note = notes.get((verdict["question"], verdict["case"]), "")
        table.add_row(escape(verdict["question"]), escape(verdict["case"]), _verdict(verdict, note))
    return table


def _verdict(verdict: dict[str, Any], note: str) -> str:
    if verdict["verdict"] == "equal":
        return f"[{_GOOD}]equal[/]"
    if verdict["detail"] == "NotStarted":
        return f"[{_OPEN}]not started[/]"
    said = f"{verdict['verdict']}: {verdict['detail']}" if verdict["detail"] else verdict["verdict"]
    return f"[{_BAD}]{escape(said)}[/]" + (f"\n{escape(note)}" if note else "")


def _questions(questions: list[dict[str, Any]]) -> Table:
    table = Table()
    for heading in ("question", "cases passed", "points", "best so far"):
        table.add_column(heading, justify="left" if heading == "question" else "right")
    for question in questions:
        passed = f"{question['passed']} / {question['total']}"
        earned = f"{question['earned']:.2f} / {question['points']:g}"
        table.add_row(escape(question["title"]), passed, earned, f"{question['best_earned']:.2f}")
    return table


def _average(average: float, threshold: float) -> str:
    return f"Course average {average:.2f}; the certificate asks for {threshold * 100:.0f} and a project handed in."
