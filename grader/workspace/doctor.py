"""Check the machine that a student works on, and say for each thing what to do."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import requests
from rich.console import Console
from rich.table import Table

from grader.client import check_url, load_login, login_file
from grader.errors import GraderError
from grader.workspace.folder import Workspace

ROOM = 2 * 2**30  # bytes: the environment, the builds and every dataset
_SHORT, _LONG = 10, 60  # seconds for a command

_COMPILER_ADVICE = {
    "Darwin": "Run: xcode-select --install",
    "Linux": "Install one, on Debian and Ubuntu with: sudo apt install g++",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was checked. Without it, nothing works (False) or only something does not (None)."""

    name: str
    ok: bool | None
    found: str
    advice: str = ""


def doctor() -> int:
    """Print what was found around the current folder, and return 1 if something required is missing."""
    try:
        workspace = Workspace.find(Path.cwd())
    except GraderError:
        workspace = None
    findings = diagnose(workspace)
    _show(findings)
    return 1 if any(finding.ok is False for finding in findings) else 0


def diagnose(workspace: Workspace | None) -> list[Finding]:
    """Check the machine and, if there is one, the workspace."""
    findings = [_system(), _python(), _compiler(), _cmake(), _make(), *_gpu()]
    if workspace is None:
        return [*findings, _no_workspace()]
    findings += [_environment(workspace), _grader(workspace), _disk(workspace)]
    return [*findings, *_datasets(workspace), *_server(workspace)]


def _show(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "What", "Found", "What to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        mark = {True: "[green]ok[/]", False: "[red]missing[/]", None: "[yellow]optional[/]"}[finding.ok]
        table.add_row(mark, finding.name, *(_escaped(text) for text in (finding.found, finding.advice)))
    Console(highlight=False).print(table)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


def _system() -> Finding:
    name, release = platform.system(), platform.release()
    if name == "Windows":
        return Finding(
            "System", False, f"Windows {release}", "Work inside WSL2: run `wsl --install`, then open Ubuntu."
        )
    if "microsoft" in release.lower():
        slow = Path.cwd().as_posix().startswith("/mnt/")
        advice = "Move the workspace to your Linux home folder: /mnt is slow." if slow else ""
        return Finding("System", None if slow else True, f"Linux {release} (WSL)", advice)
    return Finding("System", True, f"{name} {release}")


def _python() -> Finding:
    found = f"{platform.python_version()} at {sys.executable}"
    fine = sys.version_info >= (3, 10)
    return Finding(
        "Python", fine, found, "" if fine else "Install Python 3.10 or later, then run: make setup"
    )


def _compiler() -> Finding:
    """Compile and run a program: a compiler that is there may still lack its headers or its licence."""
    advice = _COMPILER_ADVICE.get(platform.system(), "Install a C++17 compiler.")
    compiler = os.environ.get("CXX", "c++")
    said = _said([compiler, "--version"])
    if said is None:
        return Finding("C++ compiler", False, f"{compiler} does not run", advice)
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "hello.cpp"), Path(folder, "hello")
        source.write_text('#include <iostream>\nint main() { std::cout << "hello" << std::endl; }\n')
        built = _said([compiler, "-std=c++17", str(source), "-o", str(program)], _LONG)
        if built is None or _said([str(program)]) != "hello":
            return Finding("C++ compiler", False, f"{said}, but it can't build a small program", advice)
    return Finding("C++ compiler", True, said)


def _cmake() -> Finding:
    return _tool("CMake", "cmake", "Run: make setup")


def _make() -> Finding:
    return _tool("make", "make", "Install it, on Debian and Ubuntu with: sudo apt install make")


def _tool(name: str, command: str, advice: str) -> Finding:
    """Find a command in this environment or on the machine."""
    where = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    said = _said([shutil.which(command, path=where) or command, "--version"])
    return Finding(name, said is not None, said or "not found", "" if said else advice)


