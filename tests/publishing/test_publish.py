"""Publishing refuses every kind of bad case with its file, its name and the reason, and sends nothing."""

import platform
from pathlib import Path

import pytest
import yaml
from scripted_server import Served

from grader.client import Client, Login
from grader.errors import CaseError, ReleaseRefused
from grader.grading.wire import Blob
from grader.publishing.publish import another_order, publish
from grader.publishing.trials import Trials
from grader.running.run_cases import Job, run_question
from grader.workspace.folder import Workspace

REFERENCE = '''
import os

import numpy as np


def square(x):
    """Return x * x."""
    return x * x


def root(x):
    """Return the square root of x."""
    return x**0.5


def one(x):
    """Return 1 in the shape of x."""
    return x * 0 + 1


def unsteady(x):
    """Return x * x, and more of it with more threads."""
    return x * x + float(os.environ.get("OMP_NUM_THREADS", 1))
'''

CASES = """
import numpy as np
from work import one, root, square, unsteady

from grader import case


def drawn(rng):
    return rng.normal(size=5) + 3


@case(seeds=4)
def good(rng):
    return square(drawn(rng))


@case(seeds=4)
def raises(rng):
    return square(drawn(rng)) + rng.normal(size=3)


@case(seeds=4)
def not_a_number(rng):
    return root(-drawn(rng) - 9)


@case(seeds=4)
def moves_with_the_summation_order(rng):
    return unsteady(drawn(rng))


@case(seeds=4)
def the_same_for_every_seed(rng):
    return square(np.arange(5.0))


@case(seeds=4)
def needs_no_work(rng):
    return drawn(rng)


@case(seeds=4)
def met_by_ones(rng):
    return one(drawn(rng)).repeat(int(rng.integers(2, 9)))


@case(seeds=4)
def met_by_zeros(rng):
    return square(drawn(rng) * 0).repeat(int(rng.integers(2, 9)))


@case(seeds=4)
def its_own_input(rng):
    x = rng.normal(size=5)
    square(x)
    return x


@case(seeds=4)
def can_not_be_sent(rng):
    return {"found": {float(square(drawn(rng)[0]))}}


@case(figure="error_rate", at_most=0.9, seeds=4)
def a_bound_that_ones_meet(rng):
    return square(rng.integers(1, 3, size=20))


@case(figure="error_rate", at_most=0.1, seeds=4)
def a_bound_that_the_reference_misses(rng):
    return square(rng.integers(0, 9, size=20))
"""

LABELS = """
import numpy as np


def a_bound_that_ones_meet(rng):
    return rng.integers(1, 3, size=20) ** 2


def a_bound_that_the_reference_misses(rng):
    return rng.integers(0, 9, size=20) + 100
"""

REASONS = {
    "raises": "the reference raises ValueError on seed",
    "not_a_number": "holds NaN or an infinity",
    "moves_with_the_summation_order": "summed in another order, it moves by over 0.1 of its tolerance",
    "the_same_for_every_seed": "4 of its 4 seeds give the same value",
    "needs_no_work": "it returns a value on the untouched stubs",
    "met_by_ones": "its value is met by ones",
    "met_by_zeros": "its value is met by zeros",
    "its_own_input": "its value is one of its own inputs",
    "can_not_be_sent": "the reference raises CaseError on seed",
    "a_bound_that_ones_meet": "the bound of its error_rate is met by ones",
    "a_bound_that_the_reference_misses": "the reference's own error_rate misses the bound on seed",
}


@pytest.fixture
def course(tmp_path: Path, repository: Path) -> Path:
    """A course of one assignment with one question, whose file of cases a test writes."""
    folder = tmp_path / "assignments" / "hw0"
    for name in ("tests", "cases", "labels"):
        (folder / name).mkdir(parents=True)
    (tmp_path / "reference" / "hw0").mkdir(parents=True)
    (tmp_path / "reference" / "hw0" / "work.py").write_text(REFERENCE)
    (tmp_path / "course.yaml").write_text("id: one\ntitle: One\nassignments: [{id: hw0}]\n")
    for shared in ("workspace", "datasets", "grader"):
        (tmp_path / shared).symlink_to(repository / shared)
    (folder / "README.md").write_text("# Squares\n")
    (folder / "tests" / "test_square.py").write_text("def test_square():\n    pass\n")
    implement = [f"hw0.work.{name}" for name in ("square", "root", "one", "unsteady")]
    question = {"id": "square", "title": "Squares", "points": 100, "implement": implement}
    definition = {
        "id": "hw0",
        "title": "Squares",
        "path": ["hw0"],
        "adds": ["hw0/work.py"],
        "questions": [question],
    }
    (folder / "assignment.yaml").write_text(yaml.safe_dump(definition))
    return tmp_path


