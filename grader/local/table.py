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

from grader.course.assignment import Question
from grader.grading.scores import points
from grader.local.results import FAILED, NOT_RUN, NOT_STARTED, PASSED, LocalRun
from grader.running import locate

_WIDE = 110  # columns; below, what to implement stands under the question
_NARROW = 56  # below, the mark does too
_PLACES = 3  # lines of a question's row
_STYLES = {PASSED: "green", FAILED: "red", NOT_STARTED: "dim", NOT_RUN: "dim"}


def render(run: LocalRun, workspace: Path, *, width: int, color: bool, unicode: bool) -> str:
    """Return the table as text, with escape codes if there is to be colour."""
    text = StringIO()
    system: Literal["standard"] | None = "standard" if color else None
    console = Console(file=text, width=width, force_terminal=color, color_system=system)
    console.print(_table(run, workspace, width, box.SIMPLE_HEAD if unicode else box.ASCII2))
    return text.getvalue()


def next_step(run: LocalRun, workspace: Path) -> str:
    """Return where to go on: the first question that neither passes nor waits; empty if all pass."""
    for question in run.questions:
        if run.mark(question) in (FAILED, NOT_STARTED):
            return f"Next: {question.id}, at {', '.join(_places(run, question, workspace))}"
    return ""


def _table(run: LocalRun, workspace: Path, width: int, lines: box.Box) -> Table:
    table = Table(box=lines, title=escape(run.assignment.definition.title))
    table.add_column("Question", overflow="fold")
    if width >= _WIDE:
        table.add_column("Implement", overflow="fold")
    for name in ("Passed", "Points"):
        table.add_column(name, justify="right", no_wrap=True)
    if width >= _NARROW:
        table.add_column("", overflow="fold")
    for heading, questions in groupby(run.questions, key=lambda question: question.group):
        if heading:
            table.add_row(f"[bold]{escape(heading)}[/]")
        for question in questions:
            places = "\n".join(map(escape, _first(_places(run, question, workspace))))
            table.add_row(*_cells(width, question.id, places, *_figures(run, question)))
    table.add_section()
    score = f"{run.score:g}/{run.possible:g}"
    table.add_row(*_cells(width, _total(run), "", "", score, "local estimate"))
    return table


def _cells(width: int, name: str, places: str, passed: str, points: str, mark: str) -> Iterator[str]:
    """Yield a row's cells; what has no column of its own at this width stands in the first."""
    below = [] if width >= _WIDE or not places else [f"[dim]{places}[/]"]
    below += [] if width >= _NARROW else [mark]
    yield "\n".join([name, *below])
    if width >= _WIDE:
        yield places
    yield passed
    yield points
    if width >= _NARROW:
        yield mark


def _figures(run: LocalRun, question: Question) -> tuple[str, str, str]:
    tally, mark = run.tally(question), run.mark(question)
    shown = f"{points(question, tally):g}/{question.points:g}"
    result = run.results.get(question.id)
    where = f" on {', '.join(result.devices)}" if result and result.devices else ""
    marked = f"[{_STYLES.get(mark, 'yellow')}]{escape(mark)}[/]{escape(where)}"
    return f"{tally.passed}/{tally.total}", shown, marked


def _total(run: LocalRun) -> str:
    chosen, all_ = len(run.questions), len(run.assignment.questions)
    return f"{chosen} of {all_} questions" if chosen < all_ else "Total"


def _first(places: Iterator[str]) -> list[str]:
    """Return the first places; of many more, how many there are."""
    listed = list(places)
    return (
        listed
        if len(listed) <= _PLACES
        else [*listed[: _PLACES - 1], f"and {len(listed) - _PLACES + 1} more"]
    )


def _places(run: LocalRun, question: Question, workspace: Path) -> Iterator[str]:
    """Yield the file and line of each symbol to implement, with its name unless it is the question's.

    Of C++ the namespaces are left out.
    """
    for symbol in run.assignment.symbols(question):
        extent = locate.find(workspace, symbol)
        where = f"{symbol.file}:{extent.first}" if extent else f"{symbol.file} (not found)"
        name = symbol.name.rpartition("::")[2]
        yield where if name == question.id else f"{name} {where}"
