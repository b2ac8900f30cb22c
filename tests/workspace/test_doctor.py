"""The doctor's findings, with a PATH and a workspace made for each test."""

import http.server
import json
import os
import platform
import threading

import pytest

from grader.workspace import doctor
from grader.workspace.folder import Workspace

GET = """import json, sys
print(json.dumps({"name": sys.argv[1], "state": STATE, "dir": "data/mnist", "missing": ["train"]}))
"""


@pytest.fixture
def workspace(tmp_path, hw0_files, write_files, monkeypatch):
    monkeypatch.setenv("CXX", "false")  # other tests look at the compiler, which takes a second
    return Workspace(write_files(tmp_path, hw0_files()))


@pytest.fixture
def tools(tmp_path_factory, monkeypatch):
    """Return a function that puts a command on a PATH that holds nothing else."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(doctor.sys, "executable", str(folder / "python"))

    def add(name, script):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return add


@pytest.fixture
def server():
    """A stand-in that answers by path; the real one's own tests hold its side."""

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.headers.get("Authorization") == "Bearer good"
            self.send_response(200 if self.path == "/healthz" or known else 401)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def named(findings, name):
    [finding] = [finding for finding in findings if finding.name == name]
    return finding


def log_in(workspace, url, key="good", mode=0o600):
    file = workspace.root / ".grader/login.json"
    file.write_text(json.dumps({"url": url, "key": key}))
    file.chmod(mode)


def test_on_an_empty_path_each_tool_is_missing_and_the_advice_says_how_to_get_it(tools):
    findings = doctor.diagnose(None)
    for name, advice in (("C++ compiler", ""), ("CMake", "make setup"), ("make", "apt install make")):
        assert named(findings, name).ok is False
        assert advice in named(findings, name).advice
        assert named(findings, name).advice
    assert named(findings, "nvcc").ok is None
    assert "without a GPU, CUDA questions run on the simulator" in named(findings, "GPU").advice
    assert named(findings, "Workspace").ok is False


def test_tools_that_are_there_are_named_by_their_version(tools):
    tools("cmake", "echo cmake version 9.9")
    tools("make", "echo GNU Make 3.81")
    tools("nvidia-smi", "echo A card, 24 GiB")
    findings = doctor.diagnose(None)
    assert (named(findings, "CMake").ok, named(findings, "CMake").found) == (True, "cmake version 9.9")
    assert named(findings, "make").found == "GNU Make 3.81"
    assert named(findings, "GPU").ok is True
    assert "To run CUDA questions on the GPU, install the CUDA toolkit" in named(findings, "nvcc").advice


def test_a_compiler_that_can_not_build_a_program_is_missing(tools):
    tools("c++", '[ "$1" = --version ] && echo broken 1.0')
    found = named(doctor.diagnose(None), "C++ compiler")
    assert found.ok is False
    assert found.found == "broken 1.0, but it can't build a small program"


def test_the_compiler_of_this_machine_builds_and_runs_a_program():
    assert named(doctor.diagnose(None), "C++ compiler").ok is True


def test_windows_is_sent_to_wsl2_and_wsl_passes(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    assert "wsl --install" in named(doctor.diagnose(None), "System").advice
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "release", lambda: "5.15-microsoft-standard-WSL2")
    assert named(doctor.diagnose(None), "System").ok is True


@pytest.mark.parametrize(
    ("state", "ok", "advice"),
    [
        ("real", True, ""),
        ("synthetic", True, "make data"),
        ("missing", None, "SYNTHETIC=1"),
        ("corrupt", False, "make data"),
    ],
)
def test_each_dataset_of_the_assignments_is_looked_at(workspace, write_files, state, ok, advice):
    yaml = workspace.root / "assignments/hw0/assignment.yaml"
    yaml.write_text(yaml.read_text() + "datasets: [mnist]\n")
    write_files(workspace.root, {"datasets/get.py": GET.replace("STATE", repr(state)).encode()})
    found = named(doctor.diagnose(workspace), "Dataset mnist")
    assert found.ok is ok
    assert advice in found.advice


def test_a_wheel_of_another_version_asks_for_setup(workspace, monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda _: "0.9")
    found = named(doctor.diagnose(workspace), "Grader")
    assert (found.ok, found.found, found.advice) == (False, "0.9; the wheel is 1.0", "Run: make setup")
    monkeypatch.setattr(doctor, "version", lambda _: "1.0")
    assert named(doctor.diagnose(workspace), "Grader").ok is True


def test_without_a_login_the_server_is_optional(workspace):
    found = named(doctor.diagnose(workspace), "Login")
    assert found.ok is None
    assert "make login" in found.advice


def test_a_server_that_knows_the_key_passes_and_a_wrong_key_does_not(workspace, server, monkeypatch):
    monkeypatch.delenv("NEEDLE_GRADER_KEY", raising=False)
    log_in(workspace, server)
    findings = doctor.diagnose(workspace)
    assert [named(findings, name).ok for name in ("Key file", "Server", "Key")] == [True, True, True]
    log_in(workspace, server, key="bad")
    found = named(doctor.diagnose(workspace), "Key")
    assert (found.ok, found.found) == (False, "refused (401)")


def test_a_server_that_does_not_answer_is_named(workspace):
    log_in(workspace, "http://127.0.0.1:9")
    found = named(doctor.diagnose(workspace), "Server")
    assert (found.ok, found.found) == (False, "http://127.0.0.1:9: no answer")


def test_a_key_that_others_can_read_is_refused(workspace):
    log_in(workspace, "http://127.0.0.1:9", mode=0o644)
    found = named(doctor.diagnose(workspace), "Key file")
    assert found.ok is False
    assert "chmod 600" in found.advice


def test_a_full_disk_is_noticed(workspace, monkeypatch):
    usage = type("Usage", (), {"free": 2**20})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert named(doctor.diagnose(workspace), "Disk space").ok is False


def test_the_doctor_prints_what_to_do_and_exits_with_1_when_something_required_is_missing(
    workspace, monkeypatch, capsys
):
    finding = doctor.Finding
    monkeypatch.chdir(workspace.root)
    monkeypatch.setattr(doctor, "diagnose", lambda _: [finding("GPU", None, "none", "not needed")])
    assert doctor.doctor() == 0
    monkeypatch.setattr(doctor, "diagnose", lambda _: [finding("make", False, "not [found]", "install it")])
    assert doctor.doctor() == 1
    printed = capsys.readouterr().out
    assert "not [found]" in printed
    assert "install it" in printed
    assert os.getcwd() == str(workspace.root)
