"""The import watch sees what a project imports, in every Python that it starts, and not what it mentions."""

from pathlib import Path

import pytest
from small_project import definition, solved_workspace

from grader.project.watched import Watched, import_problems, run_watched
from grader.workspace.folder import Workspace

NOTHING = "import tiny\n"
TRY = "try:\n    import torch\nexcept ImportError:\n    pass\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return solved_workspace(tmp_path.resolve())


def run(workspace: Workspace, source: str) -> Watched:
    (workspace.root / "project" / "train.py").write_text(NOTHING + source)
    return run_watched(workspace.root, definition(), ["project/train.py"], 30)


def problems(workspace: Workspace, source: str) -> list[str]:
    watched = run(workspace, source)
    assert not watched.ended_badly
    return list(import_problems(workspace.root, "tiny", [watched]))


WAYS = {
    "a statement": "import torch",
    "a submodule": "import torch.nn.functional as F",
    "from": "from torch import nn",
    "inside a function": "def f():\n    import torch\nf()",
    "importlib": "import importlib\nimportlib.import_module('torch')",
    "__import__": "__import__('rival')",
    "a string": "exec('imp' + 'ort tor' + 'ch')",
    "find_spec": "import importlib.util as u\ns = u.find_spec('torch')\nu.module_from_spec(s)",
}


@pytest.mark.parametrize("way", WAYS)
def test_an_import_is_refused_and_named_whichever_way_it_is_made(workspace: Workspace, way: str) -> None:
    watched = run(workspace, WAYS[way])
    assert "is another framework. Expected a project on your own needle." in watched.ended_badly
    [problem] = import_problems(workspace.root, "tiny", [watched])
    assert problem.startswith(("project/train.py:", "<string>:1"))
    assert "imports torch." in problem or "imports rival." in problem


def test_an_import_that_the_program_catches_is_seen(workspace: Workspace) -> None:
    [problem] = problems(workspace, TRY)
    assert problem == "project/train.py:3 imports torch. Expected your own needle only."


CHILDREN = {
    "subprocess": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import torch'])",
    "a shell": "import os, sys\nos.system(sys.executable + ' -c \"import torch\"')",
    "spawn": """
import multiprocessing
def work():
    import torch
if __name__ == '__main__':
    one = multiprocessing.get_context('spawn').Process(target=work)
    one.start()
    one.join()
""",
    "fork": """
import multiprocessing
def work():
    import torch
one = multiprocessing.get_context('fork').Process(target=work)
one.start()
one.join()
""",
    "a child's child": """
import subprocess, sys
inner = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import torch'])"
subprocess.run([sys.executable, '-c', inner])
""",
}


@pytest.mark.parametrize("way", CHILDREN)
def test_an_import_in_a_child_is_seen(workspace: Workspace, way: str) -> None:
    watched = run(workspace, CHILDREN[way])
    [problem] = import_problems(workspace.root, "tiny", [watched])
    assert "imports torch. Expected your own needle only." in problem


UNSEEN = {
    "isolated": "subprocess.run([sys.executable, '-I', '-c', 'pass'])",
    "without site": "subprocess.run([sys.executable, '-B', '-S', '-c', 'pass'])",
    "without environment": "subprocess.run([sys.executable, '-c', 'pass'], env={'PATH': '/bin'})",
    "another path": "os.environ['PYTHONPATH'] = '.'",
    "no path": "del os.environ['PYTHONPATH']",
}


@pytest.mark.parametrize("way", UNSEEN)
def test_a_python_that_could_not_be_watched_is_named(workspace: Workspace, way: str) -> None:
    [problem] = problems(workspace, f"import os, subprocess, sys\n{UNSEEN[way]}")
    assert problem.startswith("project/train.py:3 starts a Python whose imports can't be seen (")


ALLOWED = {
    "a comment": "# import torch",
    "a string": "print('import torch; torch.nn')",
    "a name": "torch = 1",
    "a module of the student's with it in its name": "import project.torchlike",
    "a child": "import subprocess, sys\nsubprocess.run([sys.executable, '-u', '-c', 'import tiny'])",
    "another program": "import subprocess\nsubprocess.run(['echo', '-I'], env={})",
    "a pool": "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(int).result()",
}


@pytest.mark.parametrize("way", ALLOWED)
def test_what_only_looks_like_it_is_let_through(workspace: Workspace, way: str) -> None:
    (workspace.root / "project" / "torchlike.py").write_text("")
    assert problems(workspace, ALLOWED[way]) == []


def test_a_library_from_elsewhere_is_named(workspace: Workspace) -> None:
    other = workspace.root / "project" / "tiny.py"  # beside the program, so it is found first
    other.write_text("")
    [problem] = problems(workspace, "")
    assert problem.startswith(f"tiny was imported from {other}, not from your workspace")


def test_a_project_without_the_library_is_told_so(workspace: Workspace) -> None:
    (workspace.root / "project" / "train.py").write_text("print(1)")
    watched = run_watched(workspace.root, definition(), ["project/train.py"], 30)
    [problem] = import_problems(workspace.root, "tiny", [watched])
    assert problem == "the project never imports tiny. Expected a project that is built on it."


def test_a_program_that_does_not_end_is_ended_with_its_children(workspace: Workspace) -> None:
    (workspace.root / "project" / "train.py").write_text("import time\nprint('begun')\ntime.sleep(60)")
    watched = run_watched(workspace.root, definition(), ["project/train.py"], 2)
    assert (
        watched.ended_badly == "it was still running at its time limit. The end of what it printed:\n  begun"
    )


def test_the_key_of_the_course_stays_out_of_a_projects_environment(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDLE_GRADER_KEY", "ndl_secret")
    watched = run(workspace, "import os\nprint(sorted(os.environ))")
    assert "NEEDLE_WATCH_EVENTS" in watched.finished.output
    assert "NEEDLE_GRADER_KEY" not in watched.finished.output
