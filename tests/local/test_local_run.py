"""The local tests through the front door: pytest, run in a workspace."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from grader.local.questions import cores

pytest_plugins = ["pytester"]

Front = Any  # the class of the fixture `front`
ROOT = Path(__file__).resolve().parents[2]

ADD = "from work import add\ndef test_sum():\n    assert add(1, 2) == 3\n"

HOSTILE = {
    "right": "from work import right\ndef test_one():\n    assert right(1) == 1\n",
    "hang": "from work import hang\ndef test_before(): pass\ndef test_hanging(): hang(1)\n"
    "def test_after(): pass\n",
    "crash": "from work import crash\ndef test_before(): pass\ndef test_crashing(): crash(1)\n",
    "leave": "from work import leave\ndef test_leaving(): leave(1)\n",
    "fixture": "import pytest\n@pytest.fixture\ndef broken(): raise OSError('no such thing')\n"
    "def test_a(broken): pass\ndef test_b(): pass\n",
    "empty": "",
    "unknown": "from work import no_such_name\ndef test_a(): pass\ndef test_b(): pass\n",
    "last": "from work import right\ndef test_one():\n    assert right(2) == 2\n",
}
HOSTILE_SOURCE = """import ctypes, os
def right(x): return x
def hang(x):
    while True: x += 1
def crash(x): ctypes.string_at(0)
def leave(x): os._exit(0)
def fixture(x): return x
def empty(x): return x
def unknown(x): return x
def last(x): return x
"""


def test_a_hang_a_crash_and_broken_files_cost_only_their_own_points(front: Front) -> None:
    front.make(HOSTILE_SOURCE, HOSTILE, questions={"hang": {"time_limit": 2}})
    time_given = 2 if cores() == 1 else 4  # beside others a question gets twice its time
    ran = front("--hw", "hw0")
    assert ran.ret == 1
    assert front.figures == {
        "right": [1, 1], "hang": [1, 3], "crash": [1, 2], "leave": [0, 1],
        "fixture": [1, 2], "empty": [0, 0], "unknown": [0, 2], "last": [1, 1],
    }  # fmt: skip
    said = {name: entry["output"] for name, entry in front.results.items()}
    assert said["hang"] == f"stopped after {time_given} seconds in test_hanging at hw0/work.py:4"
    assert said["crash"] == "the process died (SIGSEGV) in test_crashing at hw0/work.py:5"
    assert said["leave"].startswith("the process died (exit code 0) in test_leaving")
    assert "OSError: no such thing at assignments/hw0/tests/test_fixture.py:3" in said["fixture"]
    assert said["empty"].startswith("no test was found in test_empty.py")
    assert "cannot import name 'no_such_name'" in said["unknown"]
    assert sum(entry["max_score"] for entry in front.results.values()) == 100
    assert "41.67/100" in ran.stdout.str()
    assert "Traceback" not in ran.stdout.str()


STUBS = {
    "plain": "from work import plain\ndef test_a(): assert plain(1) == 1\n",
    "raises": "import pytest\nfrom work import raises\ndef test_a():\n"
    "    with pytest.raises(Exception): raises(1)\n",
    "swallowed": "from work import swallowed\ndef test_a(): assert swallowed(1) == 0\n"
    "def test_b(): assert True\n",
    "imported": "import work\nvalue = work.imported(1)\ndef test_a(): pass\ndef test_b(): pass\n",
    "uses": "from work import uses\ndef test_a(): assert uses(1) == 1\n",
    "needs": "from work import needs\ndef test_a(): assert needs(1) == 2\n",
    "wrong": "from work import wrong\ndef test_a(): assert wrong(1) == 2\n",
    "needs_wrong": "from work import needs_wrong\ndef test_a(): assert needs_wrong(1) == 2\n",
}
STUBS_SOURCE = (
    "".join(
        f'def {name}(x):\n    raise NotImplementedError("not started: hw0/{name}")\n'
        for name in ("plain", "raises", "imported")
    )
    + """
def swallowed(x):
    try:
        raise NotImplementedError("not started: hw0/swallowed")
    except Exception:
        return 0
