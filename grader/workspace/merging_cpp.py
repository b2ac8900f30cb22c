"""Put the reference's bodies into a student's C++ or CUDA file; what else stands there stays as it is."""

import re
from collections.abc import Sequence

from grader.course.solution import Needed, SolvedFile, SolvedFunction
from grader.errors import WorkspaceError
from grader.running.locate import Definition, cpp_definitions

SUFFIX = "Reference"  # of a helper, where the student has something else of its name
_DECLARES = r"(?:\b(?:const|constexpr|struct|class|enum|using|typedef)\b|#\s*define\b)[^;{{}}\n]*\b{name}\b"

_Edit = tuple[int, int, str]  # what to put from one place of the text to another


def merge_cpp(path: str, text: str, solved: SolvedFile) -> str:
    """Return a file with the bodies of the solved functions, and the helpers and includes that it lacks.

    Raises: WorkspaceError when one of the functions is not there.
    """
    renamed = _clashes(text, solved.helpers)
    edits = [_body_edit(path, text, one, renamed) for one in solved.functions]
    for helper in solved.helpers:
        wanted = _with_names(helper.text, renamed)
        if not _holds(text, wanted):
            at = _place_of(text, helper, solved.functions)
            edits.append((at, at, f"{wanted}\n\n"))
    includes = [one.text for one in solved.imports if not _holds(text, one.text)]
    if includes:
        at = _below_includes(text)
        edits.append((at, at, "".join(f"{line}\n" for line in includes)))
    edits.sort(key=lambda one: one[:2])
    for start, end, piece in edits[::-1]:  # from the end, so that places above stay
        text = text[:start] + piece + text[end:]
    return text


def _clashes(text: str, helpers: Sequence[Needed]) -> dict[str, str]:
    """Return other names for what the student has something else of that name for."""
    defined = {_last(one.name) for one in cpp_definitions(text)}
    renamed = {}
    for name in dict.fromkeys(_last(one.name) for one in helpers):
        ours = any(_holds(text, one.text) for one in helpers if _last(one.name) == name)
        taken = name in defined or re.search(_DECLARES.format(name=re.escape(name)), text)
        if taken and not ours:
            renamed[name] = name + SUFFIX
    return renamed


def _last(name: str) -> str:
    return name.rpartition("::")[2]


def _holds(text: str, piece: str) -> bool:
    return " ".join(piece.split()) in " ".join(text.split())


def _with_names(text: str, renamed: dict[str, str]) -> str:
    for name, other in renamed.items():
        text = re.sub(rf"\b{re.escape(name)}\b", other, text)
    return text


def _named(text: str, name: str) -> list[Definition]:
    return [one for one in cpp_definitions(text) if one.name == name]


def _body_edit(path: str, text: str, solved: SolvedFunction, renamed: dict[str, str]) -> _Edit:
    alike = _named(text, solved.name)
    if solved.position >= len(alike):
        raise WorkspaceError(
            f"{path}: there is no {solved.name} for the reference's body. Expected its first line, as it was "
            "released. Write it back, and run it again; nothing was changed in this file."
        )
    reference = _with_names(solved.text, renamed)
    start, end = cpp_definitions(reference)[0].body
    return (*alike[solved.position].body, reference[start:end])


def _place_of(text: str, helper: Needed, functions: Sequence[SolvedFunction]) -> int:
    """Return where a helper goes: above the function that follows it in the reference, else its user."""
    before = _named(text, helper.before) if helper.before else []
    first = (before or [_named(text, functions[0].name)[0]])[0].extent.first - 1
    lines = text.split("\n")
    while first > 0 and lines[first - 1].lstrip().startswith("//"):
        first -= 1
    return sum(len(line) + 1 for line in lines[:first])


def _below_includes(text: str) -> int:
    """Return where an include goes: below the others at the top, or below the opening comment."""
    found = list(re.finditer(r"^[ \t]*#[ \t]*include\b[^\n]*\n", text, re.MULTILINE))
    opening = re.match(r"(?:[ \t]*(?://[^\n]*|#pragma once[^\n]*)?\n)*", text)
    return found[-1].end() if found else opening.end() if opening else 0
