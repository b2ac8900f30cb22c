"""Make a notebook of a handout, for students who work in Colab or Jupyter."""

import ast
import base64
import re
from collections.abc import Mapping
from typing import Any

import jupytext
from nbformat import writes
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.course.assignment import Assignment

_FORMULA = re.compile(r"^```math\n(.*?)\n```$", re.DOTALL | re.MULTILINE)  # as GitHub writes it
_IMAGE = re.compile(r"!\[([^\]]*)\]\(([\w.-]+\.svg)\)")

_WELCOME = """\
*This notebook is made from the handout `assignments/{id}/README.md`, and holds the same text.*
To work here, upload `{id}.tar.gz` to the notebook's folder, or your own workspace if you have one, and
run the next cell. Write your code in the files that the text names; the cells are for trying things out.
When a file has changed, restart the kernel and run the next cell again.
Download your workspace before you close the session."""

_SET_UP = """\
import os
import sys

if not os.path.exists("Makefile"):
    !mkdir -p needle-course && tar xzf {id}.tar.gz -C needle-course --strip-components=1
    %cd needle-course
!make setup build HW={id}
sys.path[:0] = {path}
os.environ.update({environment})"""

_CHECK = ["!make test HW={id}", "!make submit HW={id}"]


def notebook(assignment: Assignment, handout: str, figures: Mapping[str, bytes]) -> bytes:
    """Return the handout as a notebook, the same bytes for the same text.

    `figures` are the pictures beside the handout, by name: a notebook travels alone, so they are put into
    its text. Blocks of Python become cells to run; what does not parse, a signature alone, stays text.
    """
    text = _FORMULA.sub(r"$$\n\1\n$$", _IMAGE.sub(lambda found: _embedded(found, figures), handout))
    made = jupytext.reads(text, fmt="md")
    welcome = new_markdown_cell(_WELCOME.format(id=assignment.id))
    body = [cell if _runs(cell) else _as_text(cell) for cell in made.cells]
    checks = [new_code_cell(line.format(id=assignment.id)) for line in _CHECK]
    made.cells = [*body[:1], welcome, new_code_cell(_set_up(assignment)), *body[1:], *checks]
    for at, cell in enumerate(made.cells):
        cell.id = f"cell-{at}"  # random by default
    made.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return f"{writes(made)}\n".encode()


def _set_up(assignment: Assignment) -> str:
    definition = assignment.definition
    return _SET_UP.format(id=assignment.id, path=definition.path, environment=definition.environment)


def _runs(cell: Any) -> bool:
    if cell.cell_type == "code":
        try:
            ast.parse(cell.source)
        except SyntaxError:
            return False
    return True


def _as_text(cell: Any) -> Any:
    return new_markdown_cell(f"```python\n{cell.source}\n```")


def _embedded(found: "re.Match[str]", figures: Mapping[str, bytes]) -> str:
    data = figures.get(found[2])
    if data is None:
        return found[0]
    return f"![{found[1]}](data:image/svg+xml;base64,{base64.b64encode(data).decode()})"