def uses(x): return plain(x)
def needs(x): return x
def wrong(x): return x
def needs_wrong(x): return x
"""
)


def test_a_test_that_reached_a_stub_is_not_started_whatever_it_asserted(front: Front) -> None:
    more = {"needs": {"requires": ["plain"]}, "needs_wrong": {"requires": ["wrong"]}}
    front.make(STUBS_SOURCE, STUBS, questions=more)
    ran = front("--hw", "hw0")
    assert ran.ret == 1
    assert front.marks == {
        "plain": "not started", "raises": "not started", "swallowed": "not started",
        "imported": "not started", "uses": "waits for plain", "needs": "waits for plain",
        "wrong": "failed", "needs_wrong": "waits for wrong",
    }  # fmt: skip
    assert front.figures["swallowed"] == [1, 2]
    assert front.figures["raises"] == [0, 1]
    assert front.figures["imported"] == [0, 2]
    ran.stdout.fnmatch_lines(
        ["*plain *hw0/work.py:1 *0/1*0/12.5*not started*", "Next: plain, at hw0/work.py:1"]
    )
    assert "NotImplementedError" not in ran.stdout.str()


ON_A_DEVICE = """from types import SimpleNamespace
from grader import pick_device
from work import add, crash
DEVICE = pick_device(SimpleNamespace(name="cuda_sim", enabled=lambda: True))
def test_sum(): assert add(1, 2) == 3
"""


def test_results_say_on_which_device_a_question_was_tested_also_when_it_crashed(front: Front) -> None:
    source = "def add(x, y): return x + y\ndef crash(): import os; os.abort()\ndef plain(): pass\n"
    tests = {
        "add": ON_A_DEVICE,
        "crash": ON_A_DEVICE + "def test_crash(): crash()\n",
        "plain": "def test(): 0",
    }
    front.make(source, tests)
    ran = front("--hw", "hw0")
    said = {name: entry["extra_data"].get("devices") for name, entry in front.results.items()}
    assert said == {"add": ["cuda_sim"], "crash": ["cuda_sim"], "plain": None}
    ran.stdout.fnmatch_lines(["*add *passed on cuda_sim*", "*crash *failed on cuda_sim*", "*plain *passed *"])


def test_under_xdist_every_result_reaches_the_table(front: Front) -> None:
    source = HOSTILE_SOURCE + "def plain(x):\n    raise NotImplementedError('not started: hw0/plain')\n"
    tests = {"plain": STUBS["plain"], "crash": HOSTILE["crash"], "right": HOSTILE["right"]}
    front.make(source, tests, questions={"right": {"requires": ["plain"]}, "crash": {"requires": ["plain"]}})
    ran = front("--hw", "hw0", "-p", "xdist", "-n", "2")
    assert ran.ret == 1
    assert front.figures == {"plain": [0, 1], "crash": [1, 2], "right": [1, 1]}
    assert front.marks == {"plain": "not started", "crash": "waits for plain", "right": "passed"}
    ran.stdout.fnmatch_lines(["*crash *hw0/work.py:5*1/2*waits for plain*", "*50/100*local estimate*"])


FAILING = """from hypothesis import given, strategies as st
from grader.expect import call
from work import add
@given(st.integers(0, 100), st.integers(0, 100))
def test_sums(x, y):
    print("looking at", x)
    call(add, x, y).returns(x + y, because="a sum is a sum")
def test_words():
    call(add, "a", None)
def test_plain():
    assert add(1, 1) == 2
