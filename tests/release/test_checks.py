"""What a release is refused for, with file and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.policy import Course
from grader.errors import GraderError, ReleaseRefused
from grader.release.content import release_files

Edit = Callable[[str, str, str], None]
YAML = "assignments/hw1/assignment.yaml"


def refusal(root: Path, name: str = "hw1") -> str:
    with pytest.raises(ReleaseRefused) as caught:
        release_files(course := Course(root), course.assignment(name))
    return str(caught.value)


def test_a_symbol_that_does_not_exist_is_refused_at_its_line(root: Path, edit: Edit) -> None:
    edit(YAML, "[lib.core.area]", "[lib.core.aera]")
    said = "lib/core.py defines no aera. Expected a name that it does."
    assert refusal(root) == f"{YAML}:8: questions[0].implement[0]: reference/{said}"


def test_a_cpp_symbol_that_does_not_exist_is_refused_at_its_line(root: Path, edit: Edit) -> None:
    edit(YAML, "tiny::SquareAll", "tiny::CubeAll")
    said = "src/tiny.cu defines no tiny::CubeAll. Expected a name that it does."
    assert refusal(root) == f"{YAML}:16: questions[2].implement[1]: {said}"


def test_an_omitted_name_that_does_not_exist_is_refused_at_its_line(root: Path, edit: Edit) -> None:
    edit(YAML, "[lib.core._visit]", "[lib.core._visit, lib.core._gone]")
    assert refusal(root).startswith(f"{YAML}:6: omit[1]: reference/lib/core.py defines no _gone.")


def test_an_omitted_name_outside_the_added_files_is_refused_at_its_line(root: Path, edit: Edit) -> None:
    edit(YAML, "[lib.core._visit]", "[lib.elsewhere._visit]")
    assert refusal(root).startswith(f"{YAML}:6: omit[0]: 'lib.elsewhere._visit' lies in no file under adds.")


@pytest.mark.parametrize("symbol", ["lib.core.area", "lib.core.Value.depth", "lib.core.Value"])
def test_a_symbol_of_two_questions_is_refused_at_the_second(root: Path, edit: Edit, symbol: str) -> None:
    edit(YAML, "lib.core.trace]", f"lib.core.trace, {symbol}]")
    text = refusal(root)
    assert text.startswith(f"{YAML}:12: questions[1].implement[3]: lib/core.py::")
    assert text.endswith("already. Expected each symbol in one question.")


def test_a_requirement_that_pip_cannot_read_is_refused_at_its_line(root: Path, edit: Edit) -> None:
    edit("assignments/hw2/assignment.yaml", "hypothesis]", "hypothesis =>6]")
    text = refusal(root, "hw2")
    assert text.endswith("pip can't read 'hypothesis =>6'. Expected a package, such as numpy>=1.24.")
    assert ": requirements[1]: " in text


def test_a_test_that_is_not_utf8_is_refused_by_name(root: Path) -> None:
    (file,) = (root / "assignments/hw2/tests").glob("test_*.py")
    file.write_bytes(b"# caf\xe9\n")
    assert f"{file.relative_to(root)}: this is not UTF-8 text. Save it as such." in refusal(root, "hw2")


def test_a_file_with_stubs_that_an_earlier_assignment_released_is_refused(root: Path, edit: Edit) -> None:
    edit("assignments/hw2/assignment.yaml", "[lib/later.py]", "[lib/later.py, lib/core.py]")
    said = "lib/core.py was released by hw1. It is the student's: name a new file."
    assert refusal(root, "hw2") == f"assignments/hw2/assignment.yaml:4: adds[1]: {said}"


def test_glue_that_is_a_file_with_stubs_is_refused(root: Path, edit: Edit) -> None:
    edit("assignments/hw2/assignment.yaml", "[lib/__init__.py]", "[lib/__init__.py, lib/core.py]")
    said = "lib/core.py was released with stubs by hw1. Expected glue without any."
    assert f"assignments/hw2/assignment.yaml:5: glue[1]: {said}" in refusal(root, "hw2")
    assert f"{YAML}:4: adds[0]: lib/core.py is glue of hw2, which may be replaced." in refusal(root)


@pytest.mark.parametrize(
    "line",
    ["import lib.later", "from lib import later", "from .later import Late", "from . import later, core"],
)
def test_an_import_of_an_unreleased_module_is_refused_at_its_line(root: Path, edit: Edit, line: str) -> None:
    edit("reference/lib/core.py", "import os\n", f"import os\n{line}\n")
    text = refusal(root)
    assert text.startswith("reference/lib/core.py:6: '")
    assert text.endswith("needs lib/later.py, which no assignment has released yet.")


def test_an_import_that_only_the_solution_used_goes_and_is_no_reason_to_refuse(
    root: Path, edit: Edit
) -> None:
    edit("reference/lib/core.py", "import os\n", "import os\nfrom lib.later import Late\n")
    edit("reference/lib/core.py", "    found = []\n", "    found = [] or Late(1)\n")
    files = release_files(course := Course(root), course.assignment("hw1"))
    assert b"later" not in files["lib/core.py"]


def test_a_test_that_imports_an_unreleased_module_is_refused_at_its_line(root: Path) -> None:
    (root / "assignments/hw1/tests/test_area.py").write_text("\n\nfrom lib.unreleased import x\n")
    assert refusal(root).startswith(
        "assignments/hw1/tests/test_area.py:3: 'from lib.unreleased import x' needs"
    )


def test_glue_that_is_a_script_is_refused_without_the_files_beside_it(root: Path, edit: Edit) -> None:
    (root / "data").mkdir()
    (root / "data/get.py").write_text("import os\nfrom fetch import fetch\n")
    (root / "data/fetch.py").write_text("def fetch(): ...\n")
    edit(YAML, "[lib/__init__.py]", "[lib/__init__.py, data/get.py]")
    said = "'from fetch import fetch' needs data/fetch.py, which is not released. List it under glue."
    assert refusal(root) == f"data/get.py:2: {said}"


def test_an_unreleased_header_is_refused_at_its_line(root: Path, edit: Edit) -> None:
    (root / "src/array.h").write_text("struct Array {};\n")
    edit("src/tiny.cu", "#include <cmath>\n", '#include "array.h"\n#include <cmath>\n')
    assert refusal(root) == "src/tiny.cu:2: array.h is included, and not released yet."


def test_an_omitted_name_that_remains_in_use_is_refused_at_the_use(root: Path, edit: Edit) -> None:
    edit("reference/lib/core.py", "    return math.pi * radius * 2\n", "    return _visit(radius, [])\n")
    said = "_visit is listed under omit, but what remains uses it here."
    assert refusal(root) == f"reference/lib/core.py:32: {said}"


@pytest.mark.parametrize("path", ["assignments/hw1/tests/test_area.py", "reference/lib/__init__.py"])
def test_an_omitted_name_that_another_file_imports_is_refused_there(root: Path, path: str) -> None:
    (root / path).write_text("import os\nfrom lib.core import Value, _visit\n")
    said = "_visit is listed under omit, but 'from lib.core import Value, _visit' needs it."
    assert refusal(root) == f"{path}:2: {said}"


def test_a_solution_in_another_file_of_the_release_is_refused_at_its_line(root: Path) -> None:
    body = "squared = radius*radius * scale * scale + _halved(radius) - _halved(radius)"
    body += "\nreturn math.pi * squared"
    (root / "assignments/hw1/README.md").write_text(f"# Area\n\nWrite:\n\n{body}\n")
    said = "the release still shows area of reference/lib/core.py:23."
    assert f"assignments/hw1/README.md:5: {said}" in refusal(root)


def test_a_solution_given_elsewhere_in_the_same_file_is_refused(root: Path, edit: Edit) -> None:
    path = "reference/lib/core.py"
    copy = "for parent in self.parents:\n            await parent.settle()\n        return self.data"
    edit(path, "    def _depth_of", f"    async def again(self):\n        {copy}\n\n    def _depth_of")
    assert "the release still shows settle of reference/lib/core.py:" in refusal(root)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "assignments/hw1/README.md",
            f"{YAML}:1: id: there is no handout, assignments/hw1/README.md. Write it.",
        ),
        (
            "reference/lib/core.py",
            f"{YAML}:4: adds[0]: there is no lib/core.py, neither under reference/ nor",
        ),
        ("reference/lib/__init__.py", f"{YAML}:5: glue[0]: there is no lib/__init__.py, neither under"),
    ],
)
def test_a_missing_file_is_refused_at_the_line_that_promises_it(root: Path, path: str, said: str) -> None:
    (root / path).unlink()
    assert refusal(root).startswith(said)


@pytest.mark.parametrize("path", ["tests/test_area.py", "cases/area.py"])
def test_a_missing_test_or_case_is_refused_by_name(course: Course, path: str) -> None:
    (course.root / "assignments/hw1" / path).unlink()
    with pytest.raises(
        ReleaseRefused, match=rf"assignment.yaml:8: questions\[0\].id: there is no .*{path}. Write"
    ):
        release_files(course, course.assignment("hw1"))


def test_python_that_does_not_parse_is_refused_at_its_line(root: Path, edit: Edit) -> None:
    edit("reference/lib/core.py", "    found = []\n", "    found = [\n")
    with pytest.raises(ReleaseRefused, match=r"reference/lib/core.py:\d+: .*Expected Python."):
        release_files(course := Course(root), course.assignment("hw1"))


def test_a_file_without_a_language_for_stubs_is_refused(root: Path, edit: Edit) -> None:
    (root / "src/tiny.rs").write_text("fn main() {}\n")
    edit(YAML, "[lib/core.py, src/tiny.cu]", "[lib/core.py, src/tiny.cu, src/tiny.rs]")
    edit(YAML, '"src/tiny.cu::tiny::SquareAll"', '"src/tiny.rs::main"')
    assert refusal(root).startswith("src/tiny.rs: no stub can be made here. Expected one of .py, .c,")


def test_an_unknown_question_to_solve_is_refused_with_the_known_ones(course: Course) -> None:
    with pytest.raises(GraderError, match="Its questions: area, value, kernel"):
        release_files(course, course.assignment("hw1"), {"volume"})


def test_an_unknown_dataset_is_refused_and_the_known_ones_are_named(root: Path, edit: Edit) -> None:
    (root / "datasets").mkdir(exist_ok=True)
    (root / "datasets/registry.yaml").write_text("mnist: {}\nptb: {}\n")
    edit("assignments/hw1/assignment.yaml", "title: First\n", "title: First\ndatasets: [mnits]\n")
    said = (
        r"assignment\.yaml:3: datasets\[0\]: 'mnits' is not in .*registry\.yaml\. Those there: mnist, ptb\."
    )
    with pytest.raises(ReleaseRefused, match=said):
        release_files(Course(root), Course(root).assignment("hw1"))
