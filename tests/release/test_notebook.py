"""A handout as a notebook."""

import ast
import json
from pathlib import Path

from grader.course.assignment import Assignment, load_assignment
from grader.release.notebook import notebook

HANDOUT = """\
# Discs

The area of a disc is $\\pi r^2$.

![a disc](disc.svg) and ![another](missing.svg)

```python
area(2.0)
```

```python
def area(radius)   # what to write
```

```console
make test
```

```math
\\pi = 3.14
```
"""


def cells(repository: Path, figures: dict[str, bytes]) -> list[dict[str, str]]:
    made = notebook(hw0(repository), HANDOUT, figures)
    assert made == notebook(hw0(repository), HANDOUT, figures)
    return [{"type": one["cell_type"], "text": "".join(one["source"])} for one in json.loads(made)["cells"]]


def hw0(repository: Path) -> Assignment:
    return load_assignment(repository / "assignments" / "hw0")


def test_python_becomes_cells_and_all_else_stays_text(repository: Path) -> None:
    found = cells(repository, {})
    code = [one["text"] for one in found if one["type"] == "code"]
    text = "\n".join(one["text"] for one in found if one["type"] == "markdown")
    assert "area(2.0)" in code
    assert not any("what to write" in one for one in code)
    for part in ("$\\pi r^2$", "def area(radius)   # what to write", "```console\nmake test\n```"):
        assert part in text


def test_a_formula_is_written_as_notebooks_read_it(repository: Path) -> None:
    text = "\n".join(one["text"] for one in cells(repository, {}))
    assert "$$\n\\pi = 3.14\n$$" in text
    assert "```math" not in text


def test_a_cell_sets_the_workspace_up_as_the_assignment_says(repository: Path) -> None:
    [set_up] = [one["text"] for one in cells(repository, {}) if "make setup" in one["text"]]
    assert "sys.path[:0] = ['hw0', 'build/lib']" in set_up
    assert "tar xzf hw0.tar.gz" in set_up
    plain = "\n".join(line.replace("!", "#").replace("%", "#") for line in set_up.splitlines() if line)
    ast.parse(plain.replace("    #mkdir", "    pass  #"))


def test_a_picture_travels_inside_and_one_that_is_not_there_stays_a_link(repository: Path) -> None:
    text = "\n".join(one["text"] for one in cells(repository, {"disc.svg": b"<svg/>"}))
    assert "![a disc](data:image/svg+xml;base64,PHN2Zy8+)" in text
    assert "![another](missing.svg)" in text
