"""Marks and points of a local run, whatever came of the tests."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.assignment import Assignment, Definition
from grader.local.results import FAILED, NOT_STARTED, PASSED, LocalRun, QuestionResult, Ran, explain

NAMES = ["one", "two", "three"]
ASSIGNMENT = Assignment(
    Definition.model_validate(
        {
            "id": "hw0",
            "title": "Steps",
            "adds": ["work.py"],
            "questions": [
                {"id": "one", "title": "One", "points": 33.33, "implement": ["work.one"]},
                {"id": "two", "title": "Two", "points": 33.33, "implement": ["work.two"]},
                {"id": "three", "title": "T", "points": 33.34, "implement": ["work.t"], "requires": ["one"]},
            ],
        }
    ),
    Path("nowhere"),
)

tests = st.lists(
    st.builds(
        Ran,
        name=st.just("test_a"),
        outcome=st.sampled_from([PASSED, FAILED, NOT_STARTED]),
        message=st.text(max_size=5),
        stubs=st.lists(st.sampled_from(["hw0/one", "hw0/two", "hw0/three"]), max_size=2),
    ),
    max_size=4,
)
results = st.dictionaries(st.sampled_from(NAMES), tests)


def run_of(found: dict[str, list[Ran]]) -> LocalRun:
    results = {name: QuestionResult(name, tests) for name, tests in found.items()}
    return LocalRun(ASSIGNMENT, ASSIGNMENT.questions, results)


@settings(derandomize=True, deadline=None, database=None)
@given(results)
def test_points_lie_between_0_and_100_and_the_possible_ones_never_shrink(found: dict[str, list[Ran]]) -> None:
    run = run_of(found)
    said = run.gradescope(1.0)
    assert 0 <= run.score <= 100
    assert sum(entry["max_score"] for entry in said["tests"]) == 100
    assert (run.score == 100) == all(entry["status"] == "passed" for entry in said["tests"])


@settings(derandomize=True, deadline=None, database=None)
@given(results)
def test_a_result_is_the_same_after_its_travel(found: dict[str, list[Ran]]) -> None:
    for result in run_of(found).results.values():
        assert QuestionResult.from_dict(result.to_dict()) == result


@settings(derandomize=True, deadline=None, database=None)
@given(results)
def test_only_a_question_with_a_failure_of_its_own_is_marked_failed(found: dict[str, list[Ran]]) -> None:
    run = run_of(found)
    for question in run.questions:
        mark = run.mark(question)
        outcomes = {test.outcome for test in found.get(question.id, [])}
        if mark == FAILED:
            assert FAILED in outcomes or not outcomes
        elif mark == PASSED:
            assert outcomes == {PASSED}


def test_a_requirement_that_was_not_run_is_not_waited_for() -> None:
    run = run_of({"three": [Ran("test_a", FAILED, "no")]})
    assert run.mark(ASSIGNMENT.question("three")) == FAILED
    run.results["one"] = QuestionResult("one", [Ran("test_a", FAILED, "no")])
    assert run.mark(ASSIGNMENT.question("three")) == "waits for one"


def test_only_the_first_failing_test_is_explained_in_full() -> None:
    long = "the first line\nthe second line"
    ran = [Ran("test_a", FAILED, long, "printed this"), Ran("test_b", FAILED, long), Ran("test_c", PASSED)]
    assert explain(QuestionResult("one", ran)).splitlines() == [
        "test_a",
        "  the first line",
        "  the second line",
        "  printed: printed this",
        "test_b: the first line",
    ]
