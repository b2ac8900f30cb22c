"""The course's own files, solved: read once, and asked by several parts of a release."""

from collections.abc import Iterator
from functools import cached_property

from grader.course.assignment import Assignment, Definition
from grader.course.policy import Course
from grader.errors import ReleaseRefused
from grader.release.checks import shown
from grader.release.modules import Mentions, Modules, Uses, mentions


class Sources:
    """The course's text files by workspace path, and the modules among them."""

    def __init__(self, course: Course):
        self._course = course
        self._used_elsewhere: dict[str, set[str]] = {}

    def bytes_of(self, path: str) -> bytes:
        return self._course.source_of(path).read_bytes()

    def text_of(self, path: str) -> str:
        """Return a file's text. Raises: ReleaseRefused when it is not UTF-8."""
        try:
            return self.bytes_of(path).decode()
        except UnicodeDecodeError:
            raise ReleaseRefused(f"{self.shown(path)}: this is not UTF-8 text. Save it as such.") from None

    def shown(self, path: str) -> str:
        return shown(self._course, self._course.source_of(path))

    def released(self, upto: Assignment) -> set[str]:
        """Return the paths that a workspace has once this assignment is released."""
        definitions = [one.definition for one in self._course.up_to(upto.id)]
        return {path for one in definitions for path in (*one.adds, *one.glue)}

    @cached_property
    def modules(self) -> Modules:
        files = {path for path in self._given if path.endswith(".py")}
        reference = self._course.root / "reference"
        files |= {file.relative_to(reference).as_posix() for file in reference.rglob("*.py")}
        return Modules(files, self._roots_of)

    def _roots_of(self, importer: str) -> set[str]:
        """Return the sys.path entries that a file runs with: two assignments may have modules of one name."""
        owners = [one.definition for one in self._course.assignments if _belongs(importer, one.definition)]
        definitions = owners or [one.definition for one in self._course.assignments]
        return {".", *(root for one in definitions for root in one.path)}

    def names_used_elsewhere(self, path: str) -> set[str]:
        """Return the names of a module that the course's other files use, those that students ever get."""
        if path not in self._used_elsewhere:
            self._used_elsewhere[path] = {
                name for other, uses in self._uses.items() if other != path for name in uses.names_of(path)
            }
        return self._used_elsewhere[path]

    @property
    def _given(self) -> set[str]:
        definitions = [one.definition for one in self._course.assignments]
        return {path for one in definitions for path in (*one.adds, *one.glue)}

    @cached_property
    def _uses(self) -> dict[str, Uses]:
        given = sorted(path for path in self._given if path.endswith(".py"))
        paths = [*given, *self._tests_and_cases()]
        return {path: Uses.of(path, self.mentions(path, self.text_of(path)), self.modules) for path in paths}

    def mentions(self, path: str, text: str) -> Mentions:
        """Read a file's Python, or what it will be. Raises: ReleaseRefused, with file and line."""
        try:
            return mentions(text)
        except SyntaxError as error:
            raise ReleaseRefused(
                f"{self.shown(path)}:{error.lineno}: {error.msg}. Expected Python."
            ) from None

    def _tests_and_cases(self) -> Iterator[str]:
        for assignment in self._course.assignments:
            for folder in ("tests", "cases"):
                for file in sorted((assignment.folder / folder).glob("*.py")):
                    yield file.relative_to(self._course.root).as_posix()


def _belongs(path: str, definition: Definition) -> bool:
    return path in (*definition.adds, *definition.glue) or path.startswith(f"assignments/{definition.id}/")
