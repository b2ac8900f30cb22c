"""Pictures of a graph: as Graphviz's DOT text, and as SVG where Graphviz is installed."""

import os
import reprlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from needle.autograd import Tensor, Value
from needle.errors import FileFormatError, ProgramError


def draw(tensor: Value, file: str | os.PathLike[str] | None = None) -> str:
    """Return the graph behind a value as DOT text; write it to a .dot file, or as a picture to a .svg file.

    A box is what an op made, an ellipse a leaf; values that require a gradient have a bold outline. An arrow
    goes from a value to what was made of it, so a value that is used twice has two arrows. Nothing lazy is
    computed.
    Raises: FileFormatError for another suffix; ProgramError when Graphviz is missing or fails.
    """
    text = "\n".join(["digraph needle {", "  rankdir=TB;", *_lines(tensor), "}", ""])
    if file is not None:
        _write(text, Path(file))
    return text


def _lines(value: Value) -> Iterator[str]:
    numbers = _numbered(value)
    for node, number in numbers.items():
        yield f"  n{number} [{_look(node)}];"
    for node, number in numbers.items():
        for one in node.inputs:
            yield f"  n{numbers[one]} -> n{number};"


def _numbered(value: Value) -> dict[Value, int]:
    """Number the values level by level, from the output down: the same graph always has the same numbers."""
    numbers = {value: 0}
    level = [value]
    while level:
        level = list(dict.fromkeys(one for node in level for one in node.inputs if one not in numbers))
        numbers.update(zip(level, range(len(numbers), len(numbers) + len(level)), strict=True))
    return numbers


def _look(node: Value) -> str:
    shape = "ellipse" if node.op is None else "box"
    style = "bold" if node.requires_grad else "solid"
    lines = [*_op_lines(node.op), _kind(node), *(["requires grad"] if node.requires_grad else [])]
    label = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'shape={shape}, style={style}, label="{label}"'


def _op_lines(op: Any) -> Iterator[str]:
    """Yield an op's name and what it was made with, such as its axes."""
    if op is not None:
        yield type(op).__name__
        for name, setting in vars(op).items():
            yield f"{name}={' '.join(reprlib.repr(setting).split())}"


def _kind(node: Value) -> str:
    if node.cached_data is None:
        return "not computed yet"
    if not isinstance(node, Tensor):
        return f"{len(node.cached_data)} tensors"
    return f"{tuple(node.shape)} {node.dtype}"


def _write(text: str, path: Path) -> None:
    if path.suffix == ".svg":
        path.write_bytes(_svg(text))
    elif path.suffix == ".dot":
        path.write_text(text, encoding="utf-8")
    else:
        raise FileFormatError(
            f"draw: {path} ends in {path.suffix!r}. Expected .dot or .svg. Rename the file."
        )


def _svg(text: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise ProgramError(
            "draw: no program `dot` was found, which makes SVG of a graph. Expected Graphviz. Install it "
            "(apt install graphviz, brew install graphviz), or write a .dot file."
        )
    try:
        done = subprocess.run([program, "-Tsvg"], input=text.encode(), capture_output=True, timeout=120)
    except subprocess.TimeoutExpired as error:
        raise ProgramError(
            "draw: `dot` took longer than 120 s. Expected a graph that it can lay out. Draw a smaller part, "
            "or write a .dot file."
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise ProgramError(
            f"draw: `dot` failed: {said}. Expected a picture. Write a .dot file and look at it."
        )
    return done.stdout
