"""What is graded comes from the workspace, from its source as it is now, and stubs do not go unnoticed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.assignment import load_assignment
from grader.running.importing import graded_names, sources, stub_in

Python = Callable[..., str]
Make = Callable[..., Path]

STUB = 'def add(x):\n    raise NotImplementedError("not started: hw0/add")\n'
ENTER = """
import sys
from pathlib import Path
from grader.running import importing
from grader.course.assignment import load_assignment
from grader.errors import ForeignModule
workspace = Path({workspace!r})
assignment = load_assignment(workspace / "assignments" / "hw0")
{before}
try:
    importing.enter(workspace, assignment)
    {after}
except ForeignModule as error:
    print("refused:", error)
"""


@pytest.fixture
def workspace(make_workspace: Make, tmp_path: Path) -> Path:
    return make_workspace(tmp_path / "mine", "def add(x): return 'mine'\n", {"add": ""})


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder with another module of the graded name, as an installed package would be."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "work.py").write_text("def add(x): return 'theirs'\n")
    return folder


def script(workspace: Path, after: str, before: str = "") -> str:
    return ENTER.format(workspace=str(workspace), before=before, after=after.replace("\n", "\n    "))


SHOW = "import work\nprint(work.add(1), Path(work.__file__).parent.name)"


def test_the_workspace_comes_before_an_installed_module(
    workspace: Path, elsewhere: Path, python: Python
) -> None:
    before = f"sys.path.insert(0, {str(elsewhere)!r})"
    assert python(script(workspace, SHOW, before)) == "mine hw0\n"


def test_an_editable_installs_finder_does_not_come_first(
    workspace: Path, elsewhere: Path, python: Python
) -> None:
    redirect = f"""
import importlib.util
class Redirect:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "work":
            return importlib.util.spec_from_file_location(name, {str(elsewhere / "work.py")!r})
