"""A saved login: its owner's alone, and read again or refused with the remedy."""

import json
from pathlib import Path

import pytest
from keyed_client import KEY

from grader.client import Login, load_login, login_file, save_login
from grader.errors import GraderError


def test_a_saved_login_comes_back_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    login = Login("https://course.example.org", KEY)
    save_login(tmp_path, Login("https://old.example.org", "old"))
    save_login(tmp_path, login)
    assert load_login(tmp_path) == login
    assert login_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in login_file(tmp_path).parent.iterdir()] == ["login.json"]


def test_a_login_saved_over_a_readable_one_is_private_again(tmp_path: Path) -> None:
    save_login(tmp_path, Login("https://a", "b"))
    login_file(tmp_path).chmod(0o644)
    login_file(tmp_path).with_suffix(".part").write_text("left behind")
    save_login(tmp_path, Login("https://a", KEY))
    assert login_file(tmp_path).stat().st_mode & 0o077 == 0
    assert load_login(tmp_path).key == KEY


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620])
def test_a_login_that_others_can_reach_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    save_login(tmp_path, Login("https://a", KEY))
    login_file(tmp_path).chmod(mode)
    with pytest.raises(
        GraderError, match=r"others can read your key\. Run `chmod 600 .*login\.json`"
    ) as caught:
        load_login(tmp_path)
    assert KEY not in str(caught.value)


def test_without_a_login_one_is_told_how_to_log_in(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"You are not logged in to a course. Run `make login URL="):
        load_login(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b'{"url": "x"}', b'{"key": "x"}', b"\xff"])
def test_a_damaged_login_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    save_login(tmp_path, Login("https://a", KEY))
    login_file(tmp_path).write_bytes(content)
    with pytest.raises(GraderError, match=r"this is no login\. Run `make login URL=https://\.\.\.` again"):
        load_login(tmp_path)


def test_a_folder_in_the_place_of_the_login_is_refused(tmp_path: Path) -> None:
    login_file(tmp_path).mkdir(parents=True)
    with pytest.raises(GraderError, match="this is no login"):
        load_login(tmp_path)


@pytest.mark.parametrize(
    ("said", "expected"), [("ndl_other", "ndl_other"), (" ndl_other\n", "ndl_other"), ("", KEY)]
)
def test_the_environments_key_stands_in_for_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: str
) -> None:
    save_login(tmp_path, Login("https://a", KEY))
    monkeypatch.setenv("NEEDLE_GRADER_KEY", said)
    assert load_login(tmp_path) == Login("https://a", expected)
    assert json.loads(login_file(tmp_path).read_text())["key"] == KEY


def test_url_and_key_of_the_environment_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDLE_GRADER_KEY", "ndl_other")
    monkeypatch.setenv("NEEDLE_GRADER_URL", "https://b")
    assert load_login(tmp_path) == Login("https://b", "ndl_other")
