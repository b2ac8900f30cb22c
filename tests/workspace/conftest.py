"""Small releases, made in memory, for tests of what starting and updating do to a workspace."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.workspace.incoming import Release, check_release

Files = dict[str, bytes]
MakeFiles = Callable[..., Files]

YAML = b"""id: hw0
title: First steps
path: [hw0]
adds: [hw0/work.py]
questions:
  - id: add
    title: Add
    points: 100
    implement: [hw0.work.add]
"""
STUB = b'def add(x, y):\n    raise NotImplementedError("not started: hw0/add")\n'


@pytest.fixture(scope="session")
def files_of() -> MakeFiles:
    """Return a function that makes a release's files from {path: (kind, content)}."""

    def make(name: str, contents: dict[str, tuple[str, bytes]], wheel: str = "") -> Files:
        entries = {
            path: {"sha256": hashlib.sha256(data).hexdigest(), "kind": kind}
            for path, (kind, data) in contents.items()
        }
        manifest = {
            "assignment": name,
            "title": f"Title of {name}",
            "cases_digest": "0" * 64,
            "files": entries,
        }
        files = {path: data for path, (_, data) in contents.items()}
        files[f".grader/releases/{name}.json"] = json.dumps(manifest).encode()
        if wheel:
            files[f"wheels/{wheel}"] = f"the wheel {wheel}".encode()
        return files

    return make


@pytest.fixture(scope="session")
def release_of(files_of: MakeFiles) -> Callable[..., Release]:
    def make(name: str, contents: dict[str, tuple[str, bytes]], wheel: str = "") -> Release:
        return check_release(name, files_of(name, contents, wheel), "a test's release")

    return make


@pytest.fixture
def hw0_files(files_of: MakeFiles) -> MakeFiles:
    """Return a function that makes a whole small hw0, with what a test wants to be different in it."""

    def make(wheel: str = "needle_grader-1.0-py3-none-any.whl", **changed: bytes) -> Files:
        wanted = f"# made by the release tool\n./wheels/{wheel}\n".encode()
        return files_of(
            "hw0",
            {
                "assignments/hw0/assignment.yaml": ("course", YAML),
                "assignments/hw0/README.md": ("course", changed.get("readme", b"# hw0\n")),
                "assignments/hw0/tests/test_add.py": (
                    "course",
                    changed.get("test", b"def test(): assert 0\n"),
                ),
                "assignments/hw0/cases/add.py": ("course", changed.get("case", b"# a case\n")),
                "hw0/work.py": ("stub", changed.get("stub", STUB)),
                "Makefile": ("glue", changed.get("makefile", b"help:\n")),
                "requirements.txt": ("glue", changed.get("requirements", wanted)),
            },
            wheel,
        )

    return make


@pytest.fixture(scope="session")
def write_files() -> Callable[[Path, Files], Path]:
    def write(folder: Path, files: Files) -> Path:
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    return write


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], Files]:
    """Return a function that reads every file under a folder: two are equal when nothing was changed."""

    def read(folder: Path) -> Files:
        return {
            str(file.relative_to(folder)): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file() and not file.is_symlink()
        }

    return read
