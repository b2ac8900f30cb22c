"""An answer as it came over the wire: what is checked before any value of it is judged."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import WireError
from grader.grading.verdicts import Leaf, Value
from grader.grading.wire import Blob, Entry
from grader.server.rules.trees import array_indices

_SOURCE = "source:"
_SOURCE_LIMIT = 1024 * 1024  # bytes a file
_NAMED = 5  # names in a message, or of devices


@dataclass(frozen=True)
class Said:
    """What a student's machine says about one case."""

    inputs: str
    value: Value | None  # None when the case raised
    raised: str = ""  # the error's type
    devices: tuple[str, ...] = ()  # what it was computed on: information only


@dataclass(frozen=True)
class Answer:
    values: dict[str, Said]  # by question/case
    numpy: str  # the version on the student's machine


def read_answer(body: bytes, cases: Collection[str], adds: Collection[str]) -> Answer:
    """Check a body against the attempt's cases and the assignment's files.

    Raises: WireError, naming what is wrong or belongs to nothing.
    """
    blob = Blob(body)
    values = blob.description.get("values")
    if not isinstance(values, dict):
        raise WireError("answer: found no values. Expected an object `values` in the description.")
    _refuse_foreign("cases", values.keys() - set(cases), "the cases of this attempt")
    said = {name: _said(name, content, blob) for name, content in values.items()}
    _check_sources(blob.entries, adds)
    known = {f"{name}/{at}" for name, one in said.items() if one.value for at in range(len(one.value.arrays))}
    others = {name for name in blob.entries if not name.startswith(_SOURCE)}
    _refuse_foreign("arrays", others - known, "arrays that a value's tree names")
    return Answer(said, _version(blob.description.get("client")))


def _said(name: str, content: Any, blob: Blob) -> Said:
    if not isinstance(content, dict) or not isinstance(content.get("inputs"), str):
        raise WireError(f"{name}: found no value. Expected an object with `inputs`, and `tree` or `raised`.")
    devices = _devices(content.get("devices"))
    if isinstance(content.get("raised"), str):
        return Said(content["inputs"], None, _identifier(content["raised"]), devices)
    tree = content.get("tree")
    return Said(content["inputs"], Value(tree, _leaves(name, tree, blob)), "", devices)  # type: ignore[arg-type]


def _leaves(name: str, tree: object, blob: Blob) -> list[Leaf]:
    """Return what the header claims about a value's arrays; nothing of them is read here."""
    count = 0
    for count, index in enumerate(array_indices(tree, name), start=1):
        if index != count - 1 or f"{name}/{index}" not in blob.entries:
            raise WireError(
                f"{name}: found array {index}. Expected arrays counted from 0, all of them in the blob."
            )
    return [_leaf(blob, f"{name}/{at}") for at in range(count)]


def _leaf(blob: Blob, name: str) -> Leaf:
    entry = blob.entries[name]
    return Leaf(entry.dtype, entry.shape, lambda: blob[name])


def _check_sources(entries: Mapping[str, Entry], adds: Collection[str]) -> None:
    sources = {
        name.removeprefix(_SOURCE): entry for name, entry in entries.items() if name.startswith(_SOURCE)
    }
    _refuse_foreign(
        "source files", sources.keys() - set(adds), f"the files of this assignment ({', '.join(adds)})"
    )
    for path, entry in sources.items():
        if entry.dtype != "uint8" or len(entry.shape) != 1 or entry.shape[0] > _SOURCE_LIMIT:
            found = f"{entry.dtype} of shape {entry.shape[:4]}"
            raise WireError(
                f"source {path}: found {found}. Expected the file's bytes, at most {_SOURCE_LIMIT}."
            )


def _refuse_foreign(what: str, names: Collection[str], expected: str) -> None:
    if names:
        some = ", ".join(name[:80] for name in sorted(names)[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise WireError(f"answer: found the {what} {some}{more}. Expected only {expected}.")


def _identifier(text: str) -> str:
    return _word(text) or "Exception"


def _word(text: str) -> str:
    return re.sub(r"\W", "", text, flags=re.ASCII)[:60]


def _devices(said: object) -> tuple[str, ...]:
    names = [_word(name) for name in said if isinstance(name, str)] if isinstance(said, list) else []
    return tuple(filter(None, names))[:_NAMED]


def _version(client: object) -> str:
    said = client.get("numpy") if isinstance(client, dict) else None
    return re.sub(r"[^\w.+-]", "", said, flags=re.ASCII)[:30] if isinstance(said, str) else ""
