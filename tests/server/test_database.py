"""The tables: migrations up and down on SQLite and PostgreSQL, and the protocol on both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from grader.errors import GraderError
from grader.server.store.database import connect, migrate, open_database
from grader.server.store.tables import Base


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'course.db'}"
    return request.getfixturevalue("empty_postgres")


def test_the_migrations_make_exactly_the_tables_and_take_them_back(address, tmp_path):
    engine = open_database(address, tmp_path).engine
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    migrate(engine)
    migrate(engine, to="base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()


def test_a_course_of_the_first_tables_moves_up_with_everybodys_standing(
    address: str, tmp_path: Path, start: Callable[..., Any], kit: SimpleNamespace
) -> None:
    server = start(database_url=address)
    server.instructor.publish(kit.publication())
    student = server.student()
    student.scored(student.drawn("double"))
    before = student.get("/me")["assignments"]
    server.stop()
    engine = connect(address, tmp_path)
    migrate(engine, to="0001")
    with engine.connect() as connection:
        tables = ("people", "keys", "versions", "attempts", "results")
        counts = [connection.scalar(text(f"select count(*) from {table}")) for table in tables]
    assert min(counts) > 0
    engine.dispose()
    again = start(database_url=address)
    assert kit.Person(again.url, student.key).get("/me")["assignments"] == before
    instructor = kit.Person(again.url, server.instructor.key)
    scores = {one["email"]: one["scores"] for one in instructor.get("/gradebook")["people"]}
    assert scores == {student.email: {"tiny0": 40.0}}
    with again.app.state.services.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_migration_refuses_a_row_that_refers_to_none_and_changes_nothing(tmp_path: Path) -> None:
    engine = open_database(None, tmp_path).engine
    migrate(engine, to="0001")
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("insert into keys (digest, person_id, created_at) values ('d', 7, '2026')")
        driver.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(
        GraderError, match=r"course\.db: row 1 of keys refers to none of people\. Expected one"
    ):
        migrate(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == "0001"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_the_protocol_holds_on_either_database(address, start, kit):
    server = start(database_url=address)
    server.instructor.publish(kit.publication(range(2**63 - 9, 2**63 - 1)))
    student = server.student()
    with ThreadPoolExecutor(4) as pool:
        drawn = [one.result() for one in [pool.submit(student.drawn) for _ in range(4)]]
    assert len({attempt["seeds"]["double"]["array"] for attempt in drawn}) == 4
    answered = [student.answer(attempt, kit.right(attempt)).status_code for attempt in drawn]
    assert sorted(answered) == [200, 409, 409, 409]
    attempt = student.drawn()
    body = kit.right(attempt)
    with ThreadPoolExecutor(4) as pool:
        replies = [one.result() for one in [pool.submit(student.answer, attempt, body) for _ in range(4)]]
    assert len({(one.status_code, one.content) for one in replies}) == 1
    me = student.get("/me")["assignments"][0]
    assert (me["score"], me["attempts"]) == (100.0, 2)
    added = server.instructor.publish(kit.publication(range(4), top_up=True)).json()
    assert added["seeds"]["double"]["array"] == 12
    [person] = server.instructor.get("/gradebook")["people"]
    assert person["scores"] == {"tiny0": 100.0}


def test_draws_at_once_of_many_people_all_succeed(address, start, kit):
    server = start(database_url=address)
    server.instructor.publish(kit.publication(range(10)))
    students = [server.student() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        scores = list(pool.map(lambda student: student.scored(student.drawn())["score"], students))
    assert scores == [100.0] * 8


def test_a_restarted_server_has_everything(tmp_path, start, kit):
    server = start(tmp_path / "kept")
    server.instructor.publish(kit.publication())
    student = server.student()
    attempt = student.drawn()
    server.stop()
    again = start(tmp_path / "kept")
    assert again.instructor.key == ""  # the first instructor is made once
    student = kit.Person(again.url, student.key)
    assert student.scored(attempt)["score"] == 100.0


def test_sqlite_writes_ahead_and_waits_its_turn(tmp_path):
    engine = open_database(None, tmp_path).engine
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys")
        }
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}
    engine.dispose()


def test_what_fails_half_way_is_not_stored_at_all(tmp_path):
    database = open_database(None, tmp_path)

    def half_way():
        with database.write() as session:
            session.execute(
                text("insert into people (name, email, role, created_at) values ('a', 'a', 'a', '2026')")
            )
            raise KeyError("half-way")

    with pytest.raises(KeyError):
        half_way()
    with database.read() as session:
        assert session.execute(text("select count(*) from people")).scalar() == 0
    database.engine.dispose()


def test_a_missing_driver_is_named(tmp_path: Path):
    with pytest.raises(GraderError, match=r"mysql: its driver is missing\. Run `pip install MySQLdb`\."):
        open_database("mysql://course@127.0.0.1/course", tmp_path)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", r"'nonsense' is no address of a database\. Expected one such as postgresql://"),
        (
            "postgresql://course:secret@127.0.0.1:1/course",
            r"course:\*\*\*@127\.0\.0\.1:1/course: this database",
        ),
        (
            "sqlite:///no/such/folder/course.db",
            r"this database can't be used \(unable to open database file\)",
        ),
    ],
)
def test_a_database_that_is_not_there_is_named_without_its_password(tmp_path: Path, address: str, said: str):
    with pytest.raises(GraderError, match=said) as caught:
        open_database(address, tmp_path)
    assert "secret" not in str(caught.value)


def test_the_tables_of_a_newer_grader_are_refused(tmp_path: Path):
    engine = open_database(None, tmp_path).engine
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(GraderError, match=r"its tables are not of this grader .*9999"):
        open_database(None, tmp_path)
