"""What a test raised, in a few words."""

from pathlib import Path

import pytest

from grader.expect import Unexpected
from grader.local.failures import describe


def test_an_unexpected_value_speaks_for_itself(tmp_path: Path) -> None:
    assert (
        describe(Unexpected("add: the value is 3\n  expected 4"), tmp_path)
        == "add: the value is 3\n  expected 4"
    )


def test_a_group_is_described_by_its_first_member_and_a_huge_text_is_cut(tmp_path: Path) -> None:
    group = ValueError("several")
    group.exceptions = (TypeError("x" * 10_000),)  # type: ignore[attr-defined]
    text = describe(group, tmp_path)
    assert text.startswith("TypeError: xxx")
    assert text.endswith("more characters)")
    assert len(text) < 5000


def test_without_a_call_the_notes_are_shown_and_with_one_the_call_is(tmp_path: Path) -> None:
    error = KeyError("a")
    error.__notes__ = ["Falsifying example: test_a(n=3)"]
    assert describe(error, tmp_path).splitlines() == ["KeyError: 'a'", "  Falsifying example: test_a(n=3)"]
    error.needle_call = "add(3)"  # type: ignore[attr-defined]
    assert describe(error, tmp_path).splitlines() == ["KeyError: 'a'", "  call      add(3)"]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (AssertionError("1 is not 2"), "1 is not 2"),
        (AssertionError(), "AssertionError"),
        (ValueError(), "ValueError"),
    ],
)
def test_a_tests_own_words_need_no_type_before_them(tmp_path: Path, error: Exception, text: str) -> None:
    assert describe(error, tmp_path) == text
