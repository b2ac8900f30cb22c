"""Archives: written so that the same files give the same bytes, and read without being trusted."""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.errors import WireError

MOST_IN_ONE = 32 * 2**20  # bytes of a member
MOST_IN_ALL = 128 * 2**20  # bytes unpacked
MOST_MEMBERS = 10_000

_UNSAFE = re.compile(r"^/|^[A-Za-z]:|[\\\x00-\x1f\x7f]|(^|/)(\.{0,2})(/|$)")
AGAIN = "Fetch the release again, and tell your instructor if that doesn't help."


def packed(files: Mapping[str, bytes], top: str) -> bytes:
    """Return files as a .tar.gz that unpacks to one folder; the same files give the same bytes."""
    whole = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=whole, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path, data in sorted(files.items()):
            member = tarfile.TarInfo(f"{top}/{path}")  # of user 0 and of 1970, as TarInfo begins
            member.size, member.mode = len(data), 0o644
            tar.addfile(member, io.BytesIO(data))
    return whole.getvalue()


def open_archive(source: bytes | Path, advice: str = AGAIN) -> dict[str, bytes]:
    """Return the files of a .tar.gz by their paths in it. Nothing is written.

    Raises: WireError, as `members` does.
    """
    return dict(members(source, advice))


def members(source: bytes | Path, advice: str = AGAIN) -> Iterator[tuple[str, bytes]]:
    """Yield each file of a .tar.gz with its path in it, one after the other; `advice` ends each complaint.

    Raises: WireError when it is damaged or too large, or when a member leads outside or is no plain file.
    """
    name = str(source) if isinstance(source, Path) else "the archive"
    try:
        data = source.read_bytes() if isinstance(source, Path) else source
        yield from _members(data, name, advice)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        if isinstance(error, WireError):
            raise
        raise WireError(f"{name}: this is no whole .tar.gz ({error}). {advice}") from None


def _members(data: bytes, name: str, advice: str) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    bounded = _Bounded(gzip.GzipFile(fileobj=io.BytesIO(data)), name, advice)
    with tarfile.open(fileobj=bounded, mode="r|") as tar:
        for number, member in enumerate(tar):
            if number >= MOST_MEMBERS:
                raise WireError(f"{name}: found over {MOST_MEMBERS} members. {advice}")
            if member.isdir():
                continue
            _check(member, seen, name, advice)
            file = tar.extractfile(member)
            assert file is not None  # it is a plain file
            yield member.name, file.read()
    while bounded.read(2**16):  # to the end, where the checksum stands
        pass


def _check(member: tarfile.TarInfo, seen: set[str], name: str, advice: str) -> None:
    where = f"{name}: member {member.name!r}"
    if _UNSAFE.search(member.name):
        raise WireError(f"{where} leads outside. Expected a path inside it. {advice}")
    if not member.isreg() or member.issparse():
        raise WireError(f"{where} is a link or a device. Expected plain files only. {advice}")
    if member.size > MOST_IN_ONE:
        raise WireError(f"{where} claims {member.size} bytes. Expected at most {MOST_IN_ONE}. {advice}")
    folded = member.name.casefold()  # two names that are one file on a Mac
    parents = {folded.rsplit("/", depth)[0] for depth in range(1, folded.count("/") + 1)}
    if folded in seen or parents & seen or any(other.startswith(folded + "/") for other in seen):
        raise WireError(f"{where} stands in the place of another one. Expected each path once. {advice}")
    seen.add(folded)


class _Bounded(io.RawIOBase):
    """A stream that stops before it has given too much: a small archive can unpack to any size."""

    def __init__(self, inner: gzip.GzipFile, name: str, advice: str):
        super().__init__()
        self._inner, self._left, self._name, self._advice = inner, MOST_IN_ALL, name, advice

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._inner.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise WireError(
                f"{self._name}: this unpacks to over {MOST_IN_ALL} bytes. Expected less. {self._advice}"
            )
        return data
