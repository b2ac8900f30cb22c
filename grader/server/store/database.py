"""The database: SQLite by default, PostgreSQL by address, the same code and the same migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.orm import Session

from grader.errors import GraderError

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_TIMEOUT = 10_000  # milliseconds that a writer waits for another


class Database:
    """Transactions on one engine. What a `write` does is stored whole or not at all."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._writing = engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with Session(self._writing) as session, session.begin():
            yield session


def open_database(url: str | None, data: Path) -> Database:
    """Connect and bring the tables up to date. Raises: GraderError when that can't be done."""
    engine = _sqlite(data / "course.db") if url is None else _by_address(url)
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
    return Database(engine)


def migrate(engine: Engine, to: str = "head") -> None:
    """Move the tables up or down to a revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        up = to == "head"
        (command.upgrade if up else command.downgrade)(config, to)


def _by_address(url: str) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError:
        raise GraderError(
            f"{url!r} is no address of a database. Expected one such as postgresql://user@host/course."
        ) from None
    if address.get_backend_name() == "sqlite":
        return _sqlite(Path(address.database or "course.db"))
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    try:
        return create_engine(address, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise GraderError(
            f"{address.drivername}: its driver is missing. Run `pip install {error.name}`."
        ) from None


def _sqlite(path: Path) -> Engine:
    # parameters are hidden since an error's text goes to the log, and they hold answers
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are ours to begin: the driver would begin them too late
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns writer could find the database changed under it."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
