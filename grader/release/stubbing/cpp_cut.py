"""Edit C++ text by byte ranges: cut a declaration with the comments attached to it, keep the lines tidy."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tree_sitter import Node

_INCLUDE = re.compile(r"^#include <([^>]+)>.*\n", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Edit:
    start: int
    end: int
    text: str = ""


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits. One that lies inside another (a stub in a namespace that goes) is dropped."""
    result, at = b"", 0
    for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
        if edit.start >= at:
            result, at = result + data[at : edit.start] + edit.text.encode(), edit.end
    return result + data[at:]


def cuts(data: bytes, nodes: Iterable[Node]) -> list[Edit]:
    """Return the edits that remove whole lines: each node with the comments attached above and behind it."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_lines_of(data, node) for node in nodes):
        if merged and not data[merged[-1][1] : start].strip():
            start = merged.pop()[0]
        merged.append((start, end))
    return [Edit(start, _past_blank_lines(data, start, end)) for start, end in merged]


def _lines_of(data: bytes, node: Node) -> tuple[int, int]:
    first, last = _first_attached(node), _last_on_its_line(node)
    start = data.rfind(b"\n", 0, first.start_byte) + 1
    if data[start : first.start_byte].strip():
        start = first.start_byte
    if data[last.start_byte : last.end_byte].endswith(
        b"\n"
    ):  # a directive reaches to the start of the next line
        return start, last.end_byte
    end = data.find(b"\n", last.end_byte) + 1 or len(data)
    return start, last.end_byte if data[last.end_byte : end].strip() else end


def _first_attached(node: Node) -> Node:
    above = node.prev_sibling
    while above is not None and above.type == "comment" and above.end_point.row == node.start_point.row - 1:
        before = above.prev_sibling
        if before is not None and before.end_point.row == above.start_point.row and _ends_visibly(before):
            break  # it stands behind another declaration, on its line
        node, above = above, before
    return node


def _ends_visibly(node: Node) -> bool:
    """Tell a declaration from a directive, whose node reaches to the start of the next line."""
    return node.end_point.column > 0


def _last_on_its_line(node: Node) -> Node:
    behind = node.next_sibling
    while (
        behind is not None
        and behind.start_point.row == node.end_point.row
        and behind.type in (";", "comment")
    ):
        node, behind = behind, behind.next_sibling
    return node


def _past_blank_lines(data: bytes, start: int, end: int) -> int:
    """Move the end past the blank lines below, when as many stand above or a block opens there."""
    above = data[:start]
    opens = not above.strip() or above.rstrip().endswith(b"{")
    blank_above = above.endswith(b"\n\n")
    rest = data[end:].lstrip(b" \t\n")
    below = data[end : len(data) - len(rest)].rfind(b"\n") + 1
    return end + below if opens or blank_above else end


def insert_include(text: str, header: str) -> str:
    """Add `#include <header>` in its alphabetical place among the standard headers, unless it is there."""
    lines = list(_INCLUDE.finditer(text))
    names = [line[1] for line in lines]
    if header in names:
        return text
    standard = [line for line in lines if "." not in line[1] and "/" not in line[1]]
    after = [line for line in standard if line[1] < header]
    if after:
        at = after[-1].end()
    elif standard or lines:
        at = (standard or lines)[0].start()
    else:
        return _include_after_heading(text, header)
    return f"{text[:at]}#include <{header}>\n{text[at:]}"


def _include_after_heading(text: str, header: str) -> str:
    """Put the first include below the opening comment and `#pragma once`."""
    heading = re.match(r"(?:[ \t]*(?://[^\n]*|#pragma once[^\n]*)?\n)*", text)
    at = heading.end() if heading else 0
    return f"{text[:at]}#include <{header}>\n\n{text[at:]}"
