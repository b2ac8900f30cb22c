"""Find text of the solution in a release."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.release.stubbing.cpp_stubs import SUFFIXES as CPP_SUFFIXES
from grader.release.stubbing.stubbed import Stubbed, Taken

SHORTEST = 12  # tokens: a shorter body says what any right one must
WINDOW = 30  # tokens: so much of a longer body in a row is too much

_TOKEN = re.compile(r"\w+|[^\w\s]")
_HASH_COMMENT = re.compile(r"#.*")
_SLASH_COMMENT = re.compile(r"//.*|/\*[\s\S]*?\*/")
_COMMENTS = {".py": _HASH_COMMENT, ".yaml": _HASH_COMMENT} | dict.fromkeys(CPP_SUFFIXES, _SLASH_COMMENT)


@dataclass(frozen=True)
class Leak:
    """Where in a release a solution shows."""

    path: str
    line: int
    source: str  # the path of the file that it is the solution of
    taken: Taken


def leaks(files: Mapping[str, str], stubbed: Mapping[str, Stubbed]) -> Iterator[Leak]:
    """Yield where the texts of a release still show what was taken out of its files with stubs.

    A whole body may be nowhere; a long stretch of one in no other file, unless it is given beside the stubs.
    """
    texts = {path: _Tokens(path, text) for path, text in files.items()}
    given = [texts[path] for path in stubbed]
    for source, result in stubbed.items():
        for taken in result.taken:
            body = _Tokens(source, taken.text).tokens
            if len(body) < SHORTEST:
                continue
            stretches = [run for run in _stretches(body) if not any(run in text for text in given)]
            for path, text in texts.items():
                runs = [_joined(body)] if path in stubbed else stretches
                line = next(filter(None, map(text.line_of, runs)), None)
                if line:
                    yield Leak(path, line, source, taken)


def _stretches(body: list[str]) -> list[str]:
    return [_joined(body[at : at + WINDOW]) for at in range(max(1, len(body) - WINDOW + 1))]


def _joined(tokens: list[str]) -> str:
    return f" {' '.join(tokens)} "


class _Tokens:
    """A text as tokens, without comments and spacing."""

    def __init__(self, path: str, text: str):
        comment = _COMMENTS.get(PurePosixPath(path).suffix)
        self._text = comment.sub(lambda found: "\n" * found[0].count("\n"), text) if comment else text
        self.tokens = _TOKEN.findall(self._text)
        self._joined = _joined(self.tokens)

    def __contains__(self, run: str) -> bool:
        return run in self._joined

    def line_of(self, run: str) -> int | None:
        """Return the line where the run of tokens, joined, begins; None where it stands nowhere."""
        at = self._joined.find(run)
        if at < 0:
            return None
        index = self._joined.count(" ", 0, at)
        for number, found in enumerate(_TOKEN.finditer(self._text)):
            if number == index:
                return self._text.count("\n", 0, found.start()) + 1
        return None
