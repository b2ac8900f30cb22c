"""Import what is graded from the workspace and from nowhere else, and note which stubs are reached."""

import ast
import contextlib
import functools
import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    ExtensionFileLoader,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path, PurePosixPath
from types import BuiltinFunctionType, CodeType, ModuleType
from typing import Any

from grader.course.assignment import MARKER, Assignment
from grader.errors import ForeignModule
from grader.running.locate import own_file

LIBRARIES = "build/lib"  # where extension modules are built
SOURCES = (".cc", ".cpp", ".cxx", ".cu")  # what a compiler is given

_NOTE = "__stub_reached__"
_STUB = re.compile(re.escape(MARKER) + r"([\w.-]+/[\w.-]+)")
_EXTENSION = re.compile(r"^\s*PYBIND11_MODULE\s*\(\s*(\w+)", re.MULTILINE)
_TARGET = re.compile(r"^[ \t]*(?:pybind11|Python)_add_(?:module|library)\s*\(\s*(\w+)", re.MULTILINE)

_ahead: dict[str, tuple[bytes, CodeType]] = {}  # by path, what was compiled ahead and of which text
_reached: list[str] = []  # noted from inside student code, which nothing can be passed to


def enter(workspace: Path, assignment: Assignment) -> None:
    """Make this process import the assignment's modules from the workspace.

    Raises: ForeignModule when one of them is imported already, from elsewhere.
    """
    os.environ.update(assignment.definition.environment)
    entries = _entries(workspace, assignment)
    dropped = {"", ".", os.getcwd(), str(workspace), *entries}
    sys.path[:] = entries + [entry for entry in sys.path if entry not in dropped]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, WorkspaceFinder)]
    sys.meta_path.insert(0, WorkspaceFinder(workspace, entries, graded_names(workspace, assignment)))
    importlib.invalidate_caches()
    verify(workspace, assignment)


def verify(workspace: Path, assignment: Assignment) -> None:
    """Check that every graded module that is imported by now is the workspace's.

    Raises: ForeignModule, with the place that it came from.
    """
    names = graded_names(workspace, assignment)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in names:
            for place in _places(module):
                if own_file(workspace, place) is None:
                    raise _foreign(name, place, workspace)


def graded_names(workspace: Path, assignment: Assignment) -> set[str]:
    """Return the top-level names of the modules that the assignment's files provide."""
    return _python_names(assignment) | extension_names(workspace, assignment)


def _python_names(assignment: Assignment) -> set[str]:
    definition = assignment.definition
    roots = [PurePosixPath(entry) for entry in definition.path]
    files = [PurePosixPath(file) for file in (*definition.adds, *definition.glue)]
    below = [file.relative_to(root) for file in files for root in roots if file.is_relative_to(root)]
    return {file.parts[0].removesuffix(".py") for file in below if file.suffix == ".py"}


def extension_names(workspace: Path, assignment: Assignment) -> set[str]:
    """Return the names of the extension modules that the assignment's C++ and CUDA sources define.

    A module may be defined by sources that are given, under a name that only CMakeLists.txt says.
    """
    definition = assignment.definition
    own = [workspace / file for file in definition.adds if file.endswith(SOURCES)]
    found = [name for text in _texts(own) for name in _EXTENSION.findall(text)]
    if own and LIBRARIES in definition.path:
        given = [workspace / file for file in definition.glue if file.endswith(SOURCES)]
        found += [name for text in _texts(given) for name in _EXTENSION.findall(text)]
        found += [name for text in _texts([workspace / "CMakeLists.txt"]) for name in _TARGET.findall(text)]
    return set(found)


def _texts(paths: Sequence[Path]) -> list[str]:
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file()]


def sources(workspace: Path, assignment: Assignment) -> list[str]:
    """Return the paths of the graded modules that are Python."""
    places = [
        Path(entry, name) for entry in _entries(workspace, assignment) for name in _python_names(assignment)
    ]
    modules = [place.with_name(f"{place.name}.py") for place in places]
    inside = [file for place in places for file in place.rglob("*.py")]
    return [str(file) for file in (*modules, *inside) if file.is_file()]


def compile_ahead(paths: Sequence[str]) -> None:
    """Compile modules for the processes that are forked from this one, unless it is done already."""
    for path in paths:
        # whatever is wrong with a source, the process that imports it will say so
        with contextlib.suppress(Exception):
            data = Path(path).read_bytes()
            if path not in _ahead or _ahead[path][0] != data:
                _ahead[path] = data, _Source("", path).source_to_code(data, path)


def reached() -> list[str]:
    """Return the stubs, as `hw0/add`, that code reached since the last `forget`, each once."""
    return list(dict.fromkeys(_reached))


def forget() -> None:
    """Start noting stubs afresh."""
    _reached.clear()


def stub_in(error: BaseException | None) -> str | None:
    """Return the stub, as `hw0/add`, that an exception comes from; None if from none."""
    for link in _chain(error, set()):
        found = _STUB.search(str(link))
        if found:
            return found.group(1)
    return None


