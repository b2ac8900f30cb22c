"""A backup taken while the server runs, and restored: the same rows, files and keys."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, select

from grader.errors import GraderError
from grader.server.operation.backup import FILE_COLUMNS, back_up, restore
from grader.server.store.database import connect
from grader.server.store.files import open_files
from grader.server.store.tables import Base

DIGESTS = {"digest", "cases_digest", "code", "key_digest"}  # of 64 letters, and no names of files


def rows(url: str | None, data: Path) -> dict[str, list[Any]]:
    engine = connect(url, data)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def used(start: Callable[..., Any], kit: Any) -> Any:
    """A server that runs, with people, a version, attempts and a signing key."""
    server = start()
    server.instructor.publish(kit.publication())
    for _ in range(3):
        student = server.student()
        student.scored(student.drawn())
        student.drawn()
    (server.data / "certificate_key.pem").write_text("a key")
    return server


def test_a_restored_course_has_the_same_rows_files_and_keys(
    used: Any, start: Callable[..., Any], tmp_path: Path, kit: Any
) -> None:
    back_up(tmp_path / "course.tar", used.data, None, None, print)
    assert (tmp_path / "course.tar").stat().st_mode & 0o777 == 0o600
    restored = tmp_path / "restored"
    restore(tmp_path / "course.tar", restored, None, None, print)
    assert rows(None, restored) == rows(None, used.data)
    assert files_of(restored / "files") == files_of(used.data / "files")
    assert (restored / "certificate_key.pem").read_text() == "a key"
    assert (restored / "certificate_key.pem").stat().st_mode & 0o777 == 0o600
    again = start(restored)
    instructor = kit.Person(again.url, used.instructor.key)
    assert [one["scores"] for one in instructor.get("/gradebook")["people"]] == [{"tiny0": 100.0}] * 3


def test_a_course_moves_from_sqlite_to_postgresql_and_back(
    used: Any, start: Callable[..., Any], tmp_path: Path, kit: Any, empty_postgres: str
) -> None:
    back_up(tmp_path / "one.tar", used.data, None, None, print)
    restore(tmp_path / "one.tar", tmp_path / "moved", empty_postgres, None, print)
    before = rows(None, used.data)
    assert rows(empty_postgres, tmp_path / "moved") == before
    server = start(tmp_path / "moved", database_url=empty_postgres)
    instructor = kit.Person(server.url, used.instructor.key)
    assert instructor.scored(instructor.drawn())["score"] == 100.0  # new rows are numbered after the old ones
    back_up(tmp_path / "two.tar", tmp_path / "moved", empty_postgres, None, print)
    restore(tmp_path / "two.tar", tmp_path / "back", None, None, print)
    assert rows(None, tmp_path / "back") == rows(empty_postgres, tmp_path / "moved")
    with pytest.raises(GraderError, match=r"there is a course in it \(.*\)\. Expected an empty one"):
        restore(tmp_path / "two.tar", tmp_path / "third", empty_postgres, None, print)


def test_the_fonts_of_certificates_are_in_the_backup(used: Any, tmp_path: Path) -> None:
    (used.data / "fonts" / "folder").mkdir(parents=True)
    (used.data / "fonts" / "Hangul.ttf").write_bytes(b"a font")
    back_up(tmp_path / "course.tar", used.data, None, None, print)
    restore(tmp_path / "course.tar", tmp_path / "new", None, None, print)
    assert [path.name for path in (tmp_path / "new" / "fonts").iterdir()] == ["Hangul.ttf"]
    assert (tmp_path / "new" / "fonts" / "Hangul.ttf").read_bytes() == b"a font"


def test_every_column_that_names_a_file_is_backed_up() -> None:
    listed = {(column.class_.__tablename__, column.key) for column in FILE_COLUMNS}
    found = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length == 64 and column.name not in DIGESTS
    }
    assert found == listed


def test_a_backup_is_not_written_over_another_file(used: Any, tmp_path: Path) -> None:
    (tmp_path / "course.tar").write_text("precious")
    with pytest.raises(GraderError, match="is there already"):
        back_up(tmp_path / "course.tar", used.data, None, None, print)
    assert (tmp_path / "course.tar").read_text() == "precious"


def test_a_course_whose_file_is_gone_is_not_backed_up_and_nothing_is_left(used: Any, tmp_path: Path) -> None:
    next(path for path in (used.data / "files").rglob("*") if path.is_file()).unlink()
    (tmp_path / "backups").mkdir()
    with pytest.raises(GraderError, match="which is not there"):
        back_up(tmp_path / "backups" / "course.tar", used.data, None, None, print)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_folder_without_a_course_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"course\.db: there is no database"):
        back_up(tmp_path / "course.tar", tmp_path, None, None, print)


def test_a_folder_that_is_not_empty_is_not_restored_to(used: Any, tmp_path: Path) -> None:
    back_up(tmp_path / "course.tar", used.data, None, None, print)
    with pytest.raises(GraderError, match="this folder is not empty"):
        restore(tmp_path / "course.tar", used.data, None, None, print)


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\0" * 10240])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(GraderError, match=r"x\.tar: .*backup"):
        restore(tmp_path / "x.tar", tmp_path / "new", None, None, print)


def test_a_backup_that_was_changed_is_refused(used: Any, tmp_path: Path) -> None:
    back_up(tmp_path / "course.tar", used.data, None, None, print)
    changed = tmp_path / "changed.tar"
    with tarfile.open(tmp_path / "course.tar") as old, tarfile.open(changed, "w") as new:
        for entry in old:
            content = old.extractfile(entry).read()  # type: ignore[union-attr]
            if entry.name.startswith("files/"):
                content += b"more"
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))
    with pytest.raises(GraderError, match="its bytes were changed"):
        restore(changed, tmp_path / "new", None, None, print)


def test_the_files_of_a_bucket_are_in_the_backup(
    s3_bucket: str, start: Callable[..., Any], tmp_path: Path, kit: Any
) -> None:
    server = start(files=f"{s3_bucket}/backed-up")
    server.instructor.publish(kit.publication())
    back_up(tmp_path / "course.tar", server.data, None, f"{s3_bucket}/backed-up", print)
    restore(tmp_path / "course.tar", tmp_path / "new", None, f"{s3_bucket}/restored", print)
    with tarfile.open(tmp_path / "course.tar") as tar:
        assert json.load(tar.extractfile("about.json"))["format"] == 1  # type: ignore[arg-type]
        [name] = [entry.name for entry in tar if entry.name.startswith("files/")]
    archive = f"archive of tiny0 {kit.digest}".encode()
    assert open_files(f"{s3_bucket}/restored").read(name.removeprefix("files/")) == archive
