"""What a process keeps of versions in memory is never older than the database, and commits reach the disk."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grader.server.store.database import WriteAheadLog


@pytest.fixture
def pair(start: Callable[..., Any], tmp_path: Path, kit: Any) -> tuple[Any, Any, Any]:
    """Two servers on one course, and a student who has drawn at both, so that both keep the version."""
    one = start(tmp_path / "shared")
    one.instructor.publish(kit.publication(range(2)))
    two = start(tmp_path / "shared")
    student = one.student()
    there = kit.Person(two.url, student.key)
    student.scored(student.drawn())
    there.scored(there.drawn())
    return one, student, there


def test_another_process_draws_the_seeds_of_a_top_up(pair: tuple[Any, Any, Any], kit: Any) -> None:
    one, student, there = pair
    assert there.draw().status_code == 409  # both seeds were had
    one.instructor.publish(kit.publication(range(10, 12), top_up=True))
    drawn = [there.drawn()["seeds"]["double"]["array"], student.drawn()["seeds"]["double"]["array"]]
    assert sorted(drawn) == [10, 11]


def test_another_process_refuses_the_cases_of_the_version_before(
    pair: tuple[Any, Any, Any], kit: Any
) -> None:
    one, _, there = pair
    one.instructor.publish(kit.publication(range(20, 24), digest="b" * 64))
    refused = there.draw()
    assert (refused.status_code, "the course is at 2" in refused.json()["error"]) == (409, True)
    assert there.draw(digest="b" * 64).status_code == 201


def test_another_process_scores_by_the_points_of_a_corrected_definition(
    pair: tuple[Any, Any, Any], kit: Any
) -> None:
    one, _, there = pair
    questions = [{**question, "points": 50} for question in kit.definition["questions"]]
    one.instructor.publish(kit.publication(range(2), definition=kit.definition | {"questions": questions}))
    assert [one["points"] for one in there.get("/me")["assignments"][0]["questions"]] == [50, 50]


def test_an_answer_to_an_older_version_is_held_against_that_version(
    pair: tuple[Any, Any, Any], kit: Any
) -> None:
    one, student, there = pair
    one.instructor.publish(kit.publication(range(10, 14), top_up=True))
    attempt = student.drawn()
    one.instructor.publish(kit.publication(range(20, 24), digest="b" * 64))
    scored = there.scored(attempt)
    assert (scored["version"], scored["score"]) == (1, 100.0)


def test_commits_that_wait_for_the_disk_go_to_it_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "course.db-wal").write_bytes(b"frames")
    log, calls, may_end = WriteAheadLog(tmp_path / "course.db-wal"), list[int](), threading.Event()

    def slow(handle: int) -> None:
        calls.append(handle)
        assert may_end.wait(20)

    monkeypatch.setattr(os, "fsync", slow)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(log.sync)
        while not calls:
            time.sleep(0.005)
        others = [pool.submit(log.sync) for _ in range(5)]
        while log._committed < 6:
            time.sleep(0.005)
        assert not any(one.done() for one in [first, *others])  # none is told before the disk has it
        may_end.set()
    assert len(calls) == 2  # the first alone, and then all that came meanwhile


def test_a_log_that_was_taken_over_into_the_database_needs_nothing(tmp_path: Path) -> None:
    WriteAheadLog(tmp_path / "course.db-wal").sync()
