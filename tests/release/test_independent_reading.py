"""Read releases with other eyes than the tool's own: `ast`, clang, ruff; this course and the small one."""

import ast
import io
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import clang.cindex
import pytest

from grader.course.assignment import Assignment
from grader.course.policy import Course
from grader.release.archive import pack, wheel_file, write_archive
from grader.release.content import release_files
from grader.release.project import project_files
from grader.release.sources import Sources
from grader.release.stubs import Stubs

RUN = 20  # tokens of a solution in a row that no other file may hold
FAST = ("src/cpu_fast", "src/cuda_fast")  # the reference's own
LONG = 60  # characters of a line that two files don't share by chance
CPP = (".cc", ".cpp", ".cu", ".cuh", ".h")
FUNCTIONS = {"FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR", "DESTRUCTOR", "FUNCTION_TEMPLATE"}
CLANG = {
    True: [
        "-x",
        "cuda",
        "--cuda-host-only",
        "-nocudainc",
        "-nocudalib",
        "-D__global__=__attribute__((global))",
    ],
    False: ["-x", "c++"],
}
DEVICE = [
    "-D__device__=__attribute__((device))",
    "-D__host__=__attribute__((host))",
    "-D__shared__=__attribute__((shared))",
    "-D__launch_bounds__(threads)=__attribute__((launch_bounds(threads)))",
    "-D__forceinline__=inline",
]


@dataclass(frozen=True)
class Reading:
    """What one file of the reference and its released twin say."""

    solved: str
    released: str
    questions: dict[str, str]  # symbol -> the marker's text
    omitted: set[str]
    cuda: bool


@pytest.fixture(params=["this course", "the small course"])
def any_course(request: pytest.FixtureRequest, repository: Path) -> Course:
    return Course(repository if request.param == "this course" else request.getfixturevalue("root"))


@cache
def release_of(root: Path, homework: str) -> dict[str, bytes]:
    """Return a release's files. It is read by several tests, and takes seconds to make."""
    course = Course(root)
    return release_files(course, course.assignment(homework))


def readings(course: Course, suffixes: tuple[str, ...]) -> Iterator[Reading]:
    for assignment in course.assignments:
        files = release_of(course.root, assignment.id)
        for path in assignment.definition.adds:
            if path.endswith(suffixes):
                solved, released = course.source_of(path).read_text(), files[path].decode()
                omitted = {assignment.symbol(name) for name in assignment.definition.omit}
                names = {one.name for one in omitted if one.file == path}
                yield Reading(
                    solved, released, markers(assignment, path), names, path.endswith((".cu", ".cuh"))
                )


def markers(assignment: Assignment, path: str) -> dict[str, str]:
    return {
        symbol.name: f"not started: {assignment.id}/{question.id}"
        for question in assignment.questions
        for symbol in assignment.symbols(question)
        if symbol.file == path
    }


# Python, read with ast.


