"""Python files of a release, read with `ast` and ruff and not with the tool's own eyes."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from python_readings import body, functions, gone, lines_of, marker_of
from release_readings import Reading, readings

from grader.course.assignment import Assignment
from grader.course.policy import Course
from grader.release.sources import Sources
from grader.release.stubs import Stubs


def outside(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    parts = [node.args, *node.decorator_list, *([node.returns] if node.returns else [])]
    return [type(node).__name__, str(ast.get_docstring(node, clean=False)), *map(ast.dump, parts)]


def test_each_python_symbol_is_a_stub_with_its_signature_and_docstring(any_course: Course) -> None:
    for reading in readings(any_course, (".py",)):
        before = dict(functions(ast.parse(reading.solved)))
        after = dict(functions(ast.parse(reading.released)))
        found = {name: said for name in after if (said := marker_of(name, reading.questions))}
        assert set(found.values()) == set(reading.questions.values())
        for name, marker in found.items():
            assert [ast.unparse(one) for one in body(after[name])] == [
                f"raise NotImplementedError({marker!r})"
            ]
            assert outside(after[name]) == outside(before[name])


def expected_lines(reading: Reading) -> list[str]:
    """Return the reference's lines with stubs, and without what is gone, imports and blank lines."""
    lines = reading.solved.splitlines()
    tree = ast.parse(reading.solved)
    dropped = {at for node in gone(reading).values() for at in lines_of(node, lines)} | import_lines(tree)
    stubs: dict[int, str] = {}
    for name, node in functions(tree):
        marker = marker_of(name, reading.questions)
        if marker and name not in gone(reading):
            first = node.body[0].end_lineno or 0 if ast.get_docstring(node) is not None else header_end(node)
            last = node.end_lineno or first
            while last < len(lines) and lines[last].startswith(" " * (node.col_offset + 1)):
                last += 1  # comments at the end of the body
            stubs[first] = " " * (node.col_offset + 4) + f'raise NotImplementedError("{marker}")'
            dropped |= set(range(first + 1, last + 1))
    kept: list[str] = []
    for at, line in enumerate(lines, 1):
        if at not in dropped and line.strip():
            kept.append(line)
        if at in stubs:
            kept.append(stubs[at])
    return kept


def header_end(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the last line of a signature: comments between it and the body belong to the body."""
    annotated = [node.args, node.returns] if node.returns else [node.args]
    ends = [part.end_lineno for top in annotated for part in ast.walk(top) if hasattr(part, "end_lineno")]
    return max([node.lineno, *filter(None, ends)])


def import_lines(tree: ast.AST) -> set[int]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {at for node in nodes for at in range(node.lineno, (node.end_lineno or 0) + 1)}


def test_nothing_else_of_a_python_file_differs_but_what_only_the_solution_used(any_course: Course) -> None:
    for reading in readings(any_course, (".py",)):
        imports = import_lines(ast.parse(reading.released))
        lines = reading.released.splitlines()
        assert [
            one for at, one in enumerate(lines, 1) if at not in imports and one.strip()
        ] == expected_lines(reading)
        words = set(re.findall(r"\w+", reading.released))
        for name in gone(reading):
            last = name.rpartition(".")[2]
            assert last not in words, f"{name} is gone and still named"
            assert name in reading.omitted or last.startswith("_"), f"{name} is public and gone"


def test_a_release_imports_what_it_uses_and_no_more_than_the_reference_did(any_course: Course) -> None:
    for reading in readings(any_course, (".py",)):
        before, after = (imported(ast.parse(text)) for text in (reading.solved, reading.released))
        assert after <= before
        assert undefined_or_unused(reading.released) <= undefined_or_unused(reading.solved)


def imported(tree: ast.AST) -> set[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {f"{getattr(node, 'module', '')} {one.name} {one.asname}" for node in nodes for one in node.names}


def undefined_or_unused(source: str) -> set[str]:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F401,F821",
        "--output-format",
        "concise",
    ]
    run = subprocess.run([*command, "-"], input=source, capture_output=True, text=True)
    return {line.partition(": ")[2] for line in run.stdout.splitlines() if line.startswith("-:")}


def test_each_question_alone_can_be_solved_without_a_name_missing(any_course: Course, tmp_path: Path) -> None:
    sources = Sources(any_course)
    for assignment in any_course.assignments:
        for solved in one_of_each_module(assignment):
            results = Stubs(any_course, assignment, sources, set(solved.values())).results
            for path, question in solved.items():
                if path in results:
                    name = f"{assignment.id}_{question}_{Path(path).name}"
                    (tmp_path / name).write_text(results[path].text)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def one_of_each_module(assignment: Assignment) -> Iterator[dict[str, str]]:
    """Yield choices of a question a module, until each was chosen: what is solved elsewhere changes none."""
    symbols = {question.id: assignment.symbols(question) for question in assignment.questions}
    modules = {name: {one.file for one in some if one.file.endswith(".py")} for name, some in symbols.items()}
    left = [(name, files) for name, files in modules.items() if files]
    while left:
        chosen: dict[str, str] = {}
        for question, files in list(left):
            if not files & chosen.keys():
                chosen |= dict.fromkeys(files, question)
                left.remove((question, files))
        yield chosen
