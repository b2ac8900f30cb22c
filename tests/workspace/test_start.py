"""Starting and updating through the functions that the command line calls."""

import http.server
import io
import os
import tarfile
import threading
from pathlib import Path

import pytest
import requests

from grader.errors import GraderError, Rejected, Unreachable, WireError, WorkspaceError
from grader.workspace.folder import Workspace
from grader.workspace.incoming import check_release, download, release_url
from grader.workspace.placing import apply, plan
from grader.workspace.start import start, update

TEST, WORK = "assignments/hw0/tests/test_add.py", "hw0/work.py"


@pytest.fixture
def source(tmp_path, write_files):
    """Return a function that writes a release's files as a new folder."""
    made = iter(range(100))
    return lambda files: str(write_files(tmp_path / f"release{next(made)}", files))


@pytest.fixture
def here(tmp_path, hw0_files, source):
    """A workspace with hw0 started."""
    folder = tmp_path / "workspace"
    start("hw0", source(hw0_files()), folder, [], [])
    return folder


def archive(files, top="needle-course/"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, data in files.items():
            member = tarfile.TarInfo(top + path)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def test_start_writes_every_file_of_the_release_and_notes_the_assignment(here, hw0_files, snapshot):
    assert snapshot(here) == {**hw0_files(), ".grader/started": b"hw0\n"}
    assert Workspace.find(here).latest.id == "hw0"


@pytest.mark.parametrize("top", ["needle-course/", ""])
def test_start_takes_an_archive_with_or_without_a_folder_around_it(tmp_path, hw0_files, top):
    (tmp_path / "hw0.tar.gz").write_bytes(archive(hw0_files(), top))
    start("hw0", str(tmp_path / "hw0.tar.gz"), tmp_path / "new", [], [])
    assert (tmp_path / "new" / WORK).is_file()


def test_start_asks_a_server_by_its_address_for_the_release(tmp_path, hw0_files):
    asked = []
    start(
        "hw0",
        "https://a.example",
        tmp_path / "new",
        [],
        [],
        lambda u: asked.append(u) or archive(hw0_files()),
    )
    assert asked == ["https://a.example/api/v1/assignments/hw0/release"]
    assert release_url("hw0", "https://a.example/hw0.tar.gz") == "https://a.example/hw0.tar.gz"
    with pytest.raises(WorkspaceError, match="no address of a release"):
        release_url("hw0", "ftp://a.example/hw0.tar.gz")


def test_start_refuses_the_release_of_another_assignment(tmp_path, hw0_files, source):
    with pytest.raises(WorkspaceError, match=r"release of hw0. Expected the release of hw1"):
        start("hw1", source(hw0_files()), tmp_path / "new", [], [])
    assert not (tmp_path / "new").exists()


def test_start_refuses_a_release_that_is_not_as_its_manifest_says(tmp_path, hw0_files):
    for damage, said in (
        ({TEST: b"?"}, "not the file"),
        ({"extra.py": b""}, "not in the release's manifest"),
    ):
        with pytest.raises(WorkspaceError, match=said):
            check_release("hw0", {**hw0_files(), **damage}, "it")
    files = hw0_files()
    del files[WORK]
    with pytest.raises(WorkspaceError, match="is missing"):
        check_release("hw0", files, "it")


@pytest.mark.parametrize(
    "path", ["../out.py", "/out.py", "a/../../out.py", "a\\..\\out.py", "C:/out.py", ".grader/login.json"]
)
def test_start_refuses_a_path_that_leads_out_and_writes_nothing(tmp_path, files_of, path):
    bad = files_of("hw0", {path: ("course", b"bad")})
    with pytest.raises(GraderError, match=r"Expected|login\.json"):
        start("hw0", "https://a.example/x", tmp_path / "new", [], [], lambda _: archive(bad))
    assert list(tmp_path.iterdir()) == []


def test_start_refuses_an_archive_with_a_link(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("hw0")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(member)
    with pytest.raises((WorkspaceError, WireError), match="link"):
        start("hw0", "https://a.example/x", tmp_path / "new", [], [], lambda _: buffer.getvalue())


def test_nothing_is_written_through_a_link_that_leads_out(here, tmp_path, hw0_files, source):
    outside = tmp_path / "outside"
    (here / "assignments" / "hw0" / "tests").rename(outside)
    (here / "assignments" / "hw0" / "tests").symlink_to(outside)
    before = (outside / "test_add.py").read_bytes()
    with pytest.raises(WorkspaceError, match="leads out of the workspace"):
        update("hw0", source(hw0_files(test=b"new")), here, [], [])
    assert (outside / "test_add.py").read_bytes() == before


def test_a_file_that_is_a_link_counts_as_edited_and_its_target_stays(here, tmp_path, hw0_files, source):
    target = tmp_path / "mine.py"
    target.write_bytes((here / TEST).read_bytes())
    (here / TEST).unlink()
    (here / TEST).symlink_to(target)
    newer = source(hw0_files(test=b"new"))
    with pytest.raises(WorkspaceError, match=r"test_add\.py"):
        update("hw0", newer, here, [], [])
    update("hw0", newer, here, [TEST], [])
    assert target.read_bytes() != b"new"
    assert (here / TEST).read_bytes() == b"new"
    assert (here / f"{TEST}.mine").readlink() == target


def test_start_refuses_the_instructors_repository(tmp_path, hw0_files, source, write_files):
    write_files(tmp_path / "course", {**hw0_files(), "course.yaml": b""})
    with pytest.raises(WorkspaceError, match="instructor's repository"):
        start("hw0", source(hw0_files()), tmp_path / "course", [], [])


def test_start_again_brings_back_a_deleted_stub_and_leaves_a_solved_one(here, hw0_files, source):
    (here / WORK).write_text("solved")
    start("hw0", source(hw0_files()), here, [], [])
    assert (here / WORK).read_text() == "solved"
    (here / WORK).unlink()
    start("hw0", source(hw0_files()), here, [], [])
    assert (here / WORK).read_bytes() == hw0_files()[WORK]


def test_start_stops_at_a_file_of_the_students_that_stands_where_a_stub_would(
    tmp_path, hw0_files, files_of, source, snapshot, here
):
    (here / "hw1").mkdir()
    (here / "hw1/new.py").write_text("mine")
    before = snapshot(here)
    with pytest.raises(WorkspaceError, match=r"hw1/new.py"):
        start("hw1", source(files_of("hw1", {"hw1/new.py": ("stub", b"stub")})), here, [], [])
    assert snapshot(here) == before


def test_update_corrects_tests_and_never_touches_a_stub(here, hw0_files, source, capsys):
    (here / WORK).write_text("solved")
    update("hw0", source(hw0_files(test=b"corrected", stub=b"another stub")), here, [], [])
    assert (here / TEST).read_bytes() == b"corrected"
    assert (here / WORK).read_text() == "solved"
    assert f"changed  {TEST}" in capsys.readouterr().out


def test_update_refuses_to_take_theirs_for_a_stub(here, hw0_files, source):
    with pytest.raises(WorkspaceError, match="your own work, and an update never touches it"):
        update("hw0", source(hw0_files()), here, [WORK], [])


def test_update_stops_at_conflicts_lists_all_of_them_and_changes_nothing(here, hw0_files, source, snapshot):
    for path in (TEST, "Makefile"):
        (here / path).write_text("edited")
    before = snapshot(here)
    newer = source(hw0_files(test=b"2", makefile=b"2", case=b"2"))
    with pytest.raises(WorkspaceError) as refused:
        update("hw0", newer, here, [], [])
    assert all(said in str(refused.value) for said in (TEST, "Makefile", "--theirs FILE", "--mine FILE"))
    assert "cases" not in str(refused.value)
    assert snapshot(here) == before


def test_theirs_keeps_mine_beside_and_mine_is_not_asked_for_again(here, hw0_files, source):
    for path in (TEST, "Makefile"):
        (here / path).write_text("edited")
    newer = source(hw0_files(test=b"2", makefile=b"2"))
    update("hw0", newer, here, [f"./{TEST}"], ["Makefile"])
    assert (here / TEST).read_bytes() == b"2"
    assert (here / f"{TEST}.mine").read_text() == "edited"
    update("hw0", newer, here, [], [])
    assert (here / "Makefile").read_text() == "edited"
    (here / TEST).write_text("edited again")
    update("hw0", newer, here, [TEST], [])
    assert (here / f"{TEST}.mine").read_text() == "edited"
    assert (here / f"{TEST}.mine2").read_text() == "edited again"


def test_an_edited_file_that_the_release_leaves_as_it_was_is_kept_and_named(here, hw0_files, source, capsys):
    (here / TEST).write_text("edited")
    update("hw0", source(hw0_files(case=b"2")), here, [], [])
    assert (here / TEST).read_text() == "edited"
    assert f"kept     {TEST}" in capsys.readouterr().out


@pytest.mark.parametrize(("theirs", "mine"), [(["nothing.py"], []), ([], ["nothing.py"]), ([TEST], [TEST])])
def test_a_choice_that_fits_no_file_is_refused(here, hw0_files, source, theirs, mine):
    with pytest.raises(WorkspaceError, match="Expected"):
        update("hw0", source(hw0_files()), here, theirs, mine)


def test_a_withdrawn_case_goes_and_an_edited_one_is_asked_about(here, hw0_files, files_of, source):
    case = "assignments/hw0/cases/add.py"
    less = source(files_of("hw0", {WORK: ("stub", hw0_files()[WORK])}))
    (here / case).write_text("edited")
    with pytest.raises(WorkspaceError, match=case):
        update("hw0", less, here, [], [])
    update("hw0", less, here, [case], [])
    assert not (here / case).exists()
    assert not (here / TEST).exists()
    assert (here / f"{case}.mine").read_text() == "edited"


def test_glue_of_the_later_release_wins_also_when_the_earlier_one_is_updated(
    here, hw0_files, files_of, source
):
    start("hw1", source(files_of("hw1", {"Makefile": ("glue", b"hw1's")})), here, [], [])
    assert (here / "Makefile").read_bytes() == b"hw1's"
    update("hw0", source(hw0_files(makefile=b"hw0's, corrected")), here, [], [])
    assert (here / "Makefile").read_bytes() == b"hw1's"
    assert (here / ".grader/started").read_text() == "hw0\nhw1\n"


def test_all_assignments_are_updated_together_or_none(here, hw0_files, files_of, release_of, snapshot):
    workspace = Workspace.find(here)
    first = {"hw1/t.py": ("course", b"1"), "Makefile": ("glue", b"1")}
    apply(plan(workspace, [release_of("hw1", first)], stubs=True))
    hw0 = check_release("hw0", hw0_files(test=b"2", makefile=b"2"), "it")
    hw1 = release_of(
        "hw1", {"hw1/t.py": ("course", b"2"), "Makefile": ("glue", b"3"), "new.txt": ("glue", b"n")}
    )
    (here / "hw1/t.py").write_text("edited")
    assert plan(workspace, [hw0, hw1], stubs=False).conflicts == ("hw1/t.py",)
    apply(plan(workspace, [hw0, hw1], stubs=False, theirs=["hw1/t.py"]))
    assert (here / "Makefile").read_bytes() == b"3"
    assert (here / TEST).read_bytes() == b"2"


def test_a_newer_wheel_replaces_the_older_with_requirements_txt(here, hw0_files, source, capsys):
    new = "needle_grader-1.1-py3-none-any.whl"
    update("hw0", source(hw0_files(wheel=new)), here, [], [])
    assert [file.name for file in (here / "wheels").iterdir()] == [new]
    assert "`make setup` runs by itself next time" in capsys.readouterr().out


def test_the_older_wheel_stays_while_the_students_requirements_name_it(here, hw0_files, source):
    edited = (here / "requirements.txt").read_text() + "matplotlib\n"
    (here / "requirements.txt").write_text(edited)
    new = "needle_grader-1.1-py3-none-any.whl"
    update("hw0", source(hw0_files(wheel=new)), here, [], ["requirements.txt"])
    assert len(list((here / "wheels").iterdir())) == 2
    assert (here / "requirements.txt").read_text() == edited


def test_a_release_without_the_wheel_that_it_names_is_refused(tmp_path, hw0_files, source):
    files = {path: data for path, data in hw0_files().items() if not path.startswith("wheels/")}
    with pytest.raises(WorkspaceError, match="came without it"):
        start("hw0", source(files), tmp_path / "new", [], [])


@pytest.mark.parametrize("fails_at", [1, 3, 5])
def test_a_write_that_fails_half_way_leaves_everything_as_it_was(
    here, hw0_files, source, snapshot, monkeypatch, fails_at
):
    (here / TEST).write_text("edited")
    newer, before, calls = (
        source(hw0_files(test=b"2", case=b"2", makefile=b"2", readme=b"2")),
        snapshot(here),
        [],
    )
    replace = Path.replace

    def failing(self, target):
        if self.suffix == ".new":
            calls.append(self)
            if len(calls) == fails_at:
                raise OSError(28, "No space left on device", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(WorkspaceError, match="No space left on device"):
        update("hw0", newer, here, [TEST], [])
    assert snapshot(here) == before


def test_an_edit_between_the_plan_and_the_write_is_not_lost(here, hw0_files):
    made = plan(
        Workspace.find(here), [check_release("hw0", hw0_files(test=b"2", case=b"2"), "it")], stubs=False
    )
    (here / TEST).write_text("edited just now")
    with pytest.raises(WorkspaceError, match="edited just now"):
        apply(made)
    assert (here / TEST).read_text() == "edited just now"
    assert (here / "assignments/hw0/cases/add.py").read_bytes() == b"# a case\n"


def test_update_without_a_login_or_a_source_says_to_log_in(here):
    with pytest.raises(GraderError, match="make login"):
        update("hw0", None, here, [], [])
    with pytest.raises(WorkspaceError, match="no such assignment"):
        update("hw9", None, here, [], [])


def test_a_redirect_to_another_host_is_refused(monkeypatch):
    def redirected(self, url, **_):
        answer = requests.Response()
        answer.status_code, answer.headers["location"], answer.raw = 302, "https://b.example/x", io.BytesIO()
        return answer

    monkeypatch.setattr(requests.Session, "get", redirected)
    with pytest.raises(Rejected, match=r"a.example sends us on to b.example"):
        download("https://a.example/x")


def test_a_download_gives_the_content_or_the_servers_own_sentence():
    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, said = {"/release": (200, b"content")}.get(self.path, (404, b'{"error": "Not yet."}'))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        assert download(f"{address}/release") == b"content"
        with pytest.raises(Rejected, match=r"^Not yet\.$"):
            download(f"{address}/other")
        server.shutdown()
    with pytest.raises(Unreachable, match="FROM=ARCHIVE"):
        download(f"{address}/release")


def test_files_written_are_readable_and_not_executable(here):
    assert os.stat(here / TEST).st_mode & 0o777 == 0o666 & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
