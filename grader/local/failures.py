"""Put what a test raised into a few words, with the place in the workspace where it happened."""

import traceback
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.expect import Unexpected
from grader.running.locate import own_file, place

_LIMIT = 4000  # characters of a message
_NOTES_LIMIT = 8  # lines


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
        file = (error.filename and own_file(workspace, error.filename)) or error.filename
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


def _cut(text: str) -> str:
    return text if len(text) <= _LIMIT else f"{text[:_LIMIT]} ... ({len(text) - _LIMIT} more characters)"
