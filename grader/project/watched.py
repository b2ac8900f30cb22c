"""Run a project's programs where an import watch sees every Python that they start."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course.project import ProjectDefinition
from grader.project import import_watch
from grader.running import process
from grader.running.process import Finished

_DROPPED = ("PYTEST_", "NEEDLE_GRADER_", "PYTHON")  # of the environment: a key is nothing for a project


@dataclass(frozen=True)
class Watched:
    """How a program ended, and what was seen of its imports."""

    finished: Finished
    events: list[dict[str, Any]]

    @property
    def ended_badly(self) -> str:
        """Return how the program failed, with the end of what it printed; empty if it did not."""
        how = self.finished
        if how.timed_out:
            said = "it was still running at its time limit"
        elif how.returncode:
            said = f"it ended with {how.signal_name or f'exit status {how.returncode}'}"
        else:
            return ""
        last = "\n".join(f"  {line}" for line in how.output.splitlines()[-12:])
        return f"{said}. The end of what it printed:\n{last}" if last else f"{said}, and printed nothing."


def run_watched(
    workspace: Path, definition: ProjectDefinition, command: Sequence[str | Path], time_limit: float
) -> Watched:
    """Run Python with these arguments in a workspace. Units: time_limit in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        hook = Path(folder, "hook")
        hook.mkdir()
        shutil.copyfile(import_watch.__file__, hook / "sitecustomize.py")
        events = Path(folder, "events")
        environment = _environment(workspace, definition, hook, events)
        finished = process.run(
            [sys.executable, *command], cwd=workspace, env=environment, time_limit=time_limit
        )
        return Watched(finished, list(_read(events)))


def import_problems(workspace: Path, library: str, runs: Sequence[Watched]) -> Iterator[str]:
    """Yield what speaks against a project's imports: other frameworks, and a library from elsewhere."""
    events = [event for run in runs for event in run.events]
    for event in events:
        if "forbidden" in event:
            yield f"{_place(workspace, event)} imports {event['forbidden']}. Expected your own needle only."
        if "unseen" in event:
            said = (
                f"{_place(workspace, event)} starts a Python whose imports can't be seen ({event['unseen']})"
            )
            yield f"{said}. Expected `sys.executable` with the environment as it is."
        if "own" in event and not _is_own(workspace, library, event["origin"]):
            where = f"{library} was imported from {event['origin']}, not from your workspace"
            yield f"{where}. Expected {workspace / library}."
    if not any("own" in event for event in events):
        yield f"the project never imports {library}. Expected a project that is built on it."


def _is_own(workspace: Path, library: str, origin: str | None) -> bool:
    home = (workspace / library).resolve()
    return origin is not None and Path(origin).resolve() in (home / "__init__.py", home.with_suffix(".py"))


def _place(workspace: Path, event: dict[str, Any]) -> str:
    return str(event.get("at", "")).removeprefix(f"{workspace}/") or "the project"


def _environment(workspace: Path, definition: ProjectDefinition, hook: Path, events: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    path = [hook, *(workspace / entry for entry in definition.path)]
    return {
        **kept,
        **definition.environment,
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        import_watch.EVENTS: str(events),
        import_watch.FORBIDDEN: ",".join(definition.forbidden),
        import_watch.OWN: definition.library,
    }


def _read(events: Path) -> Iterator[dict[str, Any]]:
    """Yield each event once, in their order."""
    lines = events.read_text(encoding="utf-8", errors="replace").splitlines() if events.is_file() else []
    for line in dict.fromkeys(lines):
        try:
            said = json.loads(line)
        except ValueError:  # a process was killed while it wrote
            continue
        if isinstance(said, dict):
            yield said
