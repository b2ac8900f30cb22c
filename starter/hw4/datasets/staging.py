"""Prepare files beside the data and move them in when all are whole, so that no half set is taken for one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import DatasetError, RefusedError
from presence import FETCHED, SYNTHETIC


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; what it holds afterwards moves into the target, all or nothing.

    Raises: RefusedError if the target's place can't be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise unwritable(target.parent, error) from error
    try:
        prepared = room / target.name
        prepared.mkdir()
        yield prepared
        install(prepared, target)
    except DatasetError:  # before OSError, which some of ours are too
        raise
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def install(prepared: Path, target: Path) -> None:
    """Move files in, and only then change the receipts: until then a mixture is seen to be one."""
    target.mkdir(exist_ok=True)
    receipts = (SYNTHETIC, FETCHED)
    outdated = [name for name in receipts if not (prepared / name).exists()]
    for path in sorted(prepared.iterdir(), key=lambda each: each.name in receipts):
        path.chmod(0o644)  # temporary files are born private
        os.replace(path, target / path.name)
    for name in outdated:
        (target / name).unlink(missing_ok=True)


def unwritable(folder: Path, error: OSError) -> RefusedError:
    """Say that a folder can't be written, and why."""
    return RefusedError(
        f"{folder}: can't be written ({error.strerror or error}). Expected a writable folder with room. "
        f"Name another with --dir or NEEDLE_DATA_DIR."
    )
