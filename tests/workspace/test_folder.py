"""Finding a workspace, and what it says about itself."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import WorkspaceError
from grader.workspace.folder import Workspace, check_path, digest, parse_manifest

QUIET = settings(derandomize=True, deadline=None, database=None)
SEGMENTS = st.lists(st.sampled_from(["a", "b.py", "..", ".", "", "x\\y", "\0"]), min_size=1, max_size=4)


@pytest.fixture
def workspace(tmp_path, hw0_files, write_files):
    return Workspace(write_files(tmp_path / "w", hw0_files()))


def test_a_workspace_is_found_from_any_folder_inside(workspace):
    assert Workspace.find(workspace.root / "assignments/hw0/tests") == workspace


def test_outside_of_a_workspace_the_way_to_one_is_named(tmp_path):
    with pytest.raises(WorkspaceError, match=r"lies in no workspace.*unpack the archive"):
        Workspace.find(tmp_path)


def test_an_unknown_assignment_names_those_present_and_how_to_start_it(workspace):
    with pytest.raises(WorkspaceError, match=r"It has hw0\. To add it, run: make start HW=hw7"):
        workspace.assignment("hw7")
    assert workspace.assignment("hw0").definition.title == "First steps"


def test_sources_are_the_students_files_that_exist(workspace):
    assert list(workspace.sources(workspace.latest)) == ["hw0/work.py"]
    workspace.path("hw0/work.py").unlink()
    assert workspace.sources(workspace.latest) == {}


def test_sources_refuse_a_link_out_of_the_workspace(workspace, tmp_path):
    (tmp_path / "elsewhere.py").write_text("")
    workspace.path("hw0/work.py").unlink()
    workspace.path("hw0/work.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(WorkspaceError, match="a link out of the workspace"):
        workspace.sources(workspace.latest)


@given(SEGMENTS)
@QUIET
def test_a_path_is_taken_only_if_it_stays_inside(segments):
    path = "/".join(segments)
    if all(segment in ("a", "b.py") for segment in segments):
        assert check_path(path) == path
    else:
        with pytest.raises(WorkspaceError, match="could lead out"):
            check_path(path)


def test_a_drive_of_windows_is_no_path_of_a_workspace():
    with pytest.raises(WorkspaceError, match="could lead out"):
        check_path("C:/a")


def test_a_damaged_manifest_is_named_with_the_way_to_mend_it(workspace):
    (workspace.root / ".grader/releases/hw0.json").write_text('{"assignment": "hw0"}')
    with pytest.raises(WorkspaceError, match=r"hw0\.json: title: Field required.*make start"):
        _ = workspace.manifests
    with pytest.raises(WorkspaceError, match="no JSON"):
        parse_manifest(b"{", "it")


def test_digests_tell_files_links_folders_and_nothing_apart(workspace):
    workspace.path("link").symlink_to("hw0/work.py")
    assert workspace.digest_of("hw0/work.py") == digest(workspace.path("hw0/work.py").read_bytes())
    assert [workspace.digest_of(path) for path in ("link", "hw0", "nothing")] == ["link", "folder", None]
