"""The database: SQLite by default, PostgreSQL by address, the same code and the same migrations."""

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.orm import Session

from grader.errors import GraderError
from grader.server.settings import THREADS
from grader.server.store.published import Published

MIGRATIONS = Path(__file__).parent / "migrations"
# parameters are hidden since an error's text goes to the log, and they hold answers
_POOL: dict[str, Any] = {"pool_size": THREADS, "max_overflow": THREADS, "hide_parameters": True}
_MIGRATING = 0x6E65_6564_6C65  # the advisory lock of a migration: "needle"


class NotReady(GraderError):
    """The database answers, and has not the tables of this grader."""


class WriteAheadLog:
    """Takes commits to the disk, those of several threads at once.

    SQLite would do so for each commit while it holds the lock for writing, and the disk is the slowest part.
    """

    def __init__(self, path: Path):
        self._path = path
        self._committed = self._synced = 0
        self._counting, self._syncing = threading.Lock(), threading.Lock()

    def sync(self) -> None:
        """Return once everything that this thread has committed is on the disk."""
        with self._counting:
            self._committed += 1
            mine = self._committed
        with self._syncing:  # whoever waits here may find that the one before has done it
            if self._synced < mine:
                covered = self._committed
                self._to_disk()
                self._synced = covered

    def _to_disk(self) -> None:
        try:
            handle = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:  # it was taken over into the database, which SQLite took to the disk first
            return
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Database:
    """Transactions on one engine. What a `write` does is stored whole or not at all."""

    def __init__(self, engine: Engine, busy_timeout: float):
        self.engine = engine
        self._carried = {"published": Published()}
        self._writing = engine.execution_options(writes=True)
        # PostgreSQL shows each statement what is there by then, in a transaction or not: none need be opened
        alone = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        self._reading = engine.execution_options(**alone)
        self._busy_timeout = busy_timeout
        path = engine.url.database if engine.dialect.name == "sqlite" else None
        self._log = WriteAheadLog(Path(f"{path}-wal")) if path else None
        # SQLite takes one writer at a time; threads that wait here go in turn, where its own wait is a guess
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self._reading, info=self._carried) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._taking_turns(), Session(self._writing, info=self._carried) as session, session.begin():
            yield session
        if self._log:
            self._log.sync()

    def check(self) -> None:
        """Raises: OperationalError when the database does not answer; NotReady when its tables are others."""
        with self.read() as session:
            found = session.scalar(text("SELECT version_num FROM alembic_version"))
        if found != newest_revision():
            raise NotReady(
                f"The tables are at {found}. Expected {newest_revision()}: restart this server's process."
            )

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=self._busy_timeout):
            raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked"))
        try:
            yield
        finally:
            self._turn.release()


def open_database(url: str | None, data: Path, busy_timeout: float = 10.0) -> Database:
    """Connect and bring the tables up to date. Raises: GraderError when that can't be done."""
    engine = connect(url, data, busy_timeout)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        migrate(engine)
    except DatabaseError as error:
        engine.dispose()
        said = f"{shown}: this database can't be used ({' '.join(str(error.orig).split())})."
        raise GraderError(f"{said} Expected one that answers. Start it, or mend its address.") from None
    except CommandError as error:
        engine.dispose()
        said = f"{shown}: its tables are not of this grader ({error})."
        raise GraderError(f"{said} Expected its own or older ones. Install the newest grader.") from None
    except GraderError:
        engine.dispose()
        raise
    return Database(engine, busy_timeout)


def connect(url: str | None, data: Path, busy_timeout: float = 10.0) -> Engine:
    """Return the engine of an address, or of SQLite in the data folder. Raises: GraderError."""
    return _sqlite(data / "course.db", busy_timeout) if url is None else _by_address(url, busy_timeout)


def migrate(engine: Engine, to: str = "head") -> None:
    """Move the tables up or down to a revision."""
    config = _config()
    with _changing_tables(engine) as connection:
        if connection.dialect.name == "postgresql":  # of two processes that start at once, one does it
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATING})
        config.attributes["connection"] = connection
        up = to == "head"
        (command.upgrade if up else command.downgrade)(config, to)


@contextmanager
def _changing_tables(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction. Raises: GraderError when in the end a row refers to none."""
    with engine.execution_options(writes=True).connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        # SQLite changes a table by making it anew and dropping the old one, which rows of others forbid
        driver.execute("PRAGMA foreign_keys=OFF")  # before the transaction: in one it would do nothing
        try:
            with connection.begin():
                before = _revision(connection)
                yield connection
                if _revision(connection) != before:  # else it would read every row at each start
                    _require_sound(connection)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _require_sound(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        table, row, parent, _ = broken
        where = f"{connection.engine.url.database}: row {row} of {table}"
        raise GraderError(f"{where} refers to none of {parent}. Expected one. Restore the newest backup.")


@functools.cache  # each look at whether the database is ready asks, and every migration is read for it
def newest_revision() -> str | None:
    """Return the revision of the tables that this grader works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _by_address(url: str, busy_timeout: float) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError:
        raise GraderError(
            f"{url!r} is no address of a database. Expected one such as postgresql://user@host/course."
        ) from None
    if address.get_backend_name() == "sqlite":
        return _sqlite(Path(address.database or "course.db"), busy_timeout)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    try:
        return create_engine(address, pool_pre_ping=True, pool_recycle=1800, **_POOL)
    except ModuleNotFoundError as error:
        raise GraderError(
            f"{address.drivername}: its driver is missing. Run `pip install {error.name}`."
        ) from None


def _sqlite(path: Path, busy_timeout: float) -> Engine:
    engine = create_engine(f"sqlite:///{path}", **_POOL)
    pragmas = {
        "journal_mode": "WAL",
        "synchronous": "NORMAL",  # WriteAheadLog does the rest
        "busy_timeout": round(1000 * busy_timeout),
        "foreign_keys": "ON",
    }
    event.listen(engine, "connect", functools.partial(_prepare_sqlite, pragmas))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(pragmas: dict[str, object], connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are ours to begin: the driver would begin them too late
    cursor = connection.cursor()
    for name, value in pragmas.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns writer could find the database changed under it."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
