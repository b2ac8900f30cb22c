"""Values of the mugrade protocol: compared within the tolerance, and hostile ones refused."""

import json
from typing import Any

import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from mugrade_client import SCALED, TheirClient

from grader.errors import WireError
from grader.grading.verdicts import Kind
from grader.server.mugrade.values import judged, read_json, read_value


def array(data: list[Any]) -> dict[str, Any]:
    return {"_encoded_type": "np.ndarray", "data": data}


@pytest.mark.parametrize(
    ("expected", "found", "equal"),
    [
        (1, 1.00001, True),
        (1, 1.001, False),
        (1, True, False),
        (None, None, True),
        ("a", "b", False),
        ([1, 2], [1, 2, 3], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (array([1, 2]), array([1.0, 2]), True),
        (array([1, 2]), array([[1, 2]]), False),
        (array([True]), array([1]), False),
        ({"_encoded_type": "type", "data": "<class 'int'>"}, {"_encoded_type": "type", "data": "int"}, False),
        (
            {"_encoded_type": "datetime", "data": "2026-01-01"},
            {"_encoded_type": "datetime", "data": "2026-01-01T00:00:00"},
            True,
        ),
    ],
)
def test_values_are_compared_within_the_tolerance(expected: Any, found: Any, equal: bool) -> None:
    assert (judged(expected, read_value(found, "x"), "x") is Kind.EQUAL) == equal


@pytest.mark.parametrize(
    "body", [b"NaN", b"[Infinity]", b"1e999", b'{"_encoded_type": "np.ndarray", "data": [NaN]}']
)
def test_nan_is_wrong_when_submitted_and_refused_when_published(
    server: Any, client: TheirClient, body: bytes
) -> None:
    submission = client.begin("scale")
    query = {"user_key": client.key, "submission_id": submission, "test_case_index": "0"}
    reply = requests.post(f"{server.url}/submit_test", params=query, data=body, timeout=20)
    assert reply.json() == {"correct": False}
    query = {"user_key": server.instructor.key, "assignment": "hw0", "problem": "add", "test_case_index": "0"}
    reply = requests.post(f"{server.url}/publish", params=query, data=body, timeout=20)
    assert (reply.status_code, "NaN or an infinity" in reply.json()["error"]) == (422, True)


HOSTILE = [
    b"",
    b"\xff\xfe",
    b"{",
    b"[" * 1_000_000,
    b"[" * 100_000 + b"]" * 100_000,
    b"[" * 40 + b"]" * 40,
    b'{"a":' * 1000 + b"1" + b"}" * 1000,
    b"[" + b"1," * 60_000 + b"1]",
    b"1" * 5000,
    b"1" * 400,
    b'{"_encoded_type": "os.system", "data": "true"}',
    b'{"_encoded_type": ["np.ndarray"], "data": []}',
    b'{"_encoded_type": "np.ndarray"}',
    b'{"_encoded_type": "np.ndarray", "data": [[1], [1, 2]]}',
    b'{"_encoded_type": "np.ndarray", "data": ["__import__(\'os\')"]}',
    b'{"_encoded_type": "np.ndarray", "data": [{"a": 1}]}',
    b'{"_encoded_type": "np.ndarray", "data": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"_encoded_type": "np.ndarray", "data": [1' + b"0" * 300 + b"]}",
    b'{"_encoded_type": "type", "data": 3}',
    b'{"_encoded_type": "type", "data": "' + b"x" * 2000 + b'"}',
    b'{"_encoded_type": "datetime", "data": "soon"}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:50].decode("latin-1"))
def test_a_hostile_value_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(WireError, match=r"\."):
        read_value(read_json(body, "x"), "x")


def test_a_hostile_body_costs_the_sender_nothing_but_a_sentence(server: Any, client: TheirClient) -> None:
    submission = client.begin("scale")
    query = {"user_key": client.key, "submission_id": submission, "test_case_index": "0"}
    for body, status in ((HOSTILE[3], 422), (HOSTILE[-1], 422), (b"1" * (5 * 1024**2), 413)):
        reply = requests.post(f"{server.url}/submit_test", params=query, data=body, timeout=20)
        assert reply.status_code == status
        assert set(reply.json()) == {"error"}
    assert client.try_one(submission, 0, *SCALED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
TAGGED = st.fixed_dictionaries(
    {"_encoded_type": st.sampled_from(["np.ndarray", "type", "datetime", "x"]) | JSON, "data": JSON}
)


@settings(derandomize=True, deadline=None, database=None, max_examples=150)
@given(JSON | TAGGED)
def test_any_json_is_a_value_equal_to_itself_or_a_refusal(said: Any) -> None:
    try:
        value = read_value(said, "x")
    except WireError:
        return
    finite = "not_finite" not in json.dumps(value.tree)
    finite = finite and all(np.isfinite(one.read()).all() for one in value.arrays)
    if finite:
        assert judged(said, value, "x") is Kind.EQUAL
