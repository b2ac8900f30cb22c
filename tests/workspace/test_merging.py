"""Solutions merged into files: every question's into the stubs, and into what students made of theirs."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.course.assignment import Assignment
from grader.course.policy import Course
from grader.course.solution import Needed, Solution, SolvedFile, SolvedFunction
from grader.errors import WorkspaceError
from grader.release.solutions import solutions
from grader.running.locate import cpp_definitions
from grader.running.python_names import named_functions
from grader.workspace.merging import merged

ROOT = Path(__file__).resolve().parents[2]
COURSE = Course(ROOT)


def given_solutions(assignment: Assignment) -> dict[str, Solution]:
    return solutions(COURSE, assignment, ROOT / "starter" / assignment.id)


def all_merged(assignment: Assignment) -> dict[str, bytes]:
    """Return an assignment's stubs with one question after the other merged into them."""
    files: dict[str, bytes] = {}
    for solution in given_solutions(assignment).values():
        for path, solved in solution.files.items():
            before = files.get(path) or (ROOT / "starter" / assignment.id / path).read_bytes()
            files[path] = merged(path, before, solved)
    return files


def bodies(path: str, text: str) -> dict[str, str]:
    if path.endswith(".py"):
        return {f"{name} {at}": ast.dump(one) for name, at, one in named_functions(ast.parse(text))}
    return {f"{one.name} {at}": text[slice(*one.body)] for at, one in enumerate(cpp_definitions(text))}


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda one: one.id)
def test_every_question_merged_into_the_stubs_gives_the_references_functions(assignment: Assignment) -> None:
    for path, data in all_merged(assignment).items():
        reference = COURSE.source_of(path).read_text(encoding="utf-8")
        found, expected = bodies(path, data.decode()), bodies(path, reference)
        if path.endswith(".py"):
            assert found == expected, path
        else:
            assert set(found.values()) == set(expected.values()), path


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda one: one.id)
def test_one_question_merged_alone_leaves_a_whole_file_and_merging_it_again_changes_nothing(
    assignment: Assignment,
) -> None:
    for question, solution in given_solutions(assignment).items():
        for path, solved in solution.files.items():
            stubs = (ROOT / "starter" / assignment.id / path).read_bytes()
            once = merged(path, stubs, solved)
            assert once != stubs, question
            assert merged(path, once, solved) == once, question
            assert f'not started: {assignment.id}/{question}"'.encode() not in once


def test_each_question_of_the_cpu_backend_compiles_on_its_own(tmp_path: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    path, stubs = "src/ndarray_backend_cpu.cc", ROOT / "starter" / "hw3"
    for question, solution in given_solutions(COURSE.assignment("hw3")).items():
        if path in solution.files:
            file = tmp_path / f"{question}.cc"
            file.write_bytes(merged(path, (stubs / path).read_bytes(), solution.files[path]))
            command = [compiler, "-std=c++17", "-fsyntax-only", f"-I{stubs / 'src'}", str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (question, done.stderr)


def solved(text: str, name: str = "f", **more: list[Needed]) -> SolvedFile:
    return SolvedFile(functions=[SolvedFunction(name=name, text=text)], **more)


def merge(text: str, solution: SolvedFile, path: str = "a.py") -> str:
    return merged(path, text.encode(), solution).decode()


F = 'def f(x):\n    """Say f."""\n    y = """a\n    b"""\n    return y'


def test_only_the_body_changes_and_the_rest_stays_byte_for_byte() -> None:
    mine = (
        "# mine\nimport  os\n\n\ndef f(x, *, more = 1) :  # header\n\n    '''Mine.'''\n\n"
        "    # an idea\n    return  x\n    # after\n\n\nz  = 3\t\n"
    )
    assert merge(mine, solved(F)) == (
        "# mine\nimport  os\n\n\ndef f(x, *, more = 1) :  # header\n\n    '''Mine.'''\n"
        '    y = """a\n    b"""\n    return y\n    # after\n\n\nz  = 3\t\n'
    )


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        ("def f(x): return x\n", f"{F}\n"),
        ("def f(x):\n  return x\n", 'def f(x):\n  y = """a\n    b"""\n  return y\n'),
        ("def f(x):\n\treturn x\n", 'def f(x):\n\ty = """a\n    b"""\n\treturn y\n'),
        (
            "def f(\n    x,\n):\n    # hm\n    pass",
            'def f(\n    x,\n):\n    y = """a\n    b"""\n    return y',
        ),
        (
            "if 1:\n    def f(x):\n        pass\n",
            'if 1:\n    def f(x):\n        y = """a\n    b"""\n        return y\n',
        ),
        ("def f(x):\r\n    pass\r\n", 'def f(x):\r\n    y = """a\r\n    b"""\r\n    return y\r\n'),
        ("\ufeffdef f(x):\n    pass\n", '\ufeffdef f(x):\n    y = """a\n    b"""\n    return y\n'),
    ],
)
def test_a_body_takes_the_indent_and_the_line_ends_of_the_file(mine: str, expected: str) -> None:
    assert merge(mine, solved(F)) == expected


