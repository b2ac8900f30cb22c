"""Tell what of a dataset is in a folder: real, synthetic, missing or corrupt."""

import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from errors import RefusedError
from registry import Dataset, File

SYNTHETIC = "SYNTHETIC.txt"  # says that a folder holds a stand-in, with the checksums of its files
FETCHED = "FETCHED.txt"  # the checksums of files from a verified archive, where none are published
CHUNK = 1 << 20

Verdict = Literal["missing", "synthetic", "verified", "unverified", "corrupt"]
State = Literal["real", "synthetic", "missing", "corrupt"]


@dataclass(frozen=True)
class Presence:
    """What was found of a dataset, file by file."""

    dataset: Dataset
    folder: Path
    verdicts: dict[str, Verdict]

    @property
    def state(self) -> State:
        """Sum up the files: one bad file, or real and synthetic ones together, make a set corrupt."""
        found = set(self.verdicts.values())
        if found == {"synthetic"}:
            return "synthetic"
        if found <= {"verified", "unverified"}:
            return "real"
        mixed = "synthetic" in found and bool(found & {"verified", "unverified"})
        return "corrupt" if mixed or "corrupt" in found else "missing"

    @property
    def bytes(self) -> int:
        """Add up the files' sizes on disk."""
        paths = [self.folder / name for name in self.verdicts]
        return sum(path.stat().st_size for path in paths if path.is_file())

    def having(self, *verdicts: Verdict) -> list[str]:
        """Name the files with one of these verdicts."""
        return [name for name, verdict in self.verdicts.items() if verdict in verdicts]


def look(dataset: Dataset, data: Path) -> Presence:
    """See what is in a dataset's folder; nothing is written."""
    folder = data / dataset.folder
    try:
        stand_in, fetched = read_receipt(folder / SYNTHETIC), read_receipt(folder / FETCHED)
        verdicts = {file.name: judge(file, folder, stand_in, fetched) for file in dataset.files}
    except PermissionError as error:
        raise RefusedError(
            f"{error.filename}: may not be read. Expected readable data. Change its permissions, or name "
            f"another folder with --dir or NEEDLE_DATA_DIR."
        ) from error
    return Presence(dataset, folder, verdicts)


def judge(file: File, folder: Path, stand_in: dict[str, str], fetched: dict[str, str]) -> Verdict:
    """Compare one file with all that is known of it, down to what gzip and the format's size tell."""
    path = folder / file.name
    if not path.is_file():
        return "missing"
    found = digest(path)
    if found == stand_in.get(file.name):
        return "synthetic"
    if found in (file.packed, fetched.get(file.name)):
        return "verified"
    try:
        content, size = measure(path)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return "corrupt"
    if file.content:
        return "verified" if content == file.content else "corrupt"
    right_size = size == file.bytes if file.bytes else size >= file.least_bytes
    return "unverified" if right_size and not stand_in and file.name not in fetched else "corrupt"


def digest(path: Path) -> str:
    """Return the MD5 of a file as it lies there."""
    total = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            total.update(chunk)
    return total.hexdigest()


def measure(path: Path) -> tuple[str, int]:
    """Return the MD5 and size of a file's content, unpacked if it is a .gz."""
    total, size = hashlib.md5(usedforsecurity=False), 0
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        while chunk := file.read(CHUNK):
            total.update(chunk)
            size += len(chunk)
    return total.hexdigest(), size


def read_receipt(path: Path) -> dict[str, str]:
    """Read the `checksum  name` lines of a receipt; without one there are none."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace")
    return {name: checksum for checksum, name in re.findall(r"^([0-9a-f]{32})  (\S+)$", lines, re.MULTILINE)}


def write_receipt(path: Path, heading: str, names: list[str]) -> None:
    """Write down the checksums of files that lie beside the receipt."""
    lines = [f"{digest(path.parent / name)}  {name}\n" for name in names]
    path.write_text(f"{heading}\n\n{''.join(lines)}", encoding="utf-8")
