"""Files named by their content, in a folder or in a bucket: release archives and what people send."""

import hashlib
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from grader.errors import GraderError

_NOT_HERE = "Restore it from a backup, or publish again what it belongs to."


class StoreError(GraderError):
    """The store of files did not take or give a file."""


class Files(ABC):
    """What is kept is complete: it is written whole or not at all, under the digest of its bytes."""

    def put(self, data: bytes) -> str:
        """Keep the data and return its digest. Raises: StoreError when that can't be promised."""
        digest = hashlib.sha256(data).hexdigest()
        with self._asked("take a file"):
            self._write(digest, data)
        return digest

    def open(self, digest: str) -> BinaryIO:
        """Return a file to read from its start. Raises: StoreError when it is not there."""
        with self._asked(f"give {digest}"):
            return self._open(digest)

    def read(self, digest: str) -> bytes:
        """Return a file's bytes. Raises: StoreError when they are not there, or not those that were put."""
        with self._asked(f"give {digest}"), self._open(digest) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != digest:
            raise StoreError(f"{self}: {digest} holds other bytes than were put. {_NOT_HERE}")
        return data

    @abstractmethod
    def check(self) -> None:
        """Raises: StoreError when the store does not answer."""

    @abstractmethod
    def _write(self, digest: str, data: bytes) -> None: ...

    @abstractmethod
    def _open(self, digest: str) -> BinaryIO: ...

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise StoreError(f"{self}: asked to {what}, which is not there. {_NOT_HERE}") from None
        except OSError as error:
            said = error.strerror or error
            raise StoreError(
                f"{self}: asked to {what}, it failed ({said}). Expected room and access."
            ) from error


class Folder(Files):
    def __init__(self, root: Path):
        self._root = root
        self._lasting: set[Path] = set()  # folders in the root that a power cut leaves there

    def __str__(self) -> str:
        return str(self._root)

    def check(self) -> None:
        with self._asked("be a folder that can be written"):
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root):
                pass

    def _write(self, digest: str, data: bytes) -> None:
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, data)
        _names_to_disk(path.parent)  # also for a file that is there: another thread may just have put it
        if path.parent not in self._lasting:
            _names_to_disk(self._root)
            self._lasting.add(path.parent)

    def _open(self, digest: str) -> BinaryIO:
        return self._path(digest).open("rb")

    def _path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest[2:]


class Bucket(Files):
    """A store that fsspec reaches, such as s3://bucket/prefix; its access comes from the environment."""

    def __init__(self, address: str):
        import fsspec  # type: ignore[import-untyped]  # here, since a folder needs none of it

        self._address = address.rstrip("/")
        try:
            self._system, self._root = fsspec.core.url_to_fs(
                self._address, use_listings_cache=False, skip_instance_cache=True
            )
        except (ImportError, ValueError) as error:
            raise GraderError(
                f"{address}: this is no store of files ({error}). Expected a folder, or s3://BUCKET/PREFIX."
            ) from None

    def __str__(self) -> str:
        return self._address

    def check(self) -> None:
        with self._asked("answer"):
            self._system.ls(self._root.split("/")[0])

    def _write(self, digest: str, data: bytes) -> None:
        self._system.pipe_file(self._path(digest), data)  # one request, so it is whole

    def _open(self, digest: str) -> BinaryIO:
        return cast(BinaryIO, self._system.open(self._path(digest), "rb"))

    def _path(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest[2:]}"

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        with super()._asked(what):
            try:
                yield
            except (OSError, StoreError):
                raise
            except Exception as error:  # a store's client has errors of its own, such as botocore's
                raise OSError(f"{type(error).__name__}: {error}") from error


def open_files(address: str | Path) -> Files:
    """Return the store at a folder, or at an address such as s3://bucket/prefix. Raises: GraderError."""
    return Bucket(address) if isinstance(address, str) and "://" in address else Folder(Path(address))


def _names_to_disk(folder: Path) -> None:
    """Make what was created or renamed in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_whole(path: Path, data: bytes) -> None:
    handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