"""


def test_a_failing_test_shows_the_smallest_input_what_came_out_and_what_was_expected(front: Front) -> None:
    front.make("def add(x, y):\n    return x + y + (x > 3)\n", {"add": FAILING})
    ran = front("--hw", "hw0")
    ran.stdout.fnmatch_lines(
        [
            "test_sums",
            "*call *add(4, 0)",
            "*got *5",
            "*expected *4",
            "*because *a sum is a sum",
            "*printed: looking at 4",
            "test_words: TypeError: can only concatenate str*at hw0/work.py:2",
        ]
    )
    assert "test_plain" not in ran.stdout.str()
    assert "Traceback" not in ran.stdout.str()


def test_an_error_comes_with_its_place_and_the_call_that_repeats_it(
    front: Front,
) -> None:
    test = "from grader.expect import call\nfrom work import add\ndef test_a():\n    call(add, 'a', None)\n"
    front.make("def add(x, y):\n\n    return x + y\n", {"add": test})
    front("--hw", "hw0")
    lines = front.results["add"]["output"].splitlines()
    assert lines[1].endswith('(not "NoneType") to str at hw0/work.py:3')
    assert lines[2] == "    call      add('a', None)"


def test_a_syntax_error_is_shown_with_its_line_and_fails_every_test_of_the_file(front: Front) -> None:
    front.make("x = 1\ndef add(x, y)\n    return x\n", {"add": ADD})
    ran = front("--hw", "hw0")
    assert ran.ret == 1
    assert front.figures == {"add": [0, 1]}
    assert front.results["add"]["output"].splitlines()[0] == "SyntaxError: expected ':' at hw0/work.py:2"


def test_all_passing_exits_with_0_and_says_so_in_gradescopes_fields(front: Front) -> None:
    front.make("def add(x, y): return x + y\n", {"add": ADD})
    ran = front("--hw", "hw0", "--json", "mine/results.json")
    assert ran.ret == 0
    assert (front.root / "mine" / "results.json").read_text() == (
        front.root / "build/results/hw0.json"
    ).read_text()
    [entry] = front.results.values()
    assert entry == {
        "name": "Add", "score": 100.0, "max_score": 100.0, "status": "passed", "output": "passed",
        "visibility": "visible", "extra_data": {"question": "add", "passed": 1, "total": 1, "mark": "passed"},
    }  # fmt: skip
    ran.stdout.fnmatch_lines(["*100/100*local estimate*"])


def test_the_students_own_pytest_files_change_nothing(front: Front) -> None:
    front.make("def add(x, y): return x + y\n", {"add": ADD})
    (front.root / "conftest.py").write_text("raise SystemError('not mine')\n")
    (front.root / "assignments/hw0/tests/conftest.py").write_text("raise SystemError('not mine either')\n")
    (front.root / "pytest.ini").write_text("[pytest]\ntestpaths = nowhere\npython_functions = never_*\n")
    assert front("--hw", "hw0").ret == 0
    assert front.figures == {"add": [1, 1]}


def test_without_hw_a_run_is_as_it_would_be_without_the_plugin(front: Front) -> None:
    (front.root / "conftest.py").write_text("import pytest\n@pytest.fixture\ndef one(): return 1\n")
    (front.root / "test_own.py").write_text(
        "import sys\n"
        "def test_one(one): assert one == 1\n"
        "HEAVY = {'numpy', 'rich', 'grader.local.session', 'grader.running.build'}\n"
        "def test_light(): assert not HEAVY & set(sys.modules)\n"
    )
    ran = front("-v")
    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines(["*test_own.py::test_one PASSED*"])


def test_one_question_runs_alone_and_x_stops_at_the_first_that_fails(front: Front) -> None:
    tests = {
        name: f"from work import {name}\ndef test_a(): assert {name}(1) == 1\n"
        for name in ("one", "two", "three")
    }
    front.make("def one(x): return x\ndef two(x): return 0\ndef three(x): return x\n", tests)
    alone = front("--hw", "hw0", "--question", "one", "--question", "three")
    assert alone.ret == 0
    alone.stdout.fnmatch_lines(["*2 of 3 questions*66.67/66.67*"])
    assert not (front.root / "build" / "results" / "hw0.json").exists()
    assert front("--hw", "hw0", "-x").ret != 0
    assert front.marks == {"one": "passed", "two": "failed", "three": "not run"}
    assert front.figures["three"] == [0, 1]


def test_a_wrong_request_is_answered_with_one_sentence(front: Front) -> None:
    nowhere = front("--hw", "hw0")
    front.make("def add(x, y): return x + y\n", {"add": ADD})
    unknown = front("--hw", "hw7")
    question = front("--hw", "hw0", "--question", "ad")
    alone = front("--question", "add")
    yaml = front.root / "assignments" / "hw0" / "assignment.yaml"
    yaml.write_text(yaml.read_text().replace("points: 100.0", "points: 90"))
    malformed = front("--hw", "hw0")
    for ran, sentence in (
        (nowhere, "*this folder lies in no workspace*"),
        (unknown, "*'hw7': this workspace has no such assignment. It has hw0.*"),
        (question, "*hw0 has no question 'ad'. Its questions: add.*"),
        (alone, "*--question needs --hw*"),
        (malformed, "*assignment.yaml:*: questions: the points add up to 90. Expected 100.*"),
    ):
        ran.stderr.fnmatch_lines([sentence])
        assert ran.ret == pytest.ExitCode.USAGE_ERROR
        assert "Traceback" not in ran.stderr.str() + ran.stdout.str()


SEEDED = """import random
import numpy as np
from work import draw
def test_a(): draw(f"{np.random.rand()} {random.random()}")
def test_b(): draw(f"{np.random.rand()} {random.random()}")
"""


def test_random_numbers_are_the_same_in_every_run_and_differ_between_tests(front: Front) -> None:
    source = "def draw(text):\n    with open('drawn.txt', 'a') as file: print(text, file=file)\n"
    front.make(source, {"draw": SEEDED})
    front("--hw", "hw0")
    front("--hw", "hw0")
    first, second, *again = (front.root / "drawn.txt").read_text().splitlines()
    assert first != second
    assert again == [first, second]


def test_an_installed_package_of_the_same_name_is_never_graded(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.make("", {"add": ADD})
    (front.root / "hw0" / "work.py").unlink()
    foreign = front.root.parent / f"{front.root.name}-site"
    foreign.mkdir()
    (foreign / "work.py").write_text("def add(x, y): return x + y\n")
    monkeypatch.setenv("PYTHONPATH", f"{foreign}:{ROOT}")
    assert front("--hw", "hw0").ret == 1
    assert front.figures == {"add": [0, 1]}
    said = front.results["add"]["output"]
    assert said.startswith(f"work was imported from {foreign / 'work.py'}, not from your workspace.")


def test_a_foreign_module_that_a_test_slips_in_fails_that_test(front: Front) -> None:
    slip = (
        "import sys, types\nfrom work import add\n"
        "def test_slip():\n"
        "    other = types.ModuleType('work')\n    other.__file__ = '/elsewhere/work.py'\n"
        "    sys.modules['work'] = other\n"
    )
    front.make("def add(x, y): return x + y\n", {"add": slip})
    front("--hw", "hw0")
    assert (
        "work was imported from /elsewhere/work.py, not from your workspace" in front.results["add"]["output"]
    )


def test_a_worker_that_dies_costs_its_question_and_keeps_its_points_in_the_total(front: Front) -> None:
    killer = """import os, signal
