"""Put what a test raised into a few words, with the place in the workspace where it happened."""

import re
import traceback
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.expect import Unexpected
from grader.running.locate import own_file

_LIMIT = 4000  # characters of a message
_NOTES_LIMIT = 8  # lines
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


def describe(error: BaseException, workspace: Path) -> str:
    """Return what a test raised, without a traceback: the text, the place, the call that repeats it."""
    while getattr(error, "exceptions", ()):  # a group: hypothesis found more than one failure
        error = error.exceptions[0]  # type: ignore[attr-defined]
    if isinstance(error, (Unexpected, GraderError)):
        return _cut(str(error))
    lines = [_sentence(error, workspace)]
    call = getattr(error, "needle_call", "")
    if call:
        lines.append(f"  call      {call}")
    else:
        notes = "\n".join(getattr(error, "__notes__", [])).splitlines()
        lines += [f"  {line}" for line in notes[:_NOTES_LIMIT]]
    return _cut("\n".join(lines))


def _sentence(error: BaseException, workspace: Path) -> str:
    if isinstance(error, SyntaxError):
        file = _own(error.filename or "", workspace) or error.filename
        return f"{type(error).__name__}: {error.msg} at {file}:{error.lineno}\n  {(error.text or '').strip()}"
    frames = traceback.extract_tb(error.__traceback__)
    where = place([(frame.filename, frame.lineno or 0) for frame in reversed(frames)], workspace)
    text = str(error).strip()
    # a test's own words need no type before them
    own = isinstance(error, (AssertionError, pytest.fail.Exception))
    said = text if own and text else f"{type(error).__name__}: {text}" if text else type(error).__name__
    if not where:
        return said
    return f"{said} at {where}" if "\n" not in said else f"{said}\nat {where}"


def place(frames: list[tuple[str, int]], workspace: Path) -> str:
    """Return, of frames with the innermost first, the innermost of the student's own; else of the tests'."""
    inside = [(_own(file, workspace), line) for file, line in frames]
    known = [(file, line) for file, line in inside if file]
    own = [(file, line) for file, line in known if not file.startswith("assignments/")]
    return next((f"{file}:{line}" for file, line in own + known), "")


def place_in_stack(stack: str, workspace: Path) -> str:
    """Return the place from a stack that faulthandler wrote, most recent call first."""
    return place([(file, int(line)) for file, line in _FRAME.findall(stack)], workspace)


def _own(file: str, workspace: Path) -> str:
    """Return an own file's path in the workspace; empty for any other, and for one such as <frozen runpy>."""
    try:
        return (own_file(workspace, file) or "") if Path(file).is_absolute() else ""
    except (OSError, ValueError):
        return ""


def _cut(text: str) -> str:
    return text if len(text) <= _LIMIT else f"{text[:_LIMIT]} ... ({len(text) - _LIMIT} more characters)"
