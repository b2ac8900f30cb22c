"""A blob is read as safetensors reads it; a hostile one ends in WireError before an array is touched."""

import json
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import SafetensorError
from safetensors.numpy import load

from grader.errors import WireError
from grader.grading.values import DTYPES
from grader.grading.wire import Blob, bytes_array, pack

steady = settings(derandomize=True, deadline=None, database=None, max_examples=80)


def raw(header: object, data: bytes = b"", size: int | None = None) -> bytes:
    """Return a blob of a header that a hostile client may have written."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def described(description: str = "{}", **entries: object) -> dict[str, object]:
    return {"__metadata__": {"description": description}, **entries}


def entry(dtype: Any = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
arrays = st.sampled_from(sorted(DTYPES)).flatmap(lambda dtype: hnp.arrays(dtype, shapes))
named = st.dictionaries(st.text(max_size=5).filter(lambda name: name != "__metadata__"), arrays, max_size=4)


@steady
@given(named, st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4), max_size=3))
def test_a_blob_holds_what_safetensors_finds_in_it(
    content: dict[str, Any], description: dict[str, Any]
) -> None:
    data = pack(description, content)
    blob, oracle = Blob(data), load(data)
    assert blob.description == description
    assert blob.keys() == oracle.keys() == content.keys()
    for name, array in oracle.items():
        assert (blob.entries[name].dtype, blob.entries[name].shape) == (array.dtype.name, array.shape)
        assert blob[name].dtype == array.dtype
        assert blob[name].shape == array.shape
        assert blob[name].tobytes() == array.tobytes() == content[name].tobytes()


@pytest.mark.parametrize(
    "view", [lambda a: a.T, lambda a: a[::2], lambda a: a[:, ::-1], lambda a: np.broadcast_to(a[0], (3, 6))]
)
def test_a_view_arrives_as_it_looked(view: Callable[[Any], Any]) -> None:
    array = view(np.arange(24, dtype=np.int32).reshape(4, 6))
    assert np.array_equal(Blob(pack({"a": 1}, {"x": array}))["x"], array)


def test_a_file_travels_as_an_array_of_bytes() -> None:
    data = bytes(range(256))
    assert Blob(pack({"a": 1}, {"f": bytes_array(data)}))["f"].tobytes() == data


def test_brackets_and_quotes_inside_strings_are_no_nesting() -> None:
    description = {"a": "[" * 500, "b": '{"\\' * 200, "c": "]" * 500, "[" * 200: 1}
    assert Blob(pack(description, {})).description == description


def test_a_description_keeps_the_order_of_its_keys() -> None:
    assert list(Blob(pack({"b": 1, "a": {"z": 1, "y": 2}}, {})).description["a"]) == ["z", "y"]


def test_a_description_with_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack({"a": float("nan")}, {})


@steady
@given(st.binary(max_size=80))
def test_random_bytes_raise_nothing_but_wire_error(data: bytes) -> None:
    with pytest.raises(WireError, match=r"^blob: "):
        Blob(data)


@pytest.fixture(scope="module")
def valid() -> bytes:
    content = {"x": np.arange(6, dtype=np.float32).reshape(2, 3), "y": np.array([True, False])}
    return pack({"tree": {"list": [{"array": 0}, {"array": 1}]}}, content)


def test_every_truncation_is_refused(valid: bytes) -> None:
    for length in range(len(valid)):
        with pytest.raises(WireError):
            Blob(valid[:length])


def test_a_byte_too_many_is_refused(valid: bytes) -> None:
    with pytest.raises(WireError, match="the arrays end at byte 26 of 27"):
        Blob(valid + b"\0")


@steady
@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_harmless(valid: bytes, at: int, value: int) -> None:
    changed = bytearray(valid)
    changed[at % len(valid)] = value
    try:
        blob = Blob(bytes(changed))
    except WireError:
        return
    for name, claimed in blob.entries.items():
        assert (blob[name].dtype.name, blob[name].shape) == (claimed.dtype, claimed.shape)


@pytest.mark.parametrize("size", [0, 1, 2**16, 2**31, 2**63, 2**64 - 1])
def test_a_lying_header_size_is_refused(size: int) -> None:
    with pytest.raises(WireError):
        Blob(raw(described(), size=size))


HUGE = 10**4000
BAD_ENTRIES = {
    "no entry": 5,
    "a list": [],
    "empty": {},
    "unknown dtype": entry("F31"),
    "a dtype of another width": entry("BF16", [4]),
    "no dtype": entry(None),
    "a dtype that can't be a key": entry([]),
    "negative size": entry(shape=[-2]),
    "two negative sizes": entry(shape=[-2, -1]),
    "float size": entry(shape=[2.0]),
    "bool size": entry(shape=[True, 2]),
    "text for a shape": entry(shape="2"),
    "an object for a shape": entry(shape={"2": 2}),
    "no shape": entry(shape=None),
    "nested shape": entry(shape=[[2]]),
    "huge size": entry(shape=[HUGE]),
    "huge sizes": entry(shape=[HUGE] * 32),
    "overflow to the right size": entry(shape=[2**63, 2, 2]),
    "overflow to nothing": entry(shape=[2**32, 2**32], offsets=[0, 0]),
    "too many dimensions": entry(shape=[1] * 65, offsets=[0, 4]),
    "negative offset": entry(offsets=[-8, 0]),
    "reversed offsets": entry(offsets=[8, 0]),
    "float offsets": entry(offsets=[0.0, 8.0]),
    "bool offset": entry(shape=[], offsets=[False, 4]),
    "one offset": entry(offsets=[8]),
    "three offsets": entry(offsets=[0, 4, 8]),
    "huge offsets": entry(offsets=[HUGE, HUGE + 8]),
    "past the end": entry(shape=[4], offsets=[0, 16]),
    "too few bytes": entry(shape=[3]),
    "too many bytes": entry(shape=[1]),
    "a gap before": entry(shape=[1], offsets=[4, 8]),
}


@pytest.mark.parametrize("claim", BAD_ENTRIES.values(), ids=BAD_ENTRIES.keys())
def test_a_claim_that_cannot_be_true_is_refused(claim: Any) -> None:
    data = raw(described(x=claim), bytes(8))
    with pytest.raises(WireError, match=r"^blob: "):
        Blob(data)
    with pytest.raises((SafetensorError, KeyError, TypeError, AttributeError, OverflowError, ValueError)):
        load(data)


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, 8), (0, 8)), ((0, 8), (4, 12)), ((0, 8), (12, 20)), ((4, 12), (12, 20)), ((0, 16), (4, 12))],
)
def test_overlaps_and_gaps_are_refused(first: tuple[int, int], second: tuple[int, int]) -> None:
    sizes = [(stop - start) // 4 for start, stop in (first, second)]
    claims = {"a": entry(shape=[sizes[0]], offsets=first), "b": entry(shape=[sizes[1]], offsets=second)}
    with pytest.raises(WireError, match=r"no gap and no overlap|the arrays end"):
        Blob(raw(described(**claims), bytes(20)))


@pytest.mark.parametrize("shape", [[0], [0, 2**40], [3, 0, 2]])
def test_an_empty_array_may_claim_any_size_that_numpy_can_hold(shape: list[int]) -> None:
    blob = Blob(raw(described(x=entry(shape=shape, offsets=[0, 0]))))
    assert blob["x"].shape == tuple(shape)


@pytest.mark.parametrize("shape", [[0, 2**61, 2**61], [2**61, 2, 0], [0, 2**63], [0, HUGE], [0] + [1] * 64])
def test_an_empty_array_that_numpy_could_not_hold_is_refused(shape: list[int]) -> None:
    with pytest.raises(WireError, match="no dtype, shape and offsets that can be read"):
        Blob(raw(described(x=entry(shape=shape, offsets=[0, 0]))))


BAD_HEADERS = {
    "a list": b"[]",
    "a number": b"7",
    "nothing": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"\xff": 1}',
    "no metadata": b"{}",
    "metadata of no object": b'{"__metadata__": []}',
    "metadata of null": b'{"__metadata__": null}',
    "a description of no text": b'{"__metadata__": {"description": {}}}',
    "other metadata of no text": b'{"__metadata__": {"description": "{}", "format": 1}}',
    "a description of no object": b'{"__metadata__": {"description": "[]"}}',
    "a description that is not JSON": b'{"__metadata__": {"description": "{"}}',
    "an empty description": b'{"__metadata__": {"description": ""}}',
    "a lone surrogate": b'{"__metadata__": {"description": "\\ud800"}}',
    "NaN": b'{"__metadata__": {"description": "{\\"a\\": NaN}"}}',
    "Infinity": b'{"__metadata__": {"description": "{\\"a\\": -Infinity}"}}',
    "NaN in a shape": b'{"__metadata__": {"description": "{}"}, "x": {"shape": [NaN]}}',
    "a key twice": b'{"__metadata__": {"description": "{}"}, "__metadata__": {"description": "{}"}}',
    "an array twice": raw(described(x=entry()))[8:-1] + b',"x":' + json.dumps(entry()).encode() + b"}",
    "a key twice in a description": b'{"__metadata__": {"description": "{\\"a\\": 1, \\"a\\": 2}"}}',
    "a number of too many digits": b'{"__metadata__": {"description": "{\\"a\\": ' + b"9" * 5000 + b'}"}}',
    "UTF-16": json.dumps(described()).encode("utf-16"),
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_a_header_that_is_none_is_refused(header: bytes) -> None:
    with pytest.raises(WireError, match=r"^blob: "):
        Blob(raw(header, bytes(8) if b'"x"' in header else b""))


@pytest.mark.parametrize("levels", [65, 1_000, 200_000])
@pytest.mark.parametrize("before", ["", "]" * 500, '\\"}}}}', "\\\\"])
def test_deep_nesting_is_refused_whatever_strings_stand_before_it(levels: int, before: str) -> None:
    deep = '{"a": "' + before + '", "b": ' + "[" * levels + "]" * levels + "}"
    for header in (deep.encode(), json.dumps(described(deep)).encode()):
        with pytest.raises(WireError, match="is nested deeper than 64 levels"):
            Blob(raw(header))


def test_a_long_name_is_not_repeated_in_full() -> None:
    with pytest.raises(WireError) as caught:
        Blob(raw(described(**{"n" * 100_000: entry(shape=[3])}), bytes(8)))
    assert len(str(caught.value)) < 300


def test_an_array_is_read_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, valid: bytes) -> None:
    asked: list[int] = []
    original = np.frombuffer

    def watching(buffer: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(len(buffer))
        return original(buffer, *args, **kwargs)

    blob = Blob(valid)
    monkeypatch.setattr(np, "frombuffer", watching)
    assert sum(math.prod(claimed.shape) for claimed in blob.entries.values()) == 8
    assert (len(blob), sorted(blob), asked) == (2, ["x", "y"], [])
    assert blob["x"].sum() == 15
    assert asked == [24]


def test_a_name_that_is_not_there_is_a_key_error(valid: bytes) -> None:
    with pytest.raises(KeyError):
        Blob(valid)["z"]
