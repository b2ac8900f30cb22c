"""Write CIFAR-10's batch files as they were published: protocol-2 pickles of a Python 2 program.

Python 3's own pickle can't: there a text key would be bytes under another opcode, and an array would name
the module path of the NumPy that wrote it, which an older NumPy doesn't have.
Source: the opcodes are those of Python's pickletools.
"""

import struct
from collections.abc import Mapping

import numpy as np

Value = int | bytes | list | np.ndarray


def dumps(batch: Mapping[bytes, Value]) -> bytes:
    """Pickle a batch: a dict of whole numbers, byte strings, lists of these, and uint8 matrices."""
    items = b"".join(_value(key) + _value(value) for key, value in batch.items())
    return b"\x80\x02}(" + items + b"u."


def _value(value: Value) -> bytes:
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, bytes):
        return _string(value)
    if isinstance(value, list):
        return b"](" + b"".join(map(_value, value)) + b"e"
    return _matrix(value)


def _integer(value: int) -> bytes:
    return b"K" + bytes([value]) if 0 <= value < 256 else b"J" + struct.pack("<i", value)


def _string(value: bytes) -> bytes:
    length = b"U" + bytes([len(value)]) if len(value) < 256 else b"T" + struct.pack("<i", len(value))
    return length + value


def _matrix(value: np.ndarray) -> bytes:
    """Write what ndarray.__reduce__ gives: an empty array; its version, shape, dtype, order and bytes."""
    module = b"cnumpy.core.multiarray\n_reconstruct\n"
    empty = module + b"cnumpy\nndarray\n" + _integer(0) + b"\x85" + _string(b"b") + b"\x87R"
    dtype = b"cnumpy\ndtype\n" + _string(b"u1") + _integer(0) + _integer(1) + b"\x87R"
    sizes = _integer(-1) + _integer(-1) + _integer(0)  # a plain type has no item size of its own
    details = b"(" + _integer(3) + _string(b"|") + b"NNN" + sizes + b"tb"
    shape = b"".join(map(_integer, value.shape)) + b"\x86"
    return empty + b"(" + _integer(1) + shape + dtype + details + b"\x89" + _string(value.tobytes()) + b"tb"
