"""A course in one file, taken while the server runs, and put back: tables, files, signing keys and fonts.

The tables travel as SQLite whatever database they came from, so that a course can also move to another one.
"""

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, Table, func, insert, select, text

from grader.errors import GraderError
from grader.server.store.database import connect, migrate, newest_revision, open_database
from grader.server.store.files import Files, open_files
from grader.server.store.tables import Base
from grader.server.store.tables.attempts import AttemptRow
from grader.server.store.tables.course import VersionRow
from grader.server.store.tables.project import HandInRow, ProjectRow

FILE_COLUMNS = (VersionRow.release, AttemptRow.body, ProjectRow.release, HandInRow.file)
_DATABASE, _ABOUT, _FILES, _SECRETS = "course.db", "about.json", "files/", "secrets/"
_FONTS = "fonts/"  # of certificates, for scripts that the grader's own fonts lack
_FORMAT = 1
_ROWS_AT_ONCE = 1000
Say = Callable[[str], None]


def back_up(target: Path, data: Path, database_url: str | None, files: str | None, say: Say) -> None:
    """Write everything that a course keeps to one file. Raises: GraderError, and then there is no file."""
    if target.exists():
        raise GraderError(f"{target}: this file is there already. Name another, or remove it.")
    store = open_files(files or data / "files")
    unfinished = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        snapshot = Path(scratch) / _DATABASE
        _snapshot(database_url, data, snapshot)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
                count = _pack(tar, snapshot, store, data)
            unfinished.replace(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    say(f"{target}: {target.stat().st_size / 1e6:.1f} MB, with {count} files. Keep it where nobody reads it.")


def restore(source: Path, data: Path, database_url: str | None, files: str | None, say: Say) -> None:
    """Put a backup back where nothing is yet. Raises: GraderError, naming what is there or is missing."""
    if data.exists() and any(data.iterdir()):
        raise GraderError(f"{data}: this folder is not empty. Expected a new one: --data FOLDER.")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_files(files or data / "files")
    with _opened(source) as tar, tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as scratch:
        snapshot = Path(scratch) / _DATABASE
        with _member(tar, _DATABASE, source) as kept, snapshot.open("wb") as file:
            shutil.copyfileobj(kept, file)
        engine = open_database(
            None, Path(scratch)
        ).engine  # a backup of an older grader is brought up to date
        count = _unpack(tar, store, data)
        if database_url is None:
            engine.dispose()
            with (
                closing(sqlite3.connect(snapshot)) as whole,
                closing(sqlite3.connect(data / _DATABASE)) as new,
            ):
                whole.backup(new)
        else:
            _copy_into_empty(engine, database_url, data)
            engine.dispose()
    say(f"{data}: restored, with {count} files. Start it with: grader serve --data {data}")


def _snapshot(database_url: str | None, data: Path, snapshot: Path) -> None:
    """Write the tables as they are at one moment to a new SQLite database."""
    engine = connect(database_url, data)
    try:
        if engine.dialect.name == "sqlite":
            _require_database(Path(engine.url.database or ""))
        _require_revision(engine)
        if engine.dialect.name == "sqlite":
            with (
                closing(sqlite3.connect(str(engine.url.database))) as now,
                closing(sqlite3.connect(snapshot)) as copy,
            ):
                now.backup(copy)
            return
        new = connect(None, snapshot.parent)
        migrate(new)
        with (
            engine.connect().execution_options(isolation_level="REPEATABLE READ") as now,
            new.begin() as into,
        ):
            _copy(now, into)
        new.dispose()
    finally:
        engine.dispose()


def _require_database(path: Path) -> None:
    if not path.is_file():
        raise GraderError(f"{path}: there is no database. Name the server's folder: --data FOLDER.")


def _require_revision(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found != newest_revision():
        said = f"{engine.url.render_as_string()}: its tables are at {found}, and this grader's at"
        raise GraderError(f"{said} {newest_revision()}. Back up with the grader that serves the course.")


def _copy(source: Connection, target: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        rows = source.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table))
        for some in rows.partitions():
            target.execute(insert(table), [dict(row._mapping) for row in some])


def _copy_into_empty(source: Engine, database_url: str, data: Path) -> None:
    engine = open_database(database_url, data).engine
    try:
        with engine.begin() as target, source.connect() as from_:
            for table in Base.metadata.sorted_tables:
                if target.scalar(select(func.count()).select_from(table)):
                    shown = engine.url.render_as_string()
                    raise GraderError(
                        f"{shown}: there is a course in it ({table.name}). Expected an empty one."
                    )
            _copy(from_, target)
            if engine.dialect.name == "postgresql":
                for table in Base.metadata.sorted_tables:
                    _count_on(target, table)
    finally:
        engine.dispose()


def _count_on(target: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that were copied with their numbers."""
    key = table.autoincrement_column
    if key is not None:
        quoted = target.dialect.identifier_preparer.format_table(table)
        sequence = func.pg_get_serial_sequence(quoted, key.name)
        target.execute(select(func.setval(sequence, select(func.max(key)).scalar_subquery())))


def _pack(tar: tarfile.TarFile, snapshot: Path, store: Files, data: Path) -> int:
    """Add everything, and return how many files."""
    about = {"format": _FORMAT, "revision": newest_revision()}
    _add(tar, _ABOUT, json.dumps(about).encode())
    tar.add(snapshot, _DATABASE)
    for secret in sorted(data.glob("*.pem")):
        _add(tar, _SECRETS + secret.name, secret.read_bytes())
    for font in sorted(path for path in (data / "fonts").glob("*") if path.is_file()):
        _add(tar, _FONTS + font.name, font.read_bytes())
    digests = _digests(snapshot)
    for digest in digests:
        _add(tar, _FILES + digest, store.read(digest))
    return len(digests)


def _digests(snapshot: Path) -> list[str]:
    engine = connect(None, snapshot.parent)
    with engine.connect() as connection:
        found = {digest for column in FILE_COLUMNS for digest in connection.scalars(select(column))}
    engine.dispose()
    return sorted(filter(None, found))


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, BytesIO(content))


def _unpack(tar: tarfile.TarFile, store: Files, data: Path) -> int:
    """Put files, secrets and fonts back, and return how many files."""
    count = 0
    for entry in tar:
        if entry.name.startswith(_FILES):
            with _content(tar, entry) as kept:
                content = kept.read()
            if store.put(content) != entry.name.removeprefix(_FILES):
                raise GraderError(
                    f"{entry.name}: its bytes were changed. Expected a backup as it was written."
                )
            count += 1
        elif entry.name.startswith(_SECRETS):
            _write(tar, entry, data / Path(entry.name).name)
        elif entry.name.startswith(_FONTS):
            (data / "fonts").mkdir(exist_ok=True)
            _write(tar, entry, data / "fonts" / Path(entry.name).name)
    return count


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, _content(tar, entry) as kept:
        shutil.copyfileobj(kept, file)


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:") as tar:
            with _member(tar, _ABOUT, source) as file:
                about = json.load(file)
            if about.get("format") != _FORMAT:
                raise GraderError(
                    f"{source}: found format {about.get('format')}. Expected {_FORMAT}: is it a newer one?"
                )
            yield tar
    except (tarfile.TarError, ValueError):
        raise GraderError(
            f"{source}: this is no backup, or not all of one. Expected a file of `grader backup`."
        ) from None


def _member(tar: tarfile.TarFile, name: str, source: Path) -> IO[bytes]:
    try:
        return _content(tar, tar.getmember(name))
    except KeyError:
        raise GraderError(f"{source}: found no {name} in it. Expected a file of `grader backup`.") from None


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(entry)
    if file is None:
        raise GraderError(f"{entry.name}: this is no file. Expected a backup as `grader backup` writes it.")
    return file
