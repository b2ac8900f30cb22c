"""What a release holds: every file of it but the grader's wheel, by its path in a workspace."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import libcst
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from grader.course.assignment import Assignment, Definition
from grader.course.policy import Course
from grader.course.project import ProjectDefinition
from grader.errors import ReleaseRefused
from grader.release.checks import check_definition, shown
from grader.release.glue import cut_glue
from grader.release.leaks import leaks
from grader.release.notebook import notebook
from grader.release.sources import Sources
from grader.release.stubs import Stubs
from grader.release.wheel import wheel_name

Files = dict[str, bytes]
Parts = list[tuple[str, Files]]  # with the kind that the manifest gives them

_LEFT_BY_TOOLS = ("__pycache__", ".DS_Store")


def release_files(course: Course, assignment: Assignment, solved: Collection[str] = frozenset()) -> Files:
    """Return the files of a release. The bodies of the questions in `solved` stay as in the reference.

    Raises: ReleaseRefused, with file and line, for what can't work or would give a solution away.
    """
    for name in solved:
        assignment.question(name)
    check_definition(course, assignment)
    sources = Sources(course)
    stubs = Stubs(course, assignment, sources, solved)
    adds = {
        path: stubs.results[path].text.encode() if path in stubs.results else sources.bytes_of(path)
        for path in assignment.definition.adds
    }
    parts = [
        ("stub", adds),
        ("glue", _glue(assignment, sources)),
        ("glue", folder_files(course.root / "workspace", course.root / "workspace")),
        (
            "glue",
            folder_files(course.root / "datasets", course.root) if assignment.definition.datasets else {},
        ),
        ("glue", requirements_file(course.root, [one.definition for one in course.up_to(assignment.id)])),
        ("course", _texts(course, assignment)),
    ]
    files = _merged(course, assignment, parts)
    if not solved:
        _refuse_leaks(sources, stubs, files)
    manifest = {f".grader/releases/{assignment.id}.json": _manifest(assignment, parts)}
    return dict(sorted((files | manifest).items()))


def _glue(assignment: Assignment, sources: Sources) -> Files:
    files: Files = {}
    for path in assignment.definition.glue:
        files[path] = sources.bytes_of(path)
        if path.endswith(".py"):
            try:
                text = cut_glue(path, sources.text_of(path), sources.modules, sources.released(assignment))
            except libcst.ParserSyntaxError as error:
                where = f"{sources.shown(path)}:{error.raw_line}"
                raise ReleaseRefused(f"{where}: {error.message}. Expected Python.") from None
            files[path] = text.encode()
    return files


def folder_files(folder: Path, root: Path) -> Files:
    """Return the files of a folder, by their paths below `root`."""
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in _files_in(folder)}


def _texts(course: Course, assignment: Assignment) -> Files:
    """Return what is read and run, but never changed: not labels/, which the server keeps."""
    folder, handout = assignment.folder, assignment.folder / "README.md"
    figures = {file.name: file.read_bytes() for file in sorted(folder.glob("*.svg"))}
    files = [
        assignment.yaml,
        handout,
        *folder.glob("*.svg"),
        *folder.glob("tests/*.py"),
        *folder.glob("cases/*.py"),
    ]
    texts = {file.relative_to(course.root).as_posix(): file.read_bytes() for file in files}
    made = notebook(assignment, handout.read_text(encoding="utf-8"), figures)
    return texts | {f"assignments/{assignment.id}/{assignment.id}.ipynb": made}


def _files_in(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not set(file.relative_to(folder).parts) & set(_LEFT_BY_TOOLS):
            yield file


def requirements_file(root: Path, definitions: Iterable[Definition | ProjectDefinition]) -> Files:
    """Return requirements.txt: the grader by its path, and what the assignments use."""
    merged: dict[tuple[str, frozenset[str], str], Requirement] = {}
    for definition in definitions:
        for text in definition.requirements:
            one = Requirement(text)
            key = (canonicalize_name(one.name), frozenset(one.extras), str(one.marker))
            if key in merged:
                one.specifier &= merged[key].specifier
            merged[key] = one
    lines = [
        "# Written by the course. `make setup` installs what stands here.",
        f"./wheels/{wheel_name(root)}",
        *sorted(map(str, merged.values()), key=str.lower),
    ]
    return {"requirements.txt": "".join(f"{line}\n" for line in lines).encode()}


def _merged(course: Course, assignment: Assignment, parts: Parts) -> Files:
    files: Files = {}
    for _, part in parts:
        for path in part.keys() & files.keys():
            where = shown(course, assignment.yaml)
            raise ReleaseRefused(
                f"{where}: {path} is released twice. Expected it once: added, as glue, or under workspace/."
            )
        files |= part
    return files


def _refuse_leaks(sources: Sources, stubs: Stubs, files: Files) -> None:
    texts = {path: data.decode("utf-8", "replace") for path, data in files.items()}
    problems = [
        f"{leak.path}:{leak.line}: the release still shows {leak.taken.name} of "
        f"{sources.shown(leak.source)}:{leak.taken.line}. Expected nothing of a solution. Reword it."
        for leak in leaks(texts, stubs.results)
    ]
    if problems:
        raise ReleaseRefused("\n".join(problems))


def _manifest(assignment: Assignment, parts: Parts) -> bytes:
    files = {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "kind": kind}
        for kind, part in parts
        for path, data in part.items()
    }
    content = {
        "assignment": assignment.id,
        "title": assignment.definition.title,
        "cases_digest": assignment.cases_digest(),
        "files": dict(sorted(files.items())),
    }
    return (json.dumps(content, indent=1) + "\n").encode()