def functions(
    tree: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
        name = f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else prefix
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from functions(node, name)


def marker_of(name: str, questions: dict[str, str]) -> str | None:
    """Return the marker that a function should raise: its own, or that of its class."""
    return next((said for symbol, said in questions.items() if f"{name}.".startswith(f"{symbol}.")), None)


def body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


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


def statements(tree: ast.Module, owner: str = "") -> Iterator[tuple[str, ast.stmt, list[ast.stmt]]]:
    """Yield what a module and its classes define: the name, the node, and the nodes beside it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield owner + node.name, node, tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield owner + node.targets[0].id, node, tree.body
        if isinstance(node, ast.ClassDef):
            yield from statements(ast.Module(node.body, []), f"{owner}{node.name}.")


def lines_of(node: ast.stmt, source: list[str]) -> set[int]:
    """Return a definition's lines, with decorators and the comments right above."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    while first > 1 and source[first - 2].lstrip().startswith("#"):
        first -= 1
    return set(range(first, (node.end_lineno or first) + 1))


def gone(reading: Reading) -> dict[str, ast.stmt]:
    """Return the definitions that the release lacks."""
    kept = {name for name, _, _ in statements(ast.parse(reading.released))}
    return {name: node for name, node, _ in statements(ast.parse(reading.solved)) if name not in kept}


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


def test_with_everything_solved_the_files_are_the_references(any_course: Course) -> None:
    for assignment in any_course.assignments:
        files = release_files(any_course, assignment, {question.id for question in assignment.questions})
        for path in assignment.definition.adds:
            assert files[path] == any_course.source_of(path).read_bytes()


# C++ and CUDA, read with clang.


def cpp_bodies(source: str, cuda: bool) -> dict[str, list[tuple[int, int, int]]]:
    """Return for each function, by its qualified name, where it starts, where its body starts and ends."""
    blank = re.sub(r"^#include.*$", lambda line: " " * len(line[0]), source, flags=re.MULTILINE)
    assert blank.isascii(), "clang counts bytes"
    name = "x.cu" if cuda else "x.cpp"
    arguments = [*CLANG[cuda], *DEVICE, "-std=c++17", "-nostdinc", "-Dsize_t=unsigned long"]
    unit = clang.cindex.Index.create().parse(name, args=arguments, unsaved_files=[(name, blank)])
    found: dict[str, list[tuple[int, int, int]]] = {}
    for cursor in unit.cursor.walk_preorder():
        if cursor.kind.name in FUNCTIONS and cursor.is_definition():
            inner = [child.extent for child in cursor.get_children() if child.kind.name == "COMPOUND_STMT"]
            place = (cursor.extent.start.offset, inner[-1].start.offset, inner[-1].end.offset)
            found.setdefault(qualified(cursor), []).append(place)
    return found


def qualified(cursor: clang.cindex.Cursor) -> str:
    owner = cursor.semantic_parent
    inside = owner is not None and owner.kind.name != "TRANSLATION_UNIT"
    return f"{qualified(owner)}::{cursor.spelling}" if inside else str(cursor.spelling)


def without_bodies(reading: Reading, source: str) -> list[str]:
    """Return the lines of a file in which each symbol's body is {}, without blank ones."""
    places = cpp_bodies(source, reading.cuda)
    bodies = sorted((place for name in reading.questions for place in places[name]), reverse=True)
    for _, start, end in bodies:
        source = f"{source[:start]}{{}}{source[end:]}"
    return [line for line in source.splitlines() if line.strip()]


def test_each_cpp_symbol_is_a_stub_with_its_signature(any_course: Course) -> None:
    for reading in readings(any_course, CPP):
        before, after = (cpp_bodies(text, reading.cuda) for text in (reading.solved, reading.released))
        for name, marker in reading.questions.items():
            assert len(before[name]) == len(after[name]) > 0
            for old, new in zip(before[name], after[name], strict=True):
                signature = reading.released[new[0] : new[1]]
                assert signature == reading.solved[old[0] : old[1]]
                on_device = re.search(r"__global__|__device__", signature)
                stub = "{}" if on_device else f'{{ throw std::logic_error("{marker}"); }}'
                assert " ".join(reading.released[new[1] : new[2]].split()) == stub


def test_nothing_else_of_a_cpp_file_differs_but_what_only_the_solution_used(any_course: Course) -> None:
    for reading in readings(any_course, CPP):
        before, after = (without_bodies(reading, text) for text in (reading.solved, reading.released))
        assert "#include <stdexcept>" in after
        left = iter(before)
        given = [line for line in after if line != "#include <stdexcept>" or line in before]
        assert all(line in left for line in given)  # consumes: the order must be the same, too
        kept = cpp_bodies(reading.released, reading.cuda)
        code = re.sub(r"//.*", "", reading.released)
        for name in cpp_bodies(reading.solved, reading.cuda).keys() - kept.keys():
            assert not re.search(rf"\b{name.rpartition('::')[2]}\b", code)


# The archive, as a stranger opens it.


def tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text)


