"""Send what `make bench` measured to the leaderboard: of each kernel its best figure on this machine."""

import json
import platform
from itertools import pairwise
from pathlib import Path
from typing import Any

from grader.client import Client
from grader.course.assignment import Assignment
from grader.errors import GraderError
from grader.workspace.benchmarking import bench
from grader.workspace.folder import Workspace

_CPU = Path("/proc/cpuinfo")


def measure(workspace: Workspace, assignment: Assignment) -> list[dict[str, Any]]:
    """Run the assignment's measuring program and return its figures.

    Raises: GraderError when it fails, or writes no figures.
    """
    if bench(workspace, assignment, []) != 0:
        raise GraderError(f"bench: {assignment.id} could not be measured, as said above. Nothing was sent.")
    return figures_in(workspace.root / _figures_file(assignment))


def figures_in(file: Path) -> list[dict[str, Any]]:
    """Return the best figure of each kernel that a measuring program wrote. Raises: GraderError."""
    try:
        kernels = json.loads(file.read_text(encoding="utf-8"))["kernels"]
        best: dict[str, float] = {}
        for one in kernels:
            best[str(one["kernel"])] = max(best.get(str(one["kernel"]), 0.0), float(one["gflops"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise GraderError(
            f"{file}: no figures of kernels are here. Expected what `make bench` writes. Run it again."
        ) from None
    return [
        {"name": name, "value": round(value, 2), "unit": "GFLOP/s"} for name, value in best.items() if value
    ]


def send(client: Client, assignment: Assignment, figures: list[dict[str, Any]]) -> dict[str, Any]:
    """Send figures, and return the server's word on who sees them."""
    content = {"assignment": assignment.id, "machine": machine(), "figures": figures}
    reply: dict[str, Any] = client.post("/leaderboard/figures", content)
    return reply


def machine() -> str:
    """Return what this machine's processor is called."""
    if _CPU.is_file():
        for line in _CPU.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()[:200]
    return (platform.processor() or platform.machine() or "a machine")[:200]


def _figures_file(assignment: Assignment) -> str:
    """Return where the program is told to write. Raises: GraderError for one that is not told."""
    program = assignment.definition.bench
    for option, value in pairwise(program):
        if option == "--json":
            return value
    raise GraderError(f"{assignment.yaml}: bench writes no figures. Expected `--json FILE` in it.")
