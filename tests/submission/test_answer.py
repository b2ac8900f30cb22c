"""An answer fits its limit whatever a case returned, and a value too large costs its own case alone."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.grading.cases import Outcome
from grader.grading.values import take_apart
from grader.grading.wire import Blob
from grader.server.rules.answers import read_answer
from grader.submission.answer import answer, without_data

LIMIT = 2 * 1024 * 1024
SOURCES = {"hw0/work.py": b"def add(x, y):\n    return x + y\n"}


def outcome(value: Any) -> Outcome:
    tree, arrays = take_apart(value)
    return Outcome(tree, arrays, inputs="drawn")


def test_values_errors_and_sources_arrive_as_they_are() -> None:
    value = {"w": np.arange(6.0).reshape(2, 3), "n": 3}
    outcomes = {
        ("add", "right"): outcome(value),
        ("add", "wrong"): Outcome(raised="KeyError", message="secret"),
        ("add", "caught"): Outcome(*take_apart(np.ones(2)), raised="NotStarted"),
    }
    packed = answer(outcomes, SOURCES, LIMIT)
    blob = Blob(packed.body)
    assert blob.description["values"] == {
        "add/right": {"tree": {"dict": {"w": {"array": 0}, "n": {"number": 3}}}, "inputs": "drawn"},
        "add/wrong": {"raised": "KeyError", "inputs": ""},
        "add/caught": {"raised": "NotStarted", "inputs": ""},
    }
    np.testing.assert_array_equal(blob["add/right/0"], value["w"])
    assert blob["source:hw0/work.py"].tobytes() == SOURCES["hw0/work.py"]
    assert (packed.left_out, len(blob)) == ([], 2)
    assert b"secret" not in packed.body


def test_of_a_huge_array_only_the_claims_are_sent_and_the_others_in_full() -> None:
    huge, small = np.broadcast_to(np.float32(0), (3000, 3000)), np.ones(3)
    packed = answer({("q", "huge"): outcome([huge, small]), ("q", "small"): outcome(small)}, SOURCES, LIMIT)
    values = Blob(packed.body).description["values"]
    claims = {"omitted": {"dtype": "float32", "shape": [3000, 3000]}}
    assert values["q/huge"]["tree"]["list"][0] == claims
    assert values["q/small"]["tree"] == {"array": 0}
    assert packed.left_out == []
    assert len(packed.body) < LIMIT


def test_a_value_whose_tree_alone_is_too_large_is_left_out_and_named() -> None:
    outcomes = {
        ("q", "text"): outcome("x" * LIMIT),
        ("q", "many"): outcome([0.0] * 2 * 10**5),
        ("q", "one"): outcome(1),
    }
    packed = answer(outcomes, SOURCES, LIMIT)
    assert list(Blob(packed.body).description["values"]) == ["q/one"]
    assert packed.left_out == ["q/text", "q/many"]
    assert len(packed.body) < LIMIT


@settings(derandomize=True, deadline=None, database=None, max_examples=60)
@given(
    sizes=st.lists(st.integers(0, 200_000), max_size=12),
    texts=st.lists(st.integers(0, 300_000), max_size=6),
    limit=st.integers(100_000, 1_000_000),
)
def test_an_answer_is_never_larger_than_its_limit_and_the_server_can_read_it(
    sizes: list[int], texts: list[int], limit: int
) -> None:
    outcomes = {("arrays", f"c{at}"): outcome(np.zeros(size, np.int8)) for at, size in enumerate(sizes)}
    outcomes |= {("texts", f"c{at}"): outcome('"' * size) for at, size in enumerate(texts)}
    packed = answer(outcomes, SOURCES, limit)
    assert len(packed.body) <= limit
    names = {"/".join(at) for at in outcomes}
    read = read_answer(packed.body, names, list(SOURCES))
    assert set(read.values) | set(packed.left_out) == names
    assert not set(read.values) & set(packed.left_out)


@settings(derandomize=True, deadline=None, database=None, max_examples=60)
@given(small=st.lists(st.integers(1, 10_000), min_size=1, max_size=10), at=st.integers(0, 10))
def test_a_value_too_large_takes_no_room_from_any_other(small: list[int], at: int) -> None:
    """Wherever it stands among the cases."""
    outcomes = {("q", f"c{n}"): outcome(np.zeros(size, np.int8)) for n, size in enumerate(small)}
    ordered = [*outcomes.items()]
    ordered.insert(min(at, len(ordered)), (("q", "huge"), outcome(np.zeros(300_000, np.int8))))
    blob = Blob(answer(dict(ordered), SOURCES, 250_000).body)
    assert {f"q/c{n}/0" for n in range(len(small))} <= set(blob)
    assert "omitted" in blob.description["values"]["q/huge"]["tree"]


def test_without_data_a_tree_keeps_all_but_its_arrays() -> None:
    value = {"a": [np.zeros((2, 0), np.int8), 1.5, None], "b": (True, "text"), "array": {"array": np.ones(2)}}
    tree, arrays = take_apart(value)
    none = {"omitted": {"dtype": "int8", "shape": [2, 0]}}
    two = {"omitted": {"dtype": "float64", "shape": [2]}}
    assert without_data(tree, arrays) == {
        "dict": {
            "a": {"list": [none, {"number": 1.5}, {"none": None}]},
            "b": {"tuple": [{"bool": True}, {"string": "text"}]},
            "array": {"dict": {"array": two}},
        }
    }
