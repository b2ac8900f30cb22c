"""Unpack a dataset's tar archive without trusting it."""

import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from errors import UnsafeArchiveError


def unpack(archive: Path, top: str, folder: Path) -> None:
    """Write the files under an archive's one folder `top` into a folder.

    Raises: UnsafeArchiveError if any member is no plain file under `top`; then nothing is written.
    """
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            for member in members:
                require_plain(archive.name, member, top)
            for member in members:
                if member.isfile():
                    write_member(tar, member, folder / PurePosixPath(member.name).name)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise UnsafeArchiveError(
            f"{archive.name}: is no whole tar archive ({error}). Fetch it again."
        ) from error


def require_plain(archive: str, member: tarfile.TarInfo, top: str) -> None:
    """Refuse what could be written elsewhere or point there."""
    parts = PurePosixPath(member.name).parts
    if member.isdir() and parts == (top,):
        return
    if not (member.isfile() and len(parts) == 2 and parts[0] == top and parts[1] != ".."):
        raise UnsafeArchiveError(
            f"{archive}: holds {member.name!r}. Expected only plain files in {top}/. "
            f"Nothing was unpacked; don't use this archive."
        )


def write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    """Write one member's bytes; its owner, mode and time don't matter."""
    source = tar.extractfile(member)
    assert source is not None  # a plain file has content
    with source, path.open("wb") as out:
        shutil.copyfileobj(source, out)
