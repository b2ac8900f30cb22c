"""Folders and archives of releases."""

import gzip
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import grader.workspace.archive
from grader.course.policy import Course
from grader.errors import ReleaseRefused, WireError, WorkspaceError
from grader.release.archive import place_starter, write_archive
from grader.release.command import release, solve
from grader.release.content import release_files
from grader.release.wheel import build_wheel, grader_wheel
from grader.workspace.archive import open_archive
from grader.workspace.start import start

Edit = Callable[[str, str, str], None]


def read_folder(folder: Path) -> dict[str, bytes]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_starter_is_the_release_without_the_wheel_and_stale_files_go(course: Course) -> None:
    starter = course.root / "starter"
    for _ in range(2):
        files = release_files(course, course.assignment("hw1"))
        assert read_folder(place_starter(files, starter / "hw1")) == files
        (starter / "hw1/stale.py").write_text("old")
    assert [path.name for path in starter.iterdir()] == ["hw1"]


def test_a_refused_release_leaves_everything_as_it_was(root: Path, edit: Edit) -> None:
    release(root, None)
    before = read_folder(root / "starter"), read_folder(root / "build/releases")
    edit("reference/lib/core.py", '"""Return the area', '"""Return some area')
    edit("assignments/hw2/assignment.yaml", "[lib.later.Late]", "[lib.later.Later]")
    with pytest.raises(ReleaseRefused, match="defines no Later"):
        release(root, None)
    assert (read_folder(root / "starter"), read_folder(root / "build/releases")) == before


def test_release_prints_a_line_an_assignment(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release(root, ["hw1"])
    line = capsys.readouterr().out
    assert line.startswith("hw1: 18 files, 6 stubs; starter/hw1, build/releases/hw1.tar.gz (")
    assert not (root / "starter/hw2").exists()


def test_an_archive_gives_back_the_release_and_the_wheel_under_one_folder(course: Course) -> None:
    path = write_archive(course, course.assignment("hw1"), course.root / "out/hw1.tar.gz")
    wheel = grader_wheel(course.root)
    files = release_files(course, course.assignment("hw1")) | {f"wheels/{wheel.name}": wheel.read_bytes()}
    assert open_archive(path) == {f"needle-course/{name}": data for name, data in files.items()}
    assert open_archive(path.read_bytes()) == open_archive(path)
    with tarfile.open(path) as tar:
        assert {(one.uid, one.gid, one.uname, one.mtime, one.mode) for one in tar} == {(0, 0, "", 0, 0o644)}


def test_the_same_course_gives_the_same_archive_and_the_same_wheel(course: Course, tmp_path: Path) -> None:
    one = write_archive(course, course.assignment("hw1"), tmp_path / "one.tar.gz")
    two = write_archive(course, course.assignment("hw1"), tmp_path / "two.tar.gz")
    assert one.read_bytes() == two.read_bytes()
    (course.root / "grader/__init__.py").touch()
    again = build_wheel(course.root, tmp_path / "again")
    assert again.read_bytes() == grader_wheel(course.root).read_bytes()


def test_a_wheel_is_built_once_for_the_same_sources_and_leaves_nothing_beside_them(root: Path) -> None:
    before = read_folder(root / "grader")
    wheel = grader_wheel(root)
    stamp = wheel.stat().st_mtime_ns
    assert grader_wheel(root).stat().st_mtime_ns == stamp
    assert read_folder(root / "grader") == before
    (root / "grader/__init__.py").write_text("NEW = 1\n")
    with zipfile.ZipFile(grader_wheel(root)) as built:
        assert built.read("grader/__init__.py") == b"NEW = 1\n"


def test_a_wheel_that_cannot_be_built_is_refused_with_the_last_words_of_the_build(
    root: Path, edit: Edit
) -> None:
    edit("grader/pyproject.toml", 'packages = ["grader"]', 'packages = ["grader", "grader.gone"]')
    with pytest.raises(ReleaseRefused, match=r"(?s)its wheel could not be built.*gone"):
        grader_wheel(root)


def test_solve_writes_a_workspace_with_the_earlier_assignments_solved(course: Course, tmp_path: Path) -> None:
    solve(course.root, "hw2", tmp_path / "new", set())
    assert (tmp_path / "new/lib/core.py").read_bytes() == course.source_of("lib/core.py").read_bytes()
    assert "not started: hw2/late" in (tmp_path / "new/lib/later.py").read_text()
    assert list((tmp_path / "new/wheels").glob("*.whl"))
    assert sorted(path.name for path in (tmp_path / "new/.grader/releases").iterdir()) == [
        "hw1.json",
        "hw2.json",
    ]
    with pytest.raises(WorkspaceError, match=r"this is not empty\. Expected a new folder"):
        solve(course.root, "hw2", tmp_path / "new", None)


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b"x" if kind == tarfile.REGTYPE else b""


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../x", "a/../../x", "a/..", "C:/x", "a\\..\\x", "a/./b", "a//b", "a\nb"]
)
def test_a_member_that_leads_outside_is_refused(name: str) -> None:
    with pytest.raises(WireError, match=r"leads outside\. Expected a path inside it. Fetch"):
        open_archive(packed(member("fine"), member(name)))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_member_that_is_no_plain_file_is_refused(kind: bytes) -> None:
    with pytest.raises(WireError, match=r"'odd' is a link or a device. Expected plain files only"):
        open_archive(packed(member("odd", kind, "fine")))


