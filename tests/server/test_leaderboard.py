"""The leaderboard: only of those who chose a name, under that name, and nothing but figures."""

import json
from pathlib import Path
from typing import Any

import pytest

from grader.errors import GraderError
from grader.submission.speed import figures_in


def _figures(value: float, name: str = "matmul") -> dict[str, Any]:
    return {
        "assignment": "tiny0",
        "machine": "A machine <i>",
        "figures": [{"name": name, "value": value, "unit": "GFLOP/s"}],
    }


def _shown(person: Any, name: str) -> list[tuple[int, str, float, bool]]:
    for ranking in person.get("/leaderboard"):
        if ranking["name"] == name:
            return [(one["rank"], one["pseudonym"], one["value"], one["mine"]) for one in ranking["places"]]
    return []


def test_figures_are_shown_only_of_those_who_chose_a_name(server: Any) -> None:
    slow, fast, shy = server.student("Slow Person"), server.student("Fast Person"), server.student()
    for person, value in ((slow, 10.0), (fast, 20.0), (shy, 30.0)):
        assert person.post("/leaderboard/figures", _figures(value, "first")).json() == {"pseudonym": None}
    assert _shown(slow, "first") == []
    assert slow.post("/leaderboard/me", {"pseudonym": " Tortoise "}).json() == {"pseudonym": "Tortoise"}
    fast.post("/leaderboard/me", {"pseudonym": "Hare"})
    assert _shown(slow, "first") == [(1, "Hare", 20.0, False), (2, "Tortoise", 10.0, True)]
    assert "Fast Person" not in json.dumps(shy.get("/leaderboard"))
    fast.post("/leaderboard/me", {"pseudonym": None})
    assert _shown(slow, "first") == [(1, "Tortoise", 10.0, True)]


def test_what_is_sent_again_replaces_what_was_sent_before(server: Any) -> None:
    person = server.student()
    person.post("/leaderboard/me", {"pseudonym": "Twice"})
    for value in (3.0, 2.0):
        person.post("/leaderboard/figures", _figures(value, "again"))
    assert _shown(person, "again") == [(1, "Twice", 2.0, True)]


def test_a_name_is_one_persons_whatever_its_case(server: Any) -> None:
    one, other = server.student(), server.student()
    assert one.post("/leaderboard/me", {"pseudonym": "Needle"}).status_code == 200
    refused = other.post("/leaderboard/me", {"pseudonym": "nEEDLE"})
    assert refused.status_code == 409
    assert refused.json()["error"].endswith("Choose another one.")
    assert one.post("/leaderboard/me", {"pseudonym": "needle"}).status_code == 200


@pytest.mark.parametrize("pseudonym", ["", "x", "y" * 41, "two\nlines", 7])
def test_a_name_that_is_none_is_refused(server: Any, pseudonym: object) -> None:
    assert server.student().post("/leaderboard/me", {"pseudonym": pseudonym}).status_code == 422


@pytest.mark.parametrize("value", [0, -1, 1e13, "NaN", None])
def test_a_figure_that_is_none_is_refused(server: Any, value: Any) -> None:
    assert server.student().post("/leaderboard/figures", _figures(value)).status_code == 422


def test_figures_of_no_assignment_or_twice_the_same_are_refused(server: Any) -> None:
    person = server.student()
    assert person.post("/leaderboard/figures", _figures(1) | {"assignment": "hw99"}).status_code == 404
    twice = _figures(1)
    twice["figures"] *= 2
    assert person.post("/leaderboard/figures", twice).status_code == 422


def test_of_each_kernel_the_best_figure_is_sent(tmp_path: Path) -> None:
    kernels = [("matmul", 10), ("matmul", 30.123), ("ewise", 2), ("stub", 0)]
    file = tmp_path / "hw3.json"
    file.write_text(json.dumps({"kernels": [{"kernel": name, "gflops": value} for name, value in kernels]}))
    assert [(one["name"], one["value"]) for one in figures_in(file)] == [("matmul", 30.12), ("ewise", 2.0)]


def test_a_file_without_figures_is_refused_and_named(tmp_path: Path) -> None:
    file = tmp_path / "hw3.json"
    for text in ("{", "[]", '{"kernels": [{}]}'):
        file.write_text(text)
        with pytest.raises(GraderError, match=r"hw3\.json: no figures of kernels are here"):
            figures_in(file)
    with pytest.raises(GraderError, match="no figures of kernels"):
        figures_in(tmp_path / "missing.json")