def _gpu() -> list[Finding]:
    """Look for what the CUDA questions use where it is there, and can do without."""
    compiler = _said(["nvcc", "--version"], line=-1)
    gpu = _said(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"])
    without = "Not needed: without a GPU, CUDA questions run on the simulator, cuda_sim."
    if gpu and not compiler:
        without = "To run CUDA questions on the GPU, install the CUDA toolkit, and put nvcc on the PATH."
    return [
        Finding("nvcc", True if compiler else None, compiler or "not found", "" if compiler else without),
        Finding("GPU", True if gpu else None, gpu or "none found", "" if gpu else without),
    ]


def _no_workspace() -> Finding:
    return Finding("Workspace", False, "none here", "Change to your workspace, and run: make doctor")


def _environment(workspace: Workspace) -> Finding:
    expected = workspace.root / ".venv"
    fine = Path(sys.prefix).resolve() == expected.resolve()
    return Finding("Environment", fine, sys.prefix, "" if fine else f"Expected {expected}. Run: make doctor")


def _grader(workspace: Workspace) -> Finding:
    """Compare the grader that runs with the wheels that came with the releases."""
    try:
        running = version("needle-grader")
    except PackageNotFoundError:
        return Finding("Grader", False, "not installed", "Run: make setup")
    wheels = sorted(workspace.root.glob("wheels/needle_grader-*.whl"))
    if not wheels:
        return Finding("Grader", False, f"{running}; no wheel in wheels/", "Run: make update")
    released = [file.name.split("-")[1] for file in wheels]
    if running in released:
        return Finding("Grader", True, running)
    return Finding("Grader", False, f"{running}; the wheel is {', '.join(released)}", "Run: make setup")


def _disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.root).free
    advice = "" if free >= ROOM else f"Free some: {ROOM / 2**30:.0f} GiB are enough for everything."
    return Finding("Disk space", free >= ROOM, f"{free / 2**30:.1f} GiB free", advice)


def _datasets(workspace: Workspace) -> Iterator[Finding]:
    try:
        names = {name for assignment in workspace.assignments for name in assignment.definition.datasets}
    except GraderError as error:
        yield Finding("Assignments", False, str(error), "Run: make update")
        return
    for name in sorted(names):
        yield _dataset(workspace, name)


def _dataset(workspace: Workspace, name: str) -> Finding:
    what, get = f"Dataset {name}", f"make data DATASET={name}"
    command = [sys.executable, "datasets/get.py", name, "--check", "--json"]
    try:
        answer = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, timeout=_LONG)
        said = json.loads(answer.stdout)
        state, folder = said["state"], said["dir"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return Finding(what, False, "datasets/get.py can't tell", "Run: make update")
    if state == "real":
        return Finding(what, True, f"in {folder}")
    if state == "synthetic":
        return Finding(what, True, f"synthetic stand-in in {folder}", f"For the real one, run: {get}")
    if state == "corrupt":
        return Finding(
            what, False, f"damaged in {folder}: {', '.join(said.get('missing', []))}", f"Run: {get}"
        )
    return Finding(
        what, None, f"not in {folder}", f"To train on it, run: {get} (no network: {get} SYNTHETIC=1)"
    )


def _server(workspace: Workspace) -> Iterator[Finding]:
    file = login_file(workspace.root)
    if not file.is_file():
        yield Finding(
            "Login", None, "not logged in", "To submit, run: make login URL=<your course's address>"
        )
        return
    mode = file.stat().st_mode & 0o777
    private = not mode & 0o077
    yield Finding(
        "Key file", private, f"{file} has mode {mode:o}", "" if private else f"Run: chmod 600 {file}"
    )
    try:
        login = load_login(workspace.root)
        url = check_url(login.url)
    except GraderError as error:
        if private:
            yield Finding("Login", False, str(error), "Run: make login URL=<your course's address>")
        return
    yield from _answers(url, login.key)


def _answers(url: str, key: str) -> Iterator[Finding]:
    """Ask the server whether it is there, and whether it knows the key."""
    with requests.Session() as session:
        session.trust_env = False
        health = _status(session, f"{url}/healthz")
        if health != 200:
            said = f"{url}: no answer" if health is None else f"{url} answered {health}"
            yield Finding(
                "Server", False, said, "Are you online? If so, ask your instructor. Your work can wait."
            )
            return
        yield Finding("Server", True, url)
        me = _status(session, f"{url}/api/v1/me", {"Authorization": f"Bearer {key}"})
        advice = "Ask your instructor for a new key, then run: make login URL=" + url
        yield Finding(
            "Key", me == 200, "valid" if me == 200 else f"refused ({me})", "" if me == 200 else advice
        )


def _status(session: requests.Session, url: str, headers: dict[str, str] | None = None) -> int | None:
    try:
        return session.get(url, headers=headers, timeout=5, allow_redirects=False).status_code
    except requests.RequestException:
        return None


def _said(command: list[str], limit: float = _SHORT, line: int = 0) -> str | None:
    """Return one line of what a command prints; None when it does not run, fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.strip().splitlines() or [""]
    return lines[line].strip() if done.returncode == 0 else None