sys.meta_path.insert(0, Redirect)"""
    assert python(script(workspace, SHOW, redirect)) == "mine hw0\n"
    (workspace / "hw0" / "work.py").unlink()
    said = python(script(workspace, SHOW, redirect))
    assert said.startswith(
        f"refused: work was imported from {elsewhere / 'work.py'}, not from your workspace"
    )


def test_a_module_that_only_an_installed_package_has_is_refused_with_its_place(
    workspace: Path, elsewhere: Path, python: Python
) -> None:
    (workspace / "hw0" / "work.py").unlink()
    said = python(script(workspace, SHOW, f"sys.path.insert(0, {str(elsewhere)!r})"))
    assert f"work was imported from {elsewhere / 'work.py'}" in said
    assert "python -m pip uninstall work" in said


def test_a_module_that_was_imported_before_is_refused(
    workspace: Path, elsewhere: Path, python: Python
) -> None:
    before = f"sys.path.insert(0, {str(elsewhere)!r})\nimport work"
    assert python(script(workspace, SHOW, before)).startswith("refused: work was imported from")


def test_a_link_out_of_the_workspace_and_its_own_environment_are_foreign(
    workspace: Path, elsewhere: Path, python: Python
) -> None:
    (workspace / "hw0" / "work.py").unlink()
    (workspace / "hw0" / "work.py").symlink_to(elsewhere / "work.py")
    assert "refused: work was imported from" in python(script(workspace, SHOW))
    site = workspace / ".venv" / "lib" / "site-packages"
    site.mkdir(parents=True)
    (site / "work.py").write_text("")
    (workspace / "hw0" / "work.py").unlink()
    before = f"sys.path.insert(0, {str(site)!r})"
    assert "site-packages/work.py, not from your workspace" in python(script(workspace, SHOW, before))


def test_verify_finds_a_module_that_was_slipped_in_later(workspace: Path, python: Python) -> None:
    later = (
        "import types\n"
        "sys.modules['work'] = other = types.ModuleType('work')\n"
        "other.__file__ = '/elsewhere/work.py'\n"
        "importing.verify(workspace, assignment)"
    )
    assert python(script(workspace, later)).startswith("refused: work was imported from /elsewhere/work.py")


def test_a_missing_module_is_an_ordinary_import_error(workspace: Path, python: Python) -> None:
    (workspace / "hw0" / "work.py").unlink()
    missing = "try:\n    import work\nexcept ModuleNotFoundError as error:\n    print(error)"
    assert python(script(workspace, missing)) == "No module named 'work'\n"


def test_stale_bytecode_is_never_used(workspace: Path, python: Python) -> None:
    source = workspace / "hw0" / "work.py"
    compile_it = "import os, py_compile; py_compile.compile({path!r}, {target}, doraise=True); "
    stat = source.stat()
    python(compile_it.format(path=str(source), target=None))
    source.write_text("def add(x): return 'edit'\n")  # as long as before, and at the same time
    python(f"import os; os.utime({str(source)!r}, ns=({stat.st_atime_ns}, {stat.st_mtime_ns}))")
    assert list((workspace / "hw0" / "__pycache__").iterdir())
    assert python(script(workspace, SHOW)) == "edit hw0\n"
    python(compile_it.format(path=str(source), target=repr(str(workspace / "hw0" / "work.pyc"))))
    source.unlink()
    missing = "try:\n    import work\nexcept ModuleNotFoundError as error:\n    print(error)"
    assert python(script(workspace, missing)) == "No module named 'work'\n"


AHEAD = "importing.compile_ahead(importing.sources(workspace, assignment))"


def test_what_was_compiled_ahead_is_not_compiled_again(workspace: Path, python: Python) -> None:
    assert (
        python(script(workspace, SHOW, f"{AHEAD}; importing._Source.source_to_code = None")) == "mine hw0\n"
    )


@pytest.mark.parametrize(
    ("first", "then"),
    [("def add(x): return 'mine'", "def add(x): return 'new'"), ("def add(x):", "def add(x): return 'new'")],
    ids=["it was right", "it was no Python"],
)
def test_a_source_that_changed_after_it_was_compiled_ahead_is_what_counts(
    first: str, then: str, workspace: Path, python: Python
) -> None:
    [source] = sources(workspace, load_assignment(workspace / "assignments" / "hw0"))
    Path(source).write_text(first)
    change = f"{AHEAD}; Path({source!r}).write_text({then!r})"
    assert python(script(workspace, SHOW, change)) == "new hw0\n"


def test_a_stub_is_noted_even_when_its_exception_is_swallowed(workspace: Path, python: Python) -> None:
    (workspace / "hw0" / "work.py").write_text(STUB)
    swallow = (
        "import work\n"
        "for _ in range(2):\n"
        "    try:\n        work.add(1)\n    except Exception as error:\n        caught = error\n"
        "print(importing.reached(), importing.stub_in(caught))\n"
        "importing.forget()\n"
        "print(importing.reached())"
    )
    assert python(script(workspace, swallow)) == "['hw0/add'] hw0/add\n[]\n"


def test_a_stub_keeps_its_line_and_other_raises_are_not_noted(workspace: Path, python: Python) -> None:
    (workspace / "hw0" / "work.py").write_text(
        STUB + "def other(x):\n    raise NotImplementedError('later')\n"
    )
    both = (
        "import work\n"
        "for function in (work.other, work.add):\n"
        "    try:\n        function(1)\n"
        "    except NotImplementedError as error:\n"
        "        print(error.__traceback__.tb_next.tb_lineno, importing.reached())"
    )
    assert python(script(workspace, both)) == "4 []\n2 ['hw0/add']\n"


def test_packages_their_parts_and_the_students_own_files_come_from_the_workspace(
    make_workspace: Make, tmp_path: Path, python: Python
) -> None:
    fields = {"path": ["."], "adds": ["hw0/work.py", "library/ops/add.py"], "glue": ["library/__init__.py"]}
    root = make_workspace(tmp_path / "mine", STUB, {"add": ""}, **fields)
    (root / "library" / "ops").mkdir(parents=True)  # ops has no __init__.py
    (root / "library" / "__init__.py").write_text("")
    (root / "library" / "ops" / "add.py").write_text("import own\nwhere = own.where\n")
    (root / "own.py").write_text("where = 'own'\n")
    other = tmp_path / "site" / "library" / "ops"
    other.mkdir(parents=True)
    (other / "only_there.py").write_text("")
    show = (
        "import library.ops.add\nprint(library.ops.add.where)\n"
        "try:\n    import library.ops.only_there\nexcept ModuleNotFoundError as error:\n    print(error)"
    )
    before = f"sys.path.insert(0, {str(tmp_path / 'site')!r})"
    assert python(script(root, show, before)) == "own\nNo module named 'library.ops.only_there'\n"


def test_the_current_folder_is_off_the_path_and_the_environment_is_the_assignments(
    make_workspace: Make, tmp_path: Path, python: Python
) -> None:
    root = make_workspace(tmp_path / "mine", STUB, {"add": ""}, environment={"NEEDLE_BACKEND": "np"})
    show = (
        "import os\n"
        "print(os.environ['NEEDLE_BACKEND'], '' in sys.path, os.getcwd() in sys.path, Path(sys.path[0]).name)"
    )
    assert python(script(root, show)) == "np False False hw0\n"


def test_stub_in_follows_causes_contexts_and_groups() -> None:
    marked = RuntimeError("not started: hw3/compact")
    caused, in_context = ValueError("a"), ValueError("b")
    caused.__cause__, in_context.__context__ = marked, caused
    group = ValueError("c")
    group.exceptions = (in_context,)  # type: ignore[attr-defined]
    marked.__context__ = group  # a circle ends
    assert {stub_in(error) for error in (marked, caused, in_context, group)} == {"hw3/compact"}
    assert stub_in(ValueError("not started")) is None
    assert stub_in(None) is None


def test_a_module_whose_name_only_cmake_says_is_graded_too(make_workspace: Make, tmp_path: Path) -> None:
    fields = {"adds": ["hw0/work.py", "src/k.cu"], "glue": ["src/module.cc", "CMakeLists.txt"]}
    root = make_workspace(tmp_path / "built", "", {"add": ""}, **fields)
    (root / "src").mkdir()
    (root / "src" / "k.cu").write_text("void f() {}\n")
    (root / "src" / "module.cc").write_text("PYBIND11_MODULE(NAME, m) {}\nPYBIND11_MODULE(plain, m) {}\n")
    (root / "CMakeLists.txt").write_text("if(X)\n  pybind11_add_module(sim NO_EXTRAS src/k.cu)\nendif()\n")
    assignment = load_assignment(root / "assignments" / "hw0")
    assert {"work", "plain", "sim"} <= graded_names(root, assignment)
