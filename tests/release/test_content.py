"""What a release holds."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course.assignment import load_assignment
from grader.course.policy import Course
from grader.errors import ReleaseRefused
from grader.release.archive import write_files
from grader.release.content import release_files

Edit = Callable[[str, str, str], None]


def release(course: Course, name: str = "hw1", *solved: str) -> dict[str, bytes]:
    return release_files(course, course.assignment(name), set(solved))


def test_a_release_holds_exactly_its_files(course: Course) -> None:
    questions = ("area", "kernel", "templates", "value")
    assert list(release(course)) == sorted(
        [
            ".github/workflows/tests.yml",
            ".grader/releases/hw1.json",
            "Makefile",
            "assignments/hw1/README.md",
            "assignments/hw1/assignment.yaml",
            "assignments/hw1/hw1.ipynb",
            *(f"assignments/hw1/cases/{question}.py" for question in questions),
            *(f"assignments/hw1/tests/test_{question}.py" for question in questions),
            "lib/__init__.py",
            "lib/core.py",
            "requirements.txt",
            "src/tiny.cu",
        ]
    )


def test_a_release_shows_no_body_no_helper_no_label_and_no_comment_of_a_solution(course: Course) -> None:
    everything = b"\n".join(release(course).values()).decode()
    for secret in (
        "squared",
        "_halved",
        "_CLOSE",
        "close enough",
        "_visit(",
        "_depth_of",
        "settle()",
        "blockIdx",
    ):
        assert secret not in everything
    for secret in ("Square(", "cmath", "one element a thread", "ANSWER", "cached"):
        assert secret not in everything
    assert "def circumference" in everything
    assert 'std::string Name() { return "tiny"; }' in everything


def test_a_released_module_runs_and_its_stubs_name_their_questions(course: Course, tmp_path: Path) -> None:
    write_files(release(course), tmp_path / "workspace")
    code = "from lib import area, core\nassert core.circumference(1) > 6\narea(1)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "workspace", capture_output=True, text=True
    )
    assert run.stderr.strip().endswith("NotImplementedError: not started: hw1/area")


def test_the_manifest_tells_each_files_checksum_and_whose_it_is(course: Course) -> None:
    files = release(course)
    manifest = json.loads(files.pop(".grader/releases/hw1.json"))
    assert {path: one["sha256"] for path, one in manifest["files"].items()} == {
        path: hashlib.sha256(data).hexdigest() for path, data in files.items()
    }
    kinds = {path: one["kind"] for path, one in manifest["files"].items()}
    assert {path for path, kind in kinds.items() if kind == "stub"} == {"lib/core.py", "src/tiny.cu"}
    assert {path for path, kind in kinds.items() if kind == "course"} == {
        path for path in files if path.startswith("assignments/")
    }
    assert set(kinds.values()) == {"stub", "course", "glue"}
    assert (manifest["assignment"], manifest["title"]) == ("hw1", "First")


def test_the_manifests_digest_is_that_of_the_unpacked_cases(course: Course, tmp_path: Path) -> None:
    files = release(course)
    write_files(files, tmp_path / "workspace")
    unpacked = load_assignment(tmp_path / "workspace/assignments/hw1")
    assert json.loads(files[".grader/releases/hw1.json"])["cases_digest"] == unpacked.cases_digest()


def test_requirements_name_the_wheel_by_its_path_and_merge_those_of_earlier_assignments(
    course: Course,
) -> None:
    wheel = "./wheels/needle_grader-0.0.7-py3-none-any.whl"
    assert release(course)["requirements.txt"].decode().splitlines()[1:] == [
        wheel,
        "cmake>=3.20",
        "numpy>=1.20",
    ]
    assert release(course, "hw2")["requirements.txt"].decode().splitlines()[1:] == [
        wheel,
        "cmake>=3.20",
        "hypothesis",
        "numpy>=1.20,>=1.24",
    ]


def test_glue_grows_with_the_assignments(course: Course) -> None:
    assert b"later" not in release(course)["lib/__init__.py"]
    assert release(course, "hw2")["lib/__init__.py"] == course.source_of("lib/__init__.py").read_bytes()


def test_an_assignment_that_uses_a_dataset_brings_the_scripts_that_fetch_it(root: Path, edit: Edit) -> None:
    (root / "datasets/__pycache__").mkdir(parents=True)
    (root / "datasets/__pycache__/get.cpython-311.pyc").write_text("cached")
    (root / "datasets/get.py").write_text("print(1)\n")
    (root / "datasets/registry.yaml").write_text("mnist: {}\n")
    assert "datasets/get.py" not in release(Course(root))
    edit("assignments/hw1/assignment.yaml", "title: First\n", "title: First\ndatasets: [mnist]\n")
    files = release(Course(root))
    assert [path for path in files if path.startswith("datasets/")] == [
        "datasets/get.py",
        "datasets/registry.yaml",
    ]


def test_with_every_question_solved_the_files_are_the_references(course: Course) -> None:
    files = release(course, "hw1", "area", "value", "kernel", "templates")
    for path in ("lib/core.py", "src/tiny.cu"):
        assert files[path] == course.source_of(path).read_bytes()


def test_a_solved_question_keeps_its_body_and_the_helpers_that_it_needs(course: Course) -> None:
    text = release(course, "hw1", "value")["lib/core.py"].decode()
    assert "def _visit" in text, "it is omitted, but trace needs it"
    assert "_depth_of" in text
    assert "_halved" not in text
    assert 'NotImplementedError("not started: hw1/area")' in text
    assert "not started: hw1/value" not in text


def test_the_same_course_gives_the_same_bytes(course: Course, root: Path) -> None:
    assert release(course) == release(Course(root))


def test_a_path_of_two_kinds_is_refused(course: Course) -> None:
    (course.root / "workspace/lib").mkdir()
    (course.root / "workspace/lib/__init__.py").write_text("")
    with pytest.raises(ReleaseRefused, match=r"lib/__init__\.py is released twice"):
        release(course)
