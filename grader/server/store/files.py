"""A folder of files named by their content: release archives and the bodies of submissions."""

import hashlib
import os
import tempfile
from pathlib import Path


class Files:
    def __init__(self, root: Path):
        self._root = root

    def put(self, data: bytes) -> str:
        """Keep the data and return its digest; a file that is there is complete."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, data)
        return digest

    def path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest[2:]


def _write_whole(path: Path, data: bytes) -> None:
    handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
