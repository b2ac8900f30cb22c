"""The table that closes a run of the local tests."""

from collections.abc import Iterator
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Literal

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader import locate
from grader.assignment import Question
from grader.results import FAILED, NOT_RUN, NOT_STARTED, PASSED, LocalRun
from grader.scores import points

_NARROW = 76  # columns; below, the place and the mark stand under the question
_STYLES = {PASSED: "green", FAILED: "red", NOT_STARTED: "dim", NOT_RUN: "dim"}


def render(run: LocalRun, workspace: Path, *, width: int, color: bool, unicode: bool) -> str:
    """Return the table as text, with escape codes if there is to be colour."""
    text = StringIO()
    system: Literal["standard"] | None = "standard" if color else None
    console = Console(file=text, width=width, force_terminal=color, color_system=system)
    console.print(_table(run, workspace, narrow=width < _NARROW, unicode=unicode))
    return text.getvalue()


def next_step(run: LocalRun, workspace: Path) -> str:
    """Return where to go on: the first question that neither passes nor waits; empty if all pass."""
    for question in run.questions:
        if run.mark(question) in (FAILED, NOT_STARTED):
            places = [where for _, where in _places(run, question, workspace)]
            return f"Next: {question.id}, at {', '.join(places)}"
    return ""


def _table(run: LocalRun, workspace: Path, *, narrow: bool, unicode: bool) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD if unicode else box.ASCII2, title=escape(run.assignment.definition.title)
    )
    table.add_column("Question", overflow="fold")
    if not narrow:
        table.add_column("Implement", overflow="fold")
    for name in ("Passed", "Points"):
        table.add_column(name, justify="right", no_wrap=True)
    if not narrow:
        table.add_column("", overflow="fold")
    for heading, questions in groupby(run.questions, key=lambda question: question.group):
        if heading:
            table.add_row(f"[bold]{escape(heading)}[/]")
        for question in questions:
            table.add_row(*_cells(run, question, workspace, narrow))
    table.add_section()
    some = len(run.questions) < len(run.assignment.questions)
    total = f"{len(run.questions)} of {len(run.assignment.questions)} questions" if some else "Total"
    score = f"{run.score:g}/{run.possible:g}"
    narrow_row, wide_row = (f"{total}\nlocal estimate", "", score), (total, "", "", score, "local estimate")
    table.add_row(*(narrow_row if narrow else wide_row))
    return table


def _cells(run: LocalRun, question: Question, workspace: Path, narrow: bool) -> Iterator[str]:
    tally, mark = run.tally(question), run.mark(question)
    places = list(_places(run, question, workspace))
    where = "\n".join(escape(place) for _, place in places)
    marked = f"[{_STYLES.get(mark, 'yellow')}]{escape(mark)}[/]"
    yield f"{question.id}\n[dim]{where}[/]\n{marked}" if narrow else question.id
    if not narrow:
        yield "\n".join(escape(f"{name} {place}") for name, place in places)
    yield f"{tally.passed}/{tally.total}"
    yield f"{points(question, tally):g}/{question.points:g}"
    if not narrow:
        yield marked


def _places(run: LocalRun, question: Question, workspace: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each symbol to implement, and its file and line."""
    for symbol in run.assignment.symbols(question):
        extent = locate.find(workspace, symbol)
        where = f"{symbol.file}:{extent.first}" if extent else f"{symbol.file} (not found)"
        yield symbol.name, where
