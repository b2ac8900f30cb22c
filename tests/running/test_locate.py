"""What is the student's own, where an error happened, where symbols are defined, and whose a line is."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.assignment import Symbol, load_assignment
from grader.running import locate

CPP = """#include <vector>
#define OPEN { // not a brace
namespace needle {
namespace cpu {

/* void Compact(int) { */
struct Array { explicit Array(int n) : data(n) {} std::vector<int> data; };

void Compact(const Array& a);  // only declared

template <typename T>
void Fill(T* out) { out[0] = T{}; }

void Compact(const Array& a)
{
  const char* text = "}{";
  char brace = '{';
  if (a.data.empty()) { return; }
}
}  // namespace cpu
}  // namespace needle
__global__ void __launch_bounds__(256) Kernel(float* out) {
  out[0] = 1;
}
extern "C" { int plain() { return 1; } }
"""


def found(folder: Path, file: str, text: str, name: str) -> tuple[int, int] | None:
    (folder / file).write_text(text)
    extent = locate.find(folder, Symbol(file, name))
    return (extent.first, extent.last) if extent else None


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("needle::cpu::Compact", (14, 19)),
        ("needle::cpu::Fill", (11, 12)),
        ("needle::cpu::Array::Array", (7, 7)),
        ("Kernel", (22, 24)),
        ("plain", (25, 25)),
        ("needle::cpu::Missing", None),
    ],
)
def test_a_cpp_definition_is_found_by_its_namespace_path(
    tmp_path: Path, name: str, lines: tuple[int, int] | None
) -> None:
    assert found(tmp_path, "a.cu", CPP, name) == lines


@pytest.mark.parametrize(
    ("body", "last"),
    [("  if (x) {\n", 3), ("  x; }\n  y;\n", 4), ("  if (x) {\n    y;\n  }\n", 5)],
    ids=["one too few", "one too many", "as many as there must be"],
)
def test_a_function_whose_braces_do_not_match_ends_where_it_stands_to_be_closed(
    tmp_path: Path, body: str, last: int
) -> None:
    text = f"namespace n {{\nvoid f() {{\n{body}}}\n\nint g() {{ return 1; }}\n}}\n"
    assert found(tmp_path, "a.cc", text, "n::f") == (2, last + 1)
    assert found(tmp_path, "a.cc", text, "n::g") == (last + 3, last + 3)
    assert found(tmp_path, "a.cc", text.replace(f"\n{body}}}", f"\n{body}"), "n::f") is not None


def test_a_function_that_is_never_closed_ends_with_the_file(tmp_path: Path) -> None:
    assert found(tmp_path, "a.cc", "void f() {\n  if (x) {\n\nint y;\n", "f") == (1, 5)


def test_a_python_method_is_found_by_its_qualified_name_and_by_name_in_a_broken_file(tmp_path: Path) -> None:
    source = "class Op:\n    def compute(self):\n        pass\n"
    source += "class Log(Op):\n    @wrapped\n    def compute(self):\n"
    whole = source + "        return 1\n"
    assert found(tmp_path, "a.py", whole, "Log.compute") == (6, 7)
    assert found(tmp_path, "a.py", "def f(:\n\nasync def g():\n", "g") == (3, 3)
    assert locate.find(tmp_path, Symbol("missing.py", "f")) is None


NOISE = [
    "// } {\n", "/* {{ } */\n", 'const char* s = "{}}";\n', "#define X }}\n", "int a[] = {1, 2};\n",
]  # fmt: skip
noise = st.lists(st.sampled_from(NOISE))


@settings(derandomize=True, deadline=None, database=None, max_examples=40)
@given(before=noise, inside=noise, after=noise)
def test_braces_in_comments_strings_and_initializers_do_not_count(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], inside: list[str], after: list[str]
) -> None:
    text = "".join([*before, "int f() {\n", *inside, "}\n", *after])
    first = len(before) + 1
    assert found(tmp_path_factory.getbasetemp(), "noise.cc", text, "f") == (first, first + len(inside) + 1)


def test_a_line_belongs_to_the_question_around_it_or_to_the_last_before_it(
    tmp_path: Path, make_workspace
) -> None:
    source = "import x\ndef one(a):\n    return a\n\n\ndef two(a):\n    return a\n"
    root = make_workspace(tmp_path / "mine", source, {"one": "", "two": ""})
    assignment = load_assignment(root / "assignments" / "hw0")
    owners = [locate.question_at(root, assignment, "hw0/work.py", line) for line in (1, 3, 4, 6, 90)]
    assert [owner.id if owner else None for owner in owners] == [None, "one", "one", "two", "two"]
    assert locate.question_at(root, assignment, "hw0/other.py", 1) is None


def test_the_place_is_the_innermost_line_of_the_students_own(tmp_path: Path) -> None:
    stack = "\n".join(
        [
            "Fatal Python error: Segmentation fault",
            '  File "<frozen runpy>", line 88 in _run',
            '  File "/usr/lib/python3/ctypes.py", line 5 in string_at',
            f'  File "{tmp_path}/.venv/lib/site-packages/numpy/core.py", line 4 in f',
            f'  File "{tmp_path}/hw0/work.py", line 31 in crash',
            f'  File "{tmp_path}/assignments/hw0/tests/test_crash.py", line 7 in test_a',
        ]
    )
    assert locate.place_in_stack(stack, tmp_path) == "hw0/work.py:31"
    assert locate.place_in_stack(stack.replace("hw0/work.py", ".venv/work.py"), tmp_path) == (
        "assignments/hw0/tests/test_crash.py:7"
    )
    assert locate.place_in_stack('  File "<frozen runpy>", line 88 in _run', tmp_path) == ""


def test_what_is_installed_inside_a_workspace_is_not_the_students_own(tmp_path: Path) -> None:
    assert locate.own_file(tmp_path, "src/work.cpp") == "src/work.cpp"
    assert locate.own_file(tmp_path, str(tmp_path / "src" / ".." / "hw0" / "work.py")) == "hw0/work.py"
    for other in (".venv/include/cast.h", "env/lib/site-packages/numpy/core.py", "../other.py", "/usr/x.h"):
        assert locate.own_file(tmp_path, other) is None
