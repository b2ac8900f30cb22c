"""Catch up: fetch the solutions of what was not solved in time, and merge them into the student's files."""

import difflib
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax

from grader.client import Client
from grader.course.assignment import Assignment
from grader.course.solution import Solution, SolvedFile
from grader.errors import GraderError, WorkspaceError
from grader.workspace.folder import Workspace
from grader.workspace.merging import keep, merged, write_whole

Ask = Callable[[str], bool]
M = TypeVar("M", bound=BaseModel)


class _Offered(BaseModel):
    id: str
    title: str
    solved: bool


class _Offer(BaseModel):
    questions: list[_Offered]


class _Given(BaseModel):
    solutions: dict[str, Solution]


def catch_up(
    workspace: Workspace,
    assignment: Assignment,
    questions: list[str],
    client: Client,
    ask: Ask,
    console: Console | None = None,
) -> bool:
    """Fetch solutions and merge each into the student's files, as far as `ask` says yes to both.

    Returns whether every one of them stands there now. Raises: Rejected, Unreachable, WorkspaceError.
    """
    console = console or Console()
    path = f"/catch-up/{assignment.id}"
    offered = _read(_Offer, client.get(path), client.url).questions
    wanted = [one for one in offered if not one.solved and (not questions or one.id in questions)]
    if not wanted and not questions:
        console.print(f"You have solved every question of {assignment.id}: there is nothing to catch up on.")
        return True
    names = questions or [one.id for one in wanted]
    console.print(f"{assignment.id} is over. What you have not solved there: {escape(', '.join(names))}.")
    if not ask(f"Fetch their solutions? Your score stays, and they take no more attempts. [{_count(names)}]"):
        return False
    given = _read(_Given, client.post(path, {"questions": names}), client.url).solutions
    merger = _Merger(workspace, ask, console)
    done = [merger.merge(question, solution) for question, solution in given.items()]
    console.print(f"To see what your code does now: make test HW={assignment.id}")
    return all(done)


def _count(names: list[str]) -> str:
    return "1 question" if len(names) == 1 else f"{len(names)} questions"


class _Merger:
    """Merges one question after another; the first change of a file keeps what stood there before all."""

    def __init__(self, workspace: Workspace, ask: Ask, console: Console):
        self._workspace = workspace
        self._ask = ask
        self._console = console
        self._kept: set[str] = set()

    def merge(self, question: str, solution: Solution) -> bool:
        """Show what would change, and change it if that is confirmed; tell whether it stands there now."""
        try:
            changes = {path: self._change(path, one) for path, one in solution.files.items()}
        except WorkspaceError as error:
            self._console.print(f"[red]{escape(question)}: {escape(str(error))}[/]", soft_wrap=True)
            return False
        changes = {path: both for path, both in changes.items() if both[0] != both[1]}
        if not changes:
            self._console.print(f"{escape(question)}: the reference's code stands there already.")
            return True
        for path, (before, after) in changes.items():
            self._show(path, before, after)
        if not self._ask(f"{question}: put this into your files?"):
            return False
        for path, (_, after) in changes.items():
            self._write(path, after)
        return True

    def _change(self, path: str, solved: SolvedFile) -> tuple[bytes, bytes]:
        target = self._workspace.path(path)
        if not target.is_file():
            raise WorkspaceError(
                f"{path}: there is no such file. Expected yours, as released. Put it back, and run it again."
            )
        before = target.read_bytes()
        return before, merged(path, before, solved)

    def _show(self, path: str, before: bytes, after: bytes) -> None:
        old, new = before.decode().splitlines(), after.decode().splitlines()
        lines = difflib.unified_diff(old, new, f"{path} (yours)", f"{path} (caught up)", lineterm="")
        self._console.print(Syntax("\n".join(lines), "diff", background_color="default", word_wrap=True))

    def _write(self, path: str, data: bytes) -> None:
        if path not in self._kept:
            self._kept.add(path)
            kept = keep(self._workspace.path(path))
            self._console.print(f"{escape(path)}: what stood there before is kept as {escape(kept.name)}.")
        write_whole(self._workspace.path(path), data)


def _read(model: type[M], said: object, url: str) -> M:
    try:
        return model.model_validate(said)
    except ValidationError:
        raise GraderError(
            f"{url} answered, and not with solutions. Expected a server whose grader is as new as yours. "
            "Tell your instructor."
        ) from None


def ask_on_terminal(question: str) -> bool:
    """Ask a question that is answered with y; no answer is a no."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False
