"""A small final project, with a library that needs nothing: whole, so that a test can break one thing."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from grader.course.project import ProjectDefinition
from grader.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parents[1]
WORDS = "we say here in words of our own what this section of the text is about and why it has to be so\n"

DEFINITION: dict[str, Any] = {
    "id": "project",
    "kind": "project",
    "title": "A small <project>",
    "library": "tiny",
    "sources": ["tiny", "CMakeLists.txt"],
    "checks": ["proposal", "report", "needle", "own_tests", "training"],
    "train": ["project/train.py"],
    "steps": 40,
    "lower_to": 0.8,
    "time_limit": 30,
    "forbidden": ["torch", "rival"],
    "tracks": [{"id": "fusion", "title": "Fuse <ops>"}, {"id": "graphs", "title": "Graphs"}],
    "accept_at": 60,
    "rubric": [
        {"id": "idea", "title": "The <idea>", "points": 40, "levels": ["40: clear", "10: vague"]},
        {"id": "work", "title": "The work", "points": 60, "levels": ["60: whole"]},
    ],
}
TRAIN = """
import json, sys
import tiny
for step in range(1, int(sys.argv[sys.argv.index("--steps") + 1]) + 1):
    print("a word between")
    print(json.dumps({"step": step, "loss": tiny.loss(step)}))
"""
TESTS = """
import tiny
def test_the_loss_goes_down():
    assert tiny.loss(2) < tiny.loss(1)
"""
TEMPLATE = {
    "proposal.md": "# Proposal\n\n## Question\n\n<!-- which? -->\n\n## Plan\n",
    "report.md": "# Report\n\n## Summary\n\nGiven words that everybody has.\n",
    "train.py": "raise SystemExit('not started')\n",
    "tests/test_project.py": "def test_own():\n    raise AssertionError('not started')\n",
}
SOLVED = {
    "project/proposal.md": f"# Ours\n\n## Question\n\n{WORDS}\n## Plan\n\n{WORDS}",
    "project/report.md": f"# Ours\n\n## Summary\n\nGiven words that everybody has.\n{WORDS}",
    "project/train.py": TRAIN,
    "project/tests/test_project.py": TESTS,
    "tiny/__init__.py": "def loss(step):\n    return 1 / step\n",
}


def definition(**changes: Any) -> ProjectDefinition:
    return ProjectDefinition.model_validate(DEFINITION | changes)


def write(files: dict[str, str], root: Path) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def write_definition(root: Path, **changes: Any) -> Path:
    """Write assignments/project with the real checks, and return its folder."""
    folder = root / "assignments" / "project"
    write({f"template/{path}": text for path, text in TEMPLATE.items()}, folder)
    for track in ("fusion", "graphs"):
        write({"train.py": f"# {track}\n", f"{track}.py": f"# {track}\n"}, folder / "tracks" / track)
    shutil.copytree(
        ROOT / "assignments/project/tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / "assignment.yaml").write_text(yaml.safe_dump(DEFINITION | changes, sort_keys=False))
    (folder / "README.md").write_text("# The project\n")
    return folder


def solved_workspace(root: Path, **changes: Any) -> Workspace:
    """Return a workspace with a project that passes every check."""
    write_definition(root, **changes)
    write(SOLVED, root)
    (root / ".grader" / "releases").mkdir(parents=True)
    return Workspace(root)
