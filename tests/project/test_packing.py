"""A project's archive: the same bytes each time, nothing foreign in it, and no hostile one unpacked."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest
from small_project import DEFINITION, SOLVED, definition, solved_workspace

import grader.project.packing
from grader.errors import WireError, WorkspaceError
from grader.project.packing import open_project, pack_project, unpack_project
from grader.workspace.folder import Workspace

PATHS = set(SOLVED)
Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return solved_workspace(tmp_path.resolve() / "ws")


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return whole.getvalue()


def file(name: str, data: bytes = b"x") -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), data


def test_a_project_is_packed_with_its_library_and_without_what_tools_left(workspace: Workspace) -> None:
    for path in (
        "project/__pycache__/a.pyc",
        "tiny/old.pyc",
        "project/.hidden",
        ".venv/x",
        "data/x",
        "build/x",
    ):
        (workspace.root / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace.root / path).write_text("left")
    assert set(open_project(pack_project(workspace, definition()), definition())) == PATHS


def test_the_same_files_give_the_same_bytes_whenever_they_were_written(workspace: Workspace) -> None:
    first = pack_project(workspace, definition())
    for path in PATHS:
        os.utime(workspace.root / path, (1, 1))
        (workspace.root / path).chmod(0o755)
    assert pack_project(workspace, definition()) == first


def test_an_archive_unpacks_to_the_files_that_were_packed(workspace: Workspace, tmp_path: Path) -> None:
    unpack_project(pack_project(workspace, definition()), definition(), tmp_path / "new")
    found = {
        path.relative_to(tmp_path / "new").as_posix(): path.read_text()
        for path in (tmp_path / "new").rglob("*")
        if path.is_file()
    }
    assert found == SOLVED


@pytest.mark.parametrize("what", ["project/data", "project/alias.py", "tiny"])
def test_a_link_is_refused_by_name(workspace: Workspace, what: str, tmp_path: Path) -> None:
    target = workspace.root / what
    if target.exists():
        target.rename(tmp_path / "elsewhere")
    target.symlink_to(tmp_path)
    with pytest.raises(WorkspaceError, match=rf"{what}: this is a link\. Expected a file"):
        pack_project(workspace, definition())


def test_a_pipe_is_refused_by_name(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "project" / "pipe")
    with pytest.raises(WorkspaceError, match="project/pipe: this is no plain file"):
        pack_project(workspace, definition())


def test_too_much_is_refused_with_the_largest_files(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grader.project.packing, "LARGEST", 2**20)
    (workspace.root / "project" / "weights.bin").write_bytes(os.urandom(2 * 2**20))
    with pytest.raises(WorkspaceError, match=r"has 2\.0 MiB. Expected 1 at most.*weights.bin \(2\.0 MiB\)"):
        pack_project(workspace, definition())


def test_a_folder_without_a_project_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"there is no project/. Begin with: grader project begin"):
        pack_project(Workspace(tmp_path), definition())


@pytest.mark.parametrize(
    "name",
    ["../project/x", "/project/x", "needle-project/../x", "needle-project/project/../../x", "C:/project/x"],
)
def test_a_path_that_leads_outside_is_refused(name: str) -> None:
    with pytest.raises(WireError, match="leads outside"):
        open_project(archive(file("needle-project/project/x"), file(name)), definition())


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_a_link_or_a_device_in_an_archive_is_refused(kind: bytes) -> None:
    info = tarfile.TarInfo("needle-project/project/x")
    info.type, info.linkname = kind, "/etc/passwd"
    with pytest.raises(WireError, match="is a link or a device"):
        open_project(archive((info, b"")), definition())


@pytest.mark.parametrize(
    "name",
    [
        "needle-project/sitecustomize.py",
        "needle-project/assignments/project/assignment.yaml",
        "needle-project/projects/x",
        "needle-project/.grader/login.json",
        "elsewhere/project/x",
        "project/x",
    ],
)
def test_what_is_no_part_of_a_project_is_refused(name: str) -> None:
    with pytest.raises(
        WireError, match=r"is no part of a project. Expected project, tiny, CMakeLists.txt in"
    ):
        open_project(archive(file("needle-project/project/x"), file(name)), definition())


def test_an_archive_without_a_project_is_refused() -> None:
    with pytest.raises(WireError, match="holds no project/"):
        open_project(archive(file("needle-project/tiny/x.py")), definition())


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    zeros = [file(f"needle-project/project/{number}", bytes(30 * 2**20)) for number in range(5)]
    bomb = archive(*zeros)
    assert len(bomb) < 2**20
    with pytest.raises(WireError, match="unpacks to over"):
        open_project(bomb, definition())


def test_bytes_that_are_no_archive_are_refused() -> None:
    for data in (b"", b"nonsense", gzip.compress(b"no tar")):
        with pytest.raises(WireError, match=r"no whole .tar.gz|holds no project"):
            open_project(data, definition(**{"sources": DEFINITION["sources"]}))
