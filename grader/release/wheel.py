"""Build the grader's own wheel, which travels with every release."""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.errors import ReleaseRefused
from grader.running import process

_EPOCH = "315532800"  # 1980, the first year that a zip file knows: the same sources give the same bytes
_BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
_TIME_LIMIT = 120.0  # seconds
_VERSION = re.compile(r'^version = "([^"]+)"', re.MULTILINE)
_LEFT_BY_TOOLS = ("__pycache__", "*.pyc", "build", "*.egg-info", ".*")


def wheel_name(root: Path) -> str:
    """Return the file name of the wheel that the grader of this repository gives."""
    text = (root / "grader" / "pyproject.toml").read_text(encoding="utf-8")
    version = _VERSION.search(text)
    if version is None:
        raise ReleaseRefused(
            'grader/pyproject.toml: found no version. Expected a line such as: version = "1.0.0"'
        )
    return f"needle_grader-{version[1]}-py3-none-any.whl"


def grader_wheel(root: Path) -> Path:
    """Return the wheel of the grader as its sources are now, built at most once."""
    folder = root / "build" / "wheels" / _digest(root / "grader")
    wheel = folder / wheel_name(root)
    return wheel if wheel.is_file() else build_wheel(root, folder)


def build_wheel(root: Path, into: Path) -> Path:
    """Build the grader's wheel in a folder, leaving nothing beside the sources.

    Raises: ReleaseRefused, with the last words of the build.
    """
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        sources, made = Path(scratch, "grader"), Path(scratch, "made")
        _copy(root / "grader", sources)
        made.mkdir()
        environment = os.environ | {"SOURCE_DATE_EPOCH": _EPOCH, "PYTHONHASHSEED": "0"}
        command = [sys.executable, "-c", _BUILD, str(made)]
        done = process.run(command, cwd=sources, env=environment, time_limit=_TIME_LIMIT)
        wheel = made / wheel_name(root)
        if done.returncode or not wheel.is_file():
            last = "\n".join(done.output.splitlines()[-15:])
            raise ReleaseRefused(f"grader: its wheel could not be built. Is setuptools installed?\n{last}")
        half = into / f".{wheel.name}.{os.getpid()}"
        shutil.copyfile(wheel, half)
        return half.replace(into / wheel.name)


def _copy(grader: Path, into: Path) -> None:
    """Copy the sources with the same permissions everywhere, since a wheel records them."""
    shutil.copytree(grader, into, ignore=shutil.ignore_patterns(*_LEFT_BY_TOOLS))
    for path in (into, *into.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _digest(grader: Path) -> str:
    digest = hashlib.sha256()
    for file in _source_files(grader):
        digest.update(f"{file.relative_to(grader).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _source_files(grader: Path) -> Iterator[Path]:
    ignore = shutil.ignore_patterns(*_LEFT_BY_TOOLS)
    for folder, folders, names in os.walk(grader):
        left = ignore(folder, [*folders, *names])
        folders[:] = sorted(set(folders) - left)
        yield from (Path(folder, name) for name in sorted(set(names) - left))