class WorkspaceFinder(MetaPathFinder):
    """Find modules in the workspace first, and refuse to find a graded one anywhere else.

    It stands before every other finder, so that neither sys.path nor an editable install's finder is asked.
    """

    def __init__(self, workspace: Path, entries: Sequence[str], names: set[str]):
        self.workspace = workspace
        self.entries = list(entries)
        self.names = names
        self._found: set[str] = (
            set()
        )  # top-level names that the workspace provides, the student's own files too

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        top, dot, _ = fullname.partition(".")
        if dot and top not in self.names | self._found:
            return None
        spec = PathFinder.find_spec(fullname, list(path or ()) if dot else self.entries, target)
        if spec is None or not self._takes(spec, top):
            if top in self.names:
                self._refuse_foreign(fullname, path)
            return None
        self._found.add(top)
        return _own(spec)

    def _takes(self, spec: ModuleSpec, top: str) -> bool:
        if spec.loader is None:  # a folder without __init__.py, which an installed package comes before
            return top in self.names
        if isinstance(spec.loader, SourcelessFileLoader):  # bytecode whose source is gone
            return False
        return spec.origin is not None and own_file(self.workspace, spec.origin) is not None

    def _refuse_foreign(self, fullname: str, path: Sequence[str] | None) -> None:
        """Stop if another finder would find the name elsewhere, or as bytecode without a source."""
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(fullname, path) if find and finder is not self else None
            if spec is not None and spec.origin and own_file(self.workspace, spec.origin) is None:
                raise _foreign(fullname, spec.origin, self.workspace)
            if spec is not None:
                raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


class _Source(SourceFileLoader):
    """Load a module from its source, never from cached bytecode, and note each stub just before it raises."""

    def get_code(self, fullname: str) -> CodeType:
        data = self.get_data(self.path)
        known, code = _ahead.get(self.path, (None, None))
        return code if code and known == data else self.source_to_code(data, self.path)

    def source_to_code(self, data: Any, path: Any, **_: Any) -> CodeType:  # type: ignore[override]
        source: Any = data
        if MARKER.encode() in data:  # a module that is solved needs no notes, and is compiled much faster
            source = ast.fix_missing_locations(_Notes().visit(ast.parse(data, filename=path)))
        code: CodeType = compile(source, path, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        vars(module)[_NOTE] = _reached.append
        super().exec_module(module)


class _Notes(ast.NodeTransformer):
    def visit_Raise(self, node: ast.Raise) -> list[ast.stmt] | ast.Raise:
        match node.exc:
            case ast.Call(func=ast.Name(id="NotImplementedError"), args=[ast.Constant(value=str(text))]) if (
                found := _STUB.fullmatch(text)
            ):
                argument = ast.Constant(found.group(1))
                note = ast.Expr(
                    ast.Call(func=ast.Name(id=_NOTE, ctx=ast.Load()), args=[argument], keywords=[])
                )
                return [ast.copy_location(note, node), node]
        return node


class _Extension(ExtensionFileLoader):
    """Load an extension module that still holds stubs, and note those that throw, even to no avail."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        for name, value in list(vars(module).items()):
            if isinstance(value, BuiltinFunctionType):
                setattr(module, name, _noting(value))


def _noting(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            stub = stub_in(error)
            if stub:
                _reached.append(stub)
            raise

    return call


def _own(spec: ModuleSpec) -> ModuleSpec:
    if isinstance(spec.loader, SourceFileLoader):
        spec.loader = _Source(spec.loader.name, spec.loader.path)
    elif (
        isinstance(spec.loader, ExtensionFileLoader)
        and MARKER.encode() in Path(spec.loader.path).read_bytes()
    ):
        spec.loader = _Extension(spec.loader.name, spec.loader.path)
    elif spec.loader is None:  # the import system's own list would grow by folders elsewhere on sys.path
        spec.submodule_search_locations = list(spec.submodule_search_locations or ())
    return spec


def _entries(workspace: Path, assignment: Assignment) -> list[str]:
    return [str((workspace / entry).absolute()) for entry in assignment.definition.path]


def _places(module: ModuleType | None) -> list[str]:
    file = getattr(module, "__file__", None)
    return [file] if file else [str(place) for place in getattr(module, "__path__", ())]


def _foreign(name: str, place: str, workspace: Path) -> ForeignModule:
    top = name.partition(".")[0]
    return ForeignModule(
        f"{name} was imported from {place}, not from your workspace. Expected it under {workspace}. "
        f"Restore your file if it is gone, and remove the other one (`python -m pip uninstall {top}`).",
        name=name,
        path=place,
    )


def _chain(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """Yield an exception, what it came from, and the members of groups."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    for link in (error.__cause__, error.__context__, *getattr(error, "exceptions", ())):
        yield from _chain(link, seen)
