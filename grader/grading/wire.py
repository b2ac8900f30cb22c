"""One blob for everything that travels: a safetensors file whose metadata holds a JSON description.

A reader sees the whole header before it touches any array, so that what a blob claims can be refused first.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors.numpy import save

from grader.errors import WireError
from grader.grading.values import Array

_NAMES = {
    "BOOL": "bool", "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64",
    "U8": "uint8", "U16": "uint16", "U32": "uint32", "U64": "uint64",
    "F16": "float16", "F32": "float32", "F64": "float64",
}  # fmt: skip
_HEADER_LIMIT = 64 * 1024 * 1024  # bytes
_DEPTH_LIMIT = 64
_DIMENSIONS = 32
_SIZE_LIMIT = 2**62  # NumPy multiplies the dimensions of an empty array too


def pack(description: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Return the blob of a description and named arrays."""
    # safetensors writes the bytes as they lie in memory, so a view must be compacted first; the description's
    # keys keep their order, in which a reader counts a tree's arrays
    compact = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    return save(compact, metadata={"description": json.dumps(description, allow_nan=False)})


def bytes_array(data: bytes) -> Array:
    """Return a file's bytes as an array, so that it can travel in a blob."""
    return np.frombuffer(data, dtype=np.uint8)


@dataclass(frozen=True)
class Entry:
    """What a header claims about one array."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


class Blob(Mapping[str, Array]):
    """A blob whose header was read and checked; an array is read when it is asked for."""

    def __init__(self, data: bytes):
        header, begin = _header(data)
        metadata = header.pop("__metadata__", {})
        self.description: dict[str, Any] = _description(metadata)
        self.entries = {name: _entry(name, said) for name, said in header.items()}
        self._data = memoryview(data)[begin:]
        _check_offsets(self.entries, len(self._data))

    def __getitem__(self, name: str) -> Array:
        entry = self.entries[name]
        flat = np.frombuffer(self._data[entry.start : entry.stop], dtype=entry.dtype)
        return flat.reshape(entry.shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(_HEADER_LIMIT, len(data) - 8):
        raise WireError(f"blob: the header claims {size} bytes of {len(data)}. Expected a safetensors file.")
    header = _json(data[8 : 8 + size], "header")
    if not isinstance(header, dict):
        raise WireError("blob: the header is no JSON object. Expected a safetensors file.")
    return header, 8 + size


def _description(metadata: object) -> dict[str, Any]:
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise WireError("blob: __metadata__ holds something else than text. Expected a safetensors file.")
    text = metadata.get("description", "")
    description = _json(text.encode(errors="replace"), "description") if text else None
    if not isinstance(description, dict):
        raise WireError("blob: found no description. Expected a JSON object under __metadata__.description.")
    return description


def _json(text: bytes, what: str) -> object:
    if _depth(text) > _DEPTH_LIMIT:
        raise WireError(f"blob: the {what} is nested deeper than {_DEPTH_LIMIT} levels.")
    try:
        return _DECODER.decode(text.decode())
    except (ValueError, RecursionError):
        raise WireError(f"blob: the {what} is not JSON. Expected a safetensors file.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)


def _depth(text: bytes) -> int:
    """Return how deep JSON is nested at most, which Python's parser would follow until the stack ends."""
    opening = text.count(b"{") + text.count(b"[")
    if opening <= _DEPTH_LIMIT:
        return opening  # no deeper than this, and most texts hold few
    # without escapes, every quote opens or closes a string
    plain = text.replace(rb"\\", b"").replace(rb"\"", b"")
    symbols = np.frombuffer(plain, dtype=np.uint8)
    inside = np.logical_xor.accumulate(symbols == ord('"'))
    opens = ((symbols == ord("{")) | (symbols == ord("["))) & ~inside
    closes = ((symbols == ord("}")) | (symbols == ord("]"))) & ~inside
    steps = np.cumsum(opens.astype(np.int32) - closes)
    return int(steps.max(initial=0))


def _entry(name: str, said: object) -> Entry:
    shown = repr(name[:80])
    try:
        dtype, shape, (start, stop) = _claims(said)
    except (KeyError, TypeError, ValueError):
        raise WireError(f"blob: {shown} has no dtype, shape and offsets that can be read.") from None
    if math.prod(shape) * np.dtype(dtype).itemsize != stop - start:
        raise WireError(f"blob: {shown} claims shape {shape} of {dtype} in {stop - start} bytes.")
    return Entry(dtype, shape, start, stop)


def _claims(said: Any) -> tuple[str, tuple[int, ...], list[int]]:
    """Return a dtype, a shape and the offsets. Raises: KeyError, TypeError, ValueError when they are none."""
    dtype, shape, offsets = _NAMES[said["dtype"]], said["shape"], said["data_offsets"]
    if type(shape) is not list or type(offsets) is not list or len(shape) > _DIMENSIONS or len(offsets) != 2:
        raise ValueError
    if not all(type(number) is int and 0 <= number < _SIZE_LIMIT for number in (*shape, *offsets)):
        raise ValueError
    if math.prod(max(size, 1) for size in shape) * np.dtype(dtype).itemsize >= _SIZE_LIMIT:
        raise ValueError
    return dtype, tuple(shape), offsets


def _check_offsets(entries: Mapping[str, Entry], size: int) -> None:
    """Refuse arrays that overlap, leave gaps or run past the end."""
    at = 0
    for name, entry in sorted(entries.items(), key=lambda item: (item[1].start, item[1].stop)):
        if entry.start != at:
            raise WireError(
                f"blob: {name[:80]!r} starts at byte {entry.start}. Expected {at}: no gap and no overlap."
            )
        at = entry.stop
    if at != size:
        raise WireError(f"blob: the arrays end at byte {at} of {size}.")
