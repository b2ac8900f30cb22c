"""Note and refuse other frameworks in every Python that a project starts: this file is their sitecustomize.

It runs before the project's first line, in every child too, and imports nothing but the standard library.
A notebook of events is what it leaves: a line of JSON for each forbidden import, for the place where the
student's own library was found, and for a child Python that was started out of its sight.
It stands in nobody's way who is determined; what it finds is what an honest project would not have seen.
"""

import json
import os
import re
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

EVENTS, FORBIDDEN, OWN = "NEEDLE_WATCH_EVENTS", "NEEDLE_WATCH_FORBIDDEN", "NEEDLE_WATCH_OWN"

_PYTHON = re.compile(r"^(python|pypy)[0-9.]*$", re.IGNORECASE)  # macOS may say Python
_PASSED = (os.path.join("importlib", "__init__.py"), "subprocess.py", "os.py")
_STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn")
_UNSEEN = re.compile(r"^-[A-Za-z]*[IES]")  # isolated, without the environment, without sitecustomize


def install() -> None:
    """Watch this process. Where nothing asks for it, do nothing."""
    if EVENTS in os.environ:
        watch = Watch(os.environ[EVENTS], os.environ[FORBIDDEN].split(","), os.environ[OWN])
        sys.meta_path.insert(0, watch)
        sys.addaudithook(watch.audit)


class Watch(MetaPathFinder):
    """Find forbidden modules, only to refuse them, and the student's own library, to note where it is."""

    def __init__(self, events: str, forbidden: Sequence[str], own: str):
        self._events = events
        self._forbidden = frozenset(forbidden)
        self._own = own
        self._here = os.path.dirname(os.path.abspath(__file__))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self._forbidden:
            return ModuleSpec(fullname, _Refusing(self))
        if fullname != self._own:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                self._note(own=fullname, origin=spec.origin)
                return spec
        return None

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See what passes the finder by: an import that another finder answers, a child without this file."""
        if event == "import":
            name = str(arguments[0]).partition(".")[0]
            if name in self._forbidden:
                self.refuse(name)
        elif event in _STARTS:
            self._started(event, arguments)
        elif event in ("os.putenv", "os.unsetenv") and os.fsdecode(arguments[0]) == "PYTHONPATH":
            value = os.fsdecode(arguments[1]) if len(arguments) > 1 else ""
            if self._here not in value.split(os.pathsep):
                self._note(unseen="PYTHONPATH was changed", at=_caller())

    def refuse(self, name: str) -> None:
        """Note a forbidden import. Raises: ImportError."""
        self._note(forbidden=name, at=_caller())
        raise ImportError(f"{name} is another framework. Expected a project on your own needle.", name=name)

    def _started(self, event: str, arguments: tuple[Any, ...]) -> None:
        program, words = arguments[0], arguments[1]
        words = [words] if isinstance(words, (str, bytes, os.PathLike)) else list(words)
        words = [os.fsdecode(word) for word in words]
        name = os.path.basename(os.fsdecode(program) if program else words[0])
        if not _PYTHON.match(name):
            return
        environment = arguments[-1] if event != "os.exec" or len(arguments) > 2 else None
        if _unseen(words[1:]) or not self._passed_on(environment):
            self._note(unseen=" ".join(words)[:200], at=_caller())

    def _passed_on(self, environment: Any) -> bool:
        if not environment:  # the parent's
            return True
        given = {os.fsdecode(name): os.fsdecode(value) for name, value in dict(environment).items()}
        return self._here in given.get("PYTHONPATH", "").split(os.pathsep) and EVENTS in given

    def _note(self, **said: Any) -> None:
        """Add a line in one write, so that processes side by side don't mix theirs."""
        line = (json.dumps(said) + "\n").encode()
        file = os.open(self._events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)


class _Refusing(Loader):
    def __init__(self, watch: Watch):
        self._watch = watch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        self._watch.refuse(spec.name)
        return None

    def exec_module(self, module: ModuleType) -> None:
        raise AssertionError("a refused module was made")


def _unseen(options: Sequence[str]) -> bool:
    """Tell whether one of Python's own options keeps sitecustomize out."""
    for option in options:
        if not option.startswith("-") or option in ("-c", "-m", "-"):
            return False
        if _UNSEEN.match(option):
            return True
    return False


def _caller() -> str:
    """Return the file and line that asked for it, past the import system's own."""
    frame = sys._getframe(1)
    while frame.f_back and _is_passed(frame.f_code.co_filename):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _is_passed(file: str) -> bool:
    return file.startswith((__file__, "<frozen")) or file.endswith(_PASSED)


if __name__ == "sitecustomize":
    install()
