"""An installed reference is never graded, however it was installed: only the workspace's own files are."""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.client import Client
from grader.workspace.folder import Workspace

REDIRECT = """
import sys
from importlib.util import spec_from_file_location

class Redirect:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return spec_from_file_location(name, {file!r}) if name == "simple_ml" else None

sys.meta_path.insert(0, Redirect)
"""

Submit = Callable[[], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def packages(tmp_path: Path, repository: Path) -> Path:
    """The site-packages of a new environment that has what this one has, and the grader."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    [packages] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (packages / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n{repository}\n")
    return packages


@pytest.fixture
def submit_add(
    untouched: Workspace, enrol: Callable[[], Client], tmp_path: Path, packages: Path
) -> Iterator[Submit]:
    """Return a function that runs `grader submit hw0 --question add` in the new environment."""
    client = enrol()
    key = str(client._session.headers["Authorization"]).removeprefix("Bearer ")
    login = {"NEEDLE_GRADER_URL": client.url, "NEEDLE_GRADER_KEY": key}
    command = [tmp_path / "venv" / "bin" / "python", "-m", "grader.cli", "submit", "hw0", "--question", "add"]
    build = untouched.root / "build"
    shutil.copytree(build, tmp_path / "build")  # the other Python drops it, and finds no compiler
    yield lambda: subprocess.run(
        command, cwd=untouched.root, env=login, capture_output=True, text=True, check=False
    )
    shutil.rmtree(build)
    (tmp_path / "build").rename(build)


@pytest.fixture
def gone(untouched: Workspace) -> Iterator[None]:
    """The student's own file is away, and comes back."""
    path = untouched.root / "hw0" / "simple_ml.py"
    away = path.rename(path.with_suffix(".away"))
    yield
    away.rename(path)


def install(packages: Path, repository: Path, how: str) -> None:
    reference = repository / "reference" / "hw0" / "simple_ml.py"
    shutil.copy(reference, packages) if how == "copied" else None
    if how == "editable redirect":
        (packages / "_editable.py").write_text(REDIRECT.format(file=str(reference)))
        (packages / "_editable.pth").write_text("import _editable\n")
    if how == "path file":
        (packages / "_editable.pth").write_text(f"{reference.parent}\n")


WAYS = ["copied", "editable redirect", "path file"]


@pytest.mark.parametrize("how", WAYS)
def test_stubs_beside_an_installed_reference_are_what_is_graded(
    packages: Path, repository: Path, submit_add: Submit, how: str
) -> None:
    install(packages, repository, how)
    said = submit_add()
    assert said.returncode == 1, "the C++ of another question could not be built here"
    assert said.stdout.count("not started") == 3, said.stderr
    assert "hw0: 0.00 of 100" in said.stdout


@pytest.mark.parametrize("how", WAYS[:2])
@pytest.mark.usefixtures("gone")
def test_an_installed_reference_in_place_of_a_missing_file_is_refused(
    packages: Path, repository: Path, submit_add: Submit, how: str
) -> None:
    install(packages, repository, how)
    said = submit_add()
    assert said.returncode == 1
    assert "simple_ml was imported from" in said.stderr
    assert "not from your workspace" in said.stderr
    assert "Traceback" not in said.stderr + said.stdout


def test_a_reference_that_was_imported_at_the_start_of_python_is_refused(
    packages: Path, repository: Path, submit_add: Submit
) -> None:
    install(packages, repository, "copied")
    (packages / "early.pth").write_text("import simple_ml\n")
    said = submit_add()
    assert said.returncode == 1
    assert f"simple_ml was imported from {packages / 'simple_ml.py'}, not from your workspace" in said.stderr