def pytest_runtest_call(item):
    if item.name == "add": os.kill(os.getpid(), signal.SIGKILL)
"""
    right = "from work import two\ndef test_a(): assert two(2) == 2\n"
    front.make("def add(x, y): return x + y\ndef two(x): return x\n", {"add": ADD, "two": right})
    (front.root / "killer.py").write_text(killer)
    ran = front("--hw", "hw0", "-p", "xdist", "-p", "killer", "-n", "1", "--max-worker-restart", "2")
    assert ran.ret == 1
    assert front.marks == {"add": "failed", "two": "passed"}
    assert front.figures == {"add": [0, 1], "two": [1, 1]}


def test_a_narrow_terminal_without_colours_shows_every_figure(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "42")
    front.make("def add(x, y): return x + y\n", {"add": ADD}, questions={"add": {"group": "Sums"}})
    ran = front("--hw", "hw0")
    ran.stdout.fnmatch_lines(
        ["*Sums*", "*add*1/1*100/100*", "*hw0/work.py:1*", "*passed*", "*local estimate*"]
    )
    assert max(len(line) for line in ran.outlines) <= 42


def test_watch_runs_again_after_a_save_and_ends_cleanly_on_ctrl_c(front: Front) -> None:
    front.make("def add(x, y): return 0\n", {"add": ADD})
    output = front.root / "output.txt"
    running = front.start("--hw", "hw0", "--watch", output=output)
    try:
        _wait_for(lambda: output.read_text().count("Watching for changes") == 1)
        assert front.marks == {"add": "failed"}
        (front.root / "hw0" / "work.py").write_text("def add(x, y): return x + y\n")
        _wait_for(lambda: output.read_text().count("Watching for changes") == 2)
        assert front.marks == {"add": "passed"}
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
        assert "Traceback" not in output.read_text()
    finally:
        running.kill()
        running.wait()


def _wait_for(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