def runs(text: str) -> set[tuple[str, ...]]:
    found = tokens(text)
    return {tuple(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}


def secrets(reading: Reading, python: bool) -> Iterator[str]:
    """Yield the text of every body that the release must not show, and of what went with it."""
    if python:
        lines = reading.solved.splitlines()
        for name, node in functions(ast.parse(reading.solved)):
            if marker_of(name, reading.questions):
                yield "\n".join(lines[body(node)[0].lineno - 1 : node.end_lineno])
        for node in gone(reading).values():
            yield "\n".join(lines[at - 1] for at in sorted(lines_of(node, lines)))
    else:
        places = cpp_bodies(reading.solved, reading.cuda)
        lost = places.keys() - cpp_bodies(reading.released, reading.cuda).keys()
        for name in {*reading.questions, *lost}:
            yield from (reading.solved[start:end] for _, start, end in places[name])


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file of an archive, and of the wheel in it."""
    with tarfile.open(archive) as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            data = file.read()
            yield member.name, data
            if member.name.endswith(".whl"):
                with zipfile.ZipFile(io.BytesIO(data)) as wheel:
                    yield from ((f"{member.name}/{name}", wheel.read(name)) for name in wheel.namelist())


def test_an_opened_archive_holds_nothing_of_a_solution(any_course: Course, tmp_path: Path) -> None:
    for assignment in any_course.assignments:
        files = release_of(any_course.root, assignment.id) | wheel_file(any_course)
        files = dict(unpacked(pack(files, tmp_path / f"{assignment.id}.tar.gz")))
        assert all(path.startswith("needle-course/") for path in files)
        assert not [path for path in files if path.endswith((".pyc", ".so")) or "/labels/" in path]
        assert not [path for path in files if "reference" in path]
        texts = {path: runs(data.decode("utf-8", "replace")) for path, data in files.items()}
        for suffixes, python in (((".py",), True), (CPP, False)):
            for reading in readings(any_course, suffixes):
                hidden = list(secrets(reading, python))
                secret = {run for text in hidden for run in runs(text)} - runs(reading.released)
                for path, found in texts.items():
                    assert secret & found == set(), f"{path} shows a solution"
                for comment in re.findall(r"(?:#|//) (.{12,})", "\n".join(hidden)):
                    assert not [path for path, data in files.items() if comment.encode() in data]


def test_the_wheel_holds_all_of_the_grader_and_nothing_of_the_course(
    repository: Path, tmp_path: Path
) -> None:
    course = Course(repository)
    archive = write_archive(course, course.assignments[0], tmp_path / "first.tar.gz")
    inside = {path: data for path, data in unpacked(archive) if ".whl/" in path}
    assert {path.partition(".whl/")[2].split("/")[0].partition("-")[0] for path in inside} == {
        "grader",
        "needle_grader",
    }
    solved = {file.read_bytes() for file in (repository / "reference").rglob("*.py") if file.stat().st_size}
    assert not solved & set(inside.values())
    grader = [file for suffix in ("py", "html") for file in (repository / "grader").rglob(f"*.{suffix}")]
    modules = {file.relative_to(repository).as_posix() for file in grader if "build" not in file.parts}
    assert modules <= {path.partition(".whl/")[2] for path in inside}, (
        "name each room in grader/pyproject.toml"
    )


def test_the_fast_kernels_are_in_no_release(repository: Path) -> None:
    course = Course(repository)
    for assignment in course.assignments:
        files = release_of(course.root, assignment.id)
        assert not [path for path in files if path.startswith(FAST)]
        shown = {path: data.decode("utf-8", "replace") for path, data in files.items() if path.endswith(CPP)}
        for source in (file for folder in FAST for file in (repository / folder).rglob("*")):
            secret = {line for line in source.read_text().splitlines() if len(line) > LONG}
            assert not [path for path, text in shown.items() if secret & set(text.splitlines())], source


# starter/, as it is committed.


def test_starter_is_what_a_release_gives_now(repository: Path) -> None:
    course = Course(repository)
    starter = repository / "starter"
    there = {path.name for path in starter.iterdir()} - {"wheels"}
    releases = {assignment.id: release_of(course.root, assignment.id) for assignment in course.assignments}
    releases["project"] = project_files(course)
    assert there == releases.keys()
    for name, expected in releases.items():
        folder = starter / name
        files = [file for file in folder.rglob("*") if file.is_file()]
        found = {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
        different = {path for path in found.keys() | expected.keys() if found.get(path) != expected.get(path)}
        assert not different, f"starter/{name} is not current. Run: make release"


def test_git_ignores_no_file_of_starter_but_the_wheel(repository: Path) -> None:
    starter = repository / "starter"
    there = [file for file in starter.rglob("*") if file.is_file()]
    files = [str(file) for file in there if file.relative_to(starter).parts[0] != "wheels"]
    command = ["git", "check-ignore", "--no-index", *files]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert run.stdout == ""
