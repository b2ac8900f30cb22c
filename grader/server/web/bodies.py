"""Bodies of bytes: how long they may be is settled before they are read."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from fastapi import Request
from starlette.requests import ClientDisconnect

from grader.server.refusals import Refused

OCTETS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
PUBLICATION_LIMIT = 1024**3  # bytes
JSON_LIMIT = 4 * 1024**2
_PIECE = 256 * 1024


def declared_length(value: str | None) -> int:
    """Return the length that a request announces. Raises: Refused when it announces none."""
    if value is None or not value.isascii() or not value.isdigit():
        raise Refused(
            411, "This request does not say how long its body is. Expected the header Content-Length."
        )
    return int(value[:20])


def require_at_most(length: int, limit: int) -> None:
    """Raises: Refused for a body that is too long."""
    if length > limit:
        raise Refused(413, f"The body has {length} bytes. Expected at most {limit}. Nothing of it was taken.")


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body. Raises: Refused for one that is too long, before reading when it says so."""
    require_at_most(declared_length(request.headers.get("content-length")), limit)
    chunks, length = [], 0
    try:
        async for chunk in request.stream():
            length += len(chunk)
            require_at_most(length, limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Refused(400, "The connection ended before the body did. Send it again.") from None
    return b"".join(chunks)


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's bytes, and close it."""
    with file:
        while piece := file.read(_PIECE):
            yield piece
