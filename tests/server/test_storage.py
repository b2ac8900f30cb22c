"""The store of files: a folder or a bucket, whole files, errors in words."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.errors import GraderError
from grader.server.store.files import Files, Folder, StoreError, open_files


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "folder":
        return open_files(tmp_path / "files")
    return open_files(f"{request.getfixturevalue('s3_bucket')}/{tmp_path.name}")


def test_what_was_put_is_given_back_under_its_digest(files: Files) -> None:
    digest = files.put(b"an archive")
    assert files.put(b"an archive") == digest
    assert len(digest) == 64
    assert files.read(digest) == b"an archive"
    with files.open(digest) as file:
        assert file.read(2) + file.read() == b"an archive"


def test_an_empty_file_is_a_file(files: Files) -> None:
    assert files.read(files.put(b"")) == b""


def test_a_file_that_is_not_there_is_named(files: Files) -> None:
    with pytest.raises(StoreError, match=r"0000, which is not there\. Restore it from a backup"):
        files.read("0" * 64)
    with pytest.raises(StoreError):
        files.open("0" * 64).read()


def test_a_files_name_is_on_the_disk_before_its_digest_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, synced = os.fsync, []

    def seen(handle: int) -> None:
        fsync(handle)
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            synced.append((os.fstat(handle).st_ino, os.listdir(handle)))

    monkeypatch.setattr(os, "fsync", seen)
    files = Folder(tmp_path)
    digest = files.put(b"an answer")
    folder = tmp_path / digest[:2]
    named = (folder.stat().st_ino, [digest[2:]])
    assert synced == [named, (tmp_path.stat().st_ino, [digest[:2]])]
    files.put(b"an answer")
    assert synced[2:] == [named]


def test_bytes_that_were_changed_are_not_given_back(tmp_path: Path) -> None:
    files = Folder(tmp_path)
    digest = files.put(b"an answer")
    (tmp_path / digest[:2] / digest[2:]).write_bytes(b"another")
    with pytest.raises(StoreError, match="holds other bytes than were put"):
        files.read(digest)


def test_a_bucket_that_is_not_there_is_named(s3_bucket: str) -> None:
    files = open_files("s3://no-such-bucket/x")
    for ask in (files.check, lambda: files.put(b"x"), lambda: files.read("0" * 64)):
        with pytest.raises(StoreError, match="s3://no-such-bucket/x: asked to"):
            ask()


def test_a_store_that_does_not_answer_is_named(s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(StoreError, match="asked to take a file, it failed"):
        open_files(f"{s3_bucket}/unreachable").put(b"x")


def test_an_address_of_no_known_store_is_refused() -> None:
    with pytest.raises(GraderError, match=r"nonsense://x: this is no store of files"):
        open_files("nonsense://x")


def test_a_course_is_published_and_answered_with_its_files_in_a_bucket(
    s3_bucket: str, start: Callable[..., Any], kit: Any
) -> None:
    server = start(files=f"{s3_bucket}/course")
    assert server.instructor.publish(kit.publication()).status_code == 200
    archive = server.instructor.request("GET", "/assignments/tiny0/release")
    assert archive.content == f"archive of tiny0 {kit.digest}".encode()
    assert archive.headers["Content-Disposition"] == 'attachment; filename="tiny0.tar.gz"'
    student = server.student()
    assert student.scored(student.drawn())["score"] == 100.0
    assert not (server.data / "files").exists()


def test_a_full_disk_leaves_nothing_half_written_and_the_attempt_open(
    start: Callable[..., Any], kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    server.instructor.publish(kit.publication())
    student = server.student()
    attempt = student.drawn()
    kept = sorted((server.data / "files").rglob("*"))

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        response = student.answer(attempt, kit.right(attempt))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "nothing was stored" in response.json()["error"]
    left = [path for path in (server.data / "files").rglob("*") if path.is_file() and path not in kept]
    assert left == []
    assert student.scored(attempt)["score"] == 100.0