def refusal(course: Path, cases: str, labels: str = LABELS) -> str:
    """Publish, and return why it was refused; nothing was sent."""
    (course / "assignments" / "hw0" / "cases" / "square.py").write_text(cases)
    (course / "assignments" / "hw0" / "labels" / "square.py").write_text(labels)
    served = Served()
    try:
        with pytest.raises((CaseError, ReleaseRefused)) as caught:
            publish(course, "hw0", Client(Login(served.url, "key")), top_up=False, say=lambda line: None)
        assert served.seen == []
    finally:
        served.close()
    return str(caught.value)


def test_every_kind_of_bad_case_is_refused_with_its_name_and_reason_and_the_good_one_is_not(
    course: Path,
) -> None:
    said = refusal(course, CASES)
    for name, reason in REASONS.items():
        assert any(f"square.py: {name}: " in line and reason in line for line in said.splitlines()), (
            name,
            said,
        )
    assert "good:" not in said
    assert "can_not_be_sent['found']: found set, which can't be sent" in said


GOOD = """from work import square

from grader import case


@case(seeds=4)
def good(rng):
    return square(rng.integers(2, 99, size=4) / 2)
"""


def test_what_is_published_has_each_questions_solution_for_those_who_catch_up(course: Path) -> None:
    (course / "assignments" / "hw0" / "cases" / "square.py").write_text(GOOD)
    served = Served()
    try:
        publish(course, "hw0", Client(Login(served.url, "key")), top_up=False, say=lambda line: None)
        [sent] = served.seen
    finally:
        served.close()
    [(path, solved)] = Blob(sent.body).description["solutions"]["square"]["files"].items()
    assert path == "hw0/work.py"
    assert [one["name"] for one in solved["functions"]] == ["square", "root", "one", "unsteady"]
    assert solved["functions"][0]["text"].endswith("return x * x")
    assert [one["text"] for one in solved["imports"]] == ["import os"]


@pytest.mark.parametrize(
    ("cases", "reason"),
    [
        ("", "found no case. Expected functions under @case()."),
        ("from work import nothing\n", "cannot import name 'nothing'"),
        ("def (", "square.py:1: invalid syntax"),
    ],
)
def test_a_file_of_cases_that_can_not_be_read_is_refused_with_its_path(
    course: Path, cases: str, reason: str
) -> None:
    said = refusal(course, cases)
    assert "cases/square.py" in said
    assert reason in said


def test_a_figure_without_its_labels_is_refused_and_says_where_they_belong(course: Path) -> None:
    said = refusal(course, CASES, labels="")
    assert "grades a figure" in said
    assert "labels/square.py" in said


SLOW = """
import time

from work import square

from grader import case


@case(seeds=512)
def takes_its_time(rng):
    time.sleep(60)
    return square(rng.normal(size=5))
"""


def test_a_case_that_the_reference_can_not_do_in_time_is_refused_before_its_pool_is_run(course: Path) -> None:
    yaml_file = course / "assignments" / "hw0" / "assignment.yaml"
    definition = yaml.safe_load(yaml_file.read_text())
    definition["questions"][0]["time_limit"] = 1.5
    yaml_file.write_text(yaml.safe_dump(definition))
    said = refusal(course, SLOW)
    assert said.endswith("takes_its_time: the reference takes longer than the question's 1.5 seconds.")


@pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="elsewhere NumPy may sum without OpenBLAS, or have one set of kernels only",
)
def test_the_other_order_of_sums_is_another_one_for_matrices_of_a_cases_size(trials: Trials) -> None:
    assignment = Workspace(trials.solved).assignment("hw0")
    question, name = assignment.question("softmax_regression_epoch"), "with_default_settings"
    seeds = {name: list(range(8))}
    jobs = Job(trials.solved, assignment, question, threads=1), another_order(trials, assignment, question)
    one, other = (run_question(job, seeds)[name] for job in jobs)
    assert any((one[seed].arrays[0] != other[seed].arrays[0]).any() for seed in seeds[name])
