"""What could not be delivered yet: one file an attempt, written whole or not at all."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.errors import WorkspaceError


@dataclass(frozen=True)
class Kept:
    """An answer that waits on disk: its body, and what is needed to send it or to run it again."""

    attempt: str
    assignment: str
    questions: list[str]
    key: str  # the Idempotency-Key: the same again, so that it is never counted twice
    url: str
    notes: dict[str, str]  # by question/case: what an error said here, which is never sent
    body: bytes


class Outbox:
    def __init__(self, root: Path):
        self.folder = root / ".grader" / "outbox"

    def keep(self, kept: Kept) -> None:
        """Write an answer so that it is found whole after a crash or a power cut, or not found."""
        self.folder.mkdir(parents=True, exist_ok=True)
        said = asdict(kept)
        body = said.pop("body")
        unfinished = self._path(kept).with_suffix(".part")
        with open(unfinished, "wb") as file:
            file.write(json.dumps(said).encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path(kept))

    def drop(self, kept: Kept) -> None:
        self._path(kept).unlink(missing_ok=True)

    def waiting(self) -> list[Path]:
        return sorted(self.folder.glob("*.answer"))

    def read(self, path: Path) -> Kept | None:
        """Return what a file keeps; None when another process has sent it meanwhile.

        Raises: WorkspaceError when it is damaged.
        """
        try:
            said, _, body = path.read_bytes().partition(b"\n")
            kept = Kept(**json.loads(said), body=body)
            if self._path(kept) == path:
                return kept
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, OSError):
            pass  # said below, as for a file that keeps another attempt than its name says
        raise WorkspaceError(
            f"{path}: this is no answer that was kept. Remove it, and run `make submit` for a new submission."
        )

    def _path(self, kept: Kept) -> Path:
        return self.folder / f"{kept.attempt}.answer"
