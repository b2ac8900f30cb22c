"""Make the files of an assignment that hold stubs, and refuse those that show too much."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, cached_property
from pathlib import PurePosixPath

import libcst

from grader.course.assignment import Assignment, split_symbol
from grader.course.policy import Course
from grader.course.yamlfile import Location
from grader.errors import ReleaseRefused
from grader.release.checks import yaml_place
from grader.release.sources import Sources
from grader.release.stubbing.cpp_stubs import SUFFIXES as CPP_SUFFIXES
from grader.release.stubbing.cpp_stubs import stub_cpp
from grader.release.stubbing.python_stubs import stub_python
from grader.release.stubbing.stubbed import Stubbed

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


class Stubs:
    """What becomes of an assignment's own files when the bodies of some questions are taken out."""

    def __init__(self, course: Course, assignment: Assignment, sources: Sources, solved: Collection[str]):
        self._course, self._assignment, self._sources = course, assignment, sources
        self._solved = solved
        self._symbols: dict[str, dict[str, tuple[str, Location]]] = {}
        self._omitted: dict[str, dict[str, Location]] = {}
        self._read_symbols()

    @cached_property
    def results(self) -> dict[str, Stubbed]:
        """Return each file in which something was taken out.

        Raises: ReleaseRefused, with every mistake.
        """
        paths = [] if self._all_solved else sorted(self._symbols.keys() | self._omitted.keys())
        results = {path: self._stub(path) for path in paths}
        problems = [said for path in results for said in self._result_problems(path, results[path])]
        if not problems:
            problems = list(self._import_problems(results))
        if problems:
            raise ReleaseRefused("\n".join(dict.fromkeys(problems)))
        return results

    @property
    def _all_solved(self) -> bool:
        return {question.id for question in self._assignment.questions} <= set(self._solved)

    def _read_symbols(self) -> None:
        """Sort symbols and omitted names by file. Raises: ReleaseRefused for a name that lies in none."""
        for number, question in enumerate(self._assignment.questions):
            for at, symbol in enumerate(self._assignment.symbols(question)):
                where = ("questions", number, "implement", at)
                self._symbols.setdefault(symbol.file, {})[symbol.name] = (question.id, where)
        for at, name in enumerate(self._assignment.definition.omit):
            omitted = split_symbol(name, self._assignment.definition.adds)
            if omitted is None:
                place = yaml_place(self._course, self._assignment, "omit", at)
                raise ReleaseRefused(f"{place}: {name!r} lies in no file under adds. Expected one that does.")
            self._omitted.setdefault(omitted.file, {})[omitted.name] = ("omit", at)

    def _stub(self, path: str) -> Stubbed:
        symbols = self._symbols.get(path, {})
        questions = {name: f"{self._assignment.id}/{question}" for name, (question, _) in symbols.items()}
        wanted = {name: said for name, said in questions.items() if symbols[name][0] not in self._solved}
        source, omit = self._sources.text_of(path), self._omitted.get(path, {})
        suffix = PurePosixPath(path).suffix
        if suffix in CPP_SUFFIXES:
            return stub_cpp(source, wanted, omit, suffix)
        if suffix != ".py":
            known = ", ".join((".py", *CPP_SUFFIXES))
            raise ReleaseRefused(
                f"{self._sources.shown(path)}: no stub can be made here. Expected one of {known}."
            )
        try:
            kept = frozenset(self._sources.names_used_elsewhere(path))
            return _stubbed_python(source, (*wanted.items(),), (*omit,), kept, path.endswith("__init__.py"))
        except libcst.ParserSyntaxError as error:
            where = f"{self._sources.shown(path)}:{error.raw_line}"
            raise ReleaseRefused(f"{where}: {error.message}. Expected Python.") from None

    def _result_problems(self, path: str, result: Stubbed) -> Iterator[str]:
        shown = self._sources.shown(path)
        places = {name: where for name, (_, where) in self._symbols.get(path, {}).items()}
        places |= self._omitted.get(path, {})
        for name in result.missing:
            where = yaml_place(self._course, self._assignment, *places[name])
            yield f"{where}: {shown} defines no {name}. Expected a name that it does."
        for spot in result.unread:
            yield f"{shown}:{spot.line}: {spot.name} could not be read. Write its definition in plainer C++."
        for spot in result.still_used if not self._solved else ():
            yield f"{shown}:{spot.line}: {spot.name} is listed under omit, but what remains uses it here."

    def _import_problems(self, results: Mapping[str, Stubbed]) -> Iterator[str]:
        """Yield the imports of modules and headers that no assignment has released yet."""
        for path in self._assignment.definition.adds:
            text = results[path].text if path in results else self._sources.text_of(path)
            if path.endswith(".py"):
                yield from self._python_imports(
                    path, text, self._sources.text_of(path), self._sources.shown(path)
                )
            elif PurePosixPath(path).suffix in CPP_SUFFIXES:
                yield from self._includes(path, text)
        for path in self._assignment.definition.glue:
            if path.endswith(".py"):
                yield from self._scripts_beside(path)
                yield from self._omitted_imports(path, self._sources.text_of(path), self._sources.shown(path))
        for question in self._assignment.questions:
            for file in (self._assignment.test_file(question), self._assignment.case_file(question)):
                path = file.relative_to(self._course.root).as_posix()
                text = self._sources.text_of(path)
                yield from self._python_imports(path, text, text, path)

    def _python_imports(self, path: str, text: str, solved: str, shown: str) -> Iterator[str]:
        yield from self._omitted_imports(path, text, shown)
        lines = {(one.text, one.name): one.line for one in self._sources.mentions(path, solved).imports}
        for one in self._sources.mentions(path, text).imports:
            needed = self._sources.modules.needed(path, one.module, one.level, one.name)
            for other in sorted(needed - self._sources.released(self._assignment)):
                line = lines.get((one.text, one.name), one.line)
                yield f"{shown}:{line}: {one.text!r} needs {other}, which no assignment has released yet."

    def _omitted_imports(self, path: str, text: str, shown: str) -> Iterator[str]:
        """Yield the imports of names that another file of the release no longer has."""
        for one in self._sources.mentions(path, text).imports if not self._solved else ():
            for other in self._sources.modules.needed(path, one.module, one.level, None):
                if one.name in self._omitted.get(other, {}):
                    yield f"{shown}:{one.line}: {one.name} is listed under omit, but {one.text!r} needs it."

    def _scripts_beside(self, path: str) -> Iterator[str]:
        """Yield what a script imports from its own folder, where a release would leave it behind."""
        released = self._sources.released(self._assignment)
        for one in self._sources.mentions(path, self._sources.text_of(path)).imports:
            other = str(PurePosixPath(path).with_name(f"{(one.module or '').partition('.')[0]}.py"))
            if one.level == 0 and other not in released and (self._course.root / other).is_file():
                said = f"{one.text!r} needs {other}, which is not released. List it under glue."
                yield f"{self._sources.shown(path)}:{one.line}: {said}"

    def _includes(self, path: str, text: str) -> Iterator[str]:
        released = self._sources.released(self._assignment)
        for found in _INCLUDE.finditer(text):
            for folder in {PurePosixPath(path).parent, PurePosixPath("src")}:
                other = str(folder / found[1])
                if other not in released and self._course.source_of(other).is_file():
                    line = self._sources.text_of(path).partition(found[0].strip())[0].count("\n") + 1
                    yield f"{self._sources.shown(path)}:{line}: {found[1]} is included, and not released yet."


@cache  # what makes a release, an archive and the solutions to show asks for the same stubs each time
def _stubbed_python(
    source: str,
    questions: tuple[tuple[str, str], ...],
    omit: tuple[str, ...],
    kept: frozenset[str],
    is_package: bool,
) -> Stubbed:
    return stub_python(source, dict(questions), omit, kept, is_package)