def test_a_function_that_can_not_be_parsed_is_replaced_when_it_is_the_one() -> None:
    head, tail = (
        'class A:\n    def f(self):\n        """Doc."""\n',
        "\n\n    def g(self):\n        return 1\n",
    )
    broken = f"{head}        return ({tail}"
    found = merge(broken, solved("    def f(self):\n        return 2", "A.f"))
    assert found == f"{head}        return 2{tail}"


def test_a_file_that_is_broken_elsewhere_is_refused_with_its_line() -> None:
    with pytest.raises(WorkspaceError, match=r"a\.py:5: this can't be read as Python .* nothing was changed"):
        merge("def f(x):\n    pass\n\n\ndef g(:\n    pass\n", solved(F))


def test_a_function_that_is_gone_is_refused_by_name() -> None:
    with pytest.raises(WorkspaceError, match="there is no f for the reference's body"):
        merge("def g():\n    pass\n", solved(F))
    with pytest.raises(WorkspaceError, match="there is no n::F for the reference's body"):
        merge("int G() { return 1; }\n", solved("int F() { return 2; }", "n::F"), "a.cc")


def test_a_students_own_helper_of_the_same_name_survives_beside_the_references() -> None:
    mine = "def _helper(x):\n    return 'mine'\n\n\ndef f(x):\n    return None\n"
    mine += "\n\ndef g(x):\n    return _helper(x)\n"
    helper = Needed(name="_helper", text="def _helper(x):\n    return 'reference'")
    solution = solved("def f(x):\n    return _helper(x)", helpers=[helper])
    found = merge(mine, solution)
    names: dict[str, object] = {}
    exec(found, names)
    assert names["f"](1) == "reference"  # type: ignore[operator]
    assert names["g"](1) == "mine"  # type: ignore[operator]
    assert merge(found, solution) == found


def test_an_import_that_the_student_has_under_another_meaning_gets_another_name() -> None:
    solution = solved(
        "def f(x):\n    return floor(x)", imports=[Needed(name="floor", text="from math import floor")]
    )
    found = merge("import os\n\nfloor = 'mine'\n\n\ndef f(x):\n    pass\n", solution)
    assert "from math import floor as floor_reference" in found
    assert "return floor_reference(x)" in found
    there = merge("from math import ceil, floor\n\n\ndef f(x):\n    pass\n", solution)
    assert there == "from math import ceil, floor\n\n\ndef f(x):\n    return floor(x)\n"


def test_a_helper_method_goes_into_its_class() -> None:
    helper = Needed(name="_part", text="    def _part(self):\n        return 3", owner="A")
    solution = solved("    def f(self):\n        return self._part()", "A.f", helpers=[helper])
    names: dict[str, object] = {}
    exec(merge("class A:\n  def f(self):\n    pass\n\n  def g(self):\n    return 1\n", solution), names)
    assert names["A"]().f() == 3  # type: ignore[operator]


CPP = """// Mine.
#include "a.h"

namespace n {

static int Twice(int x) { return x + x; }  // my own

// Say F.
int F(int x) {
  throw 1; // {
}

}  // namespace n
"""


def test_a_cpp_body_is_replaced_and_helpers_stand_above_it() -> None:
    helper = Needed(name="n::Twice", text="int Twice(int x) { return 2 * x; }", before="n::F")
    found = merge(
        CPP,
        solved(
            "int F(int x) {\n  return Twice(x);\n}",
            "n::F",
            helpers=[helper],
            imports=[Needed(name="<cmath>", text="#include <cmath>")],
        ),
        "a.cc",
    )
    assert "static int Twice(int x) { return x + x; }  // my own\n" in found
    above = "int TwiceReference(int x) { return 2 * x; }\n\n// Say F.\n"
    assert f"{above}int F(int x) {{\n  return TwiceReference(x);\n}}" in found
    assert '#include "a.h"\n#include <cmath>\n' in found


def test_solutions_name_every_symbol_of_the_course() -> None:
    found = {
        f"{assignment.id}/{question}/{path}/{one.name}"
        for assignment in COURSE.assignments
        for question, solution in given_solutions(assignment).items()
        for path, file in solution.files.items()
        for one in file.functions
    }
    for assignment in COURSE.assignments:
        for question in assignment.questions:
            for symbol in assignment.symbols(question):
                start = f"{assignment.id}/{question.id}/{symbol.file}/{symbol.name}"
                assert any(one == start or one.startswith(f"{start}.") for one in found), start