@pytest.mark.parametrize(
    ("first", "second"), [("a", "a"), ("Makefile", "makefile"), ("a", "a/b"), ("a/b", "a")]
)
def test_two_members_in_one_place_are_refused(first: str, second: str) -> None:
    with pytest.raises(WireError, match=r"stands in the place of another one"):
        open_archive(packed(member(first), member(second)))


def test_folders_in_an_archive_are_passed_over() -> None:
    assert open_archive(packed(member("a", tarfile.DIRTYPE), member("a/b"))) == {"a/b": b"x"}


def test_a_member_that_claims_too_much_is_refused_before_it_is_read() -> None:
    info = tarfile.TarInfo("large")
    info.size = grader.workspace.archive.MOST_IN_ONE + 1
    with pytest.raises(WireError, match=r"'large' claims 33554433 bytes. Expected at most 33554432"):
        open_archive(gzip.compress(info.tobuf() + bytes(1024)))


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader.workspace.archive, "MOST_IN_ALL", 100_000)
    members = [(tarfile.TarInfo(f"part{number}"), bytes(30_000)) for number in range(5)]
    with pytest.raises(WireError, match="this unpacks to over 100000 bytes"):
        open_archive(packed(*members))


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader.workspace.archive, "MOST_MEMBERS", 3)
    with pytest.raises(WireError, match="found over 3 members"):
        open_archive(packed(*(member(f"part{number}") for number in range(4))))


def test_a_damaged_archive_is_refused_by_name(tmp_path: Path) -> None:
    whole = packed(member("fine"), (tarfile.TarInfo("more"), bytes(range(256)) * 40))
    for data in (b"", b"no archive", whole[:60], gzip.compress(b"no tar" * 200), whole[:-9]):
        (tmp_path / "hw0.tar.gz").write_bytes(data)
        with pytest.raises(WireError, match=r"hw0.tar.gz: this is no whole .tar.gz"):
            open_archive(tmp_path / "hw0.tar.gz")


def test_reading_an_archive_needs_nothing_of_the_release_tool() -> None:
    tools = "{'libcst', 'tree_sitter', 'grader.release'}"
    code = f"import sys, grader.workspace.archive; print({tools} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_a_student_can_start_from_the_starter_folder_after_a_release(root: Path, tmp_path: Path) -> None:
    release(root, None)
    assert start("hw1", str(root / "starter" / "hw1"), tmp_path / "new", [], []) == 0
    assert list((tmp_path / "new" / "wheels").glob("needle_grader-*.whl"))
