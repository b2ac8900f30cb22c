"""Each track runs before anything is written, its tests fail by name, and the solved project's pass."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_workspaces import ROOT

from grader.course.policy import Course
from grader.course.project import PROJECT, load_project
from grader.project.begin import begun
from grader.release.archive import write_files
from grader.release.project import solved_project_files

GIVEN = load_project(ROOT / "assignments" / PROJECT)
TRACKS = [track.id for track in GIVEN.definition.tracks]


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run Python beside the reference, on arrays of NumPy's: what is tried here is the project."""
    path = os.pathsep.join([str(folder), str(ROOT / "reference")])
    environment = os.environ | {"NEEDLE_BACKEND": "np", "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("track", TRACKS)
def test_a_track_runs_from_the_first_minute_and_its_tests_fail_by_name(tmp_path: Path, track: str) -> None:
    write_files(begun(GIVEN, track), tmp_path)
    trained = run(tmp_path, "project/train.py", "--steps", "2")
    assert trained.returncode == 0, trained.stderr
    assert '"step": 2' in trained.stdout
    tested = run(tmp_path, "-m", "pytest", "-qx", "-p", "no:cacheprovider", PROJECT)
    assert tested.returncode == 1, tested.stdout
    assert f"not started: project/{track}" in tested.stdout


def test_the_solved_project_lowers_its_loss_and_its_tests_pass(tmp_path: Path) -> None:
    files = solved_project_files(Course(ROOT))
    own = {path: data for path, data in files.items() if path.startswith(f"{PROJECT}/")}
    write_files(own, tmp_path)
    tested = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", PROJECT)
    assert tested.returncode == 0, tested.stdout
    trained = run(tmp_path, "project/train.py", "--steps", "2")
    assert "not started" not in trained.stdout
    assert '"step": 2' in trained.stdout
