"""Catching up: closed until everybody's work is in, never in a course without dates, recorded, and final."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from rich.console import Console

from grader.client import Client, Login
from grader.course.assignment import load_assignment
from grader.course.policy import LatePolicy, Policy
from grader.submission.catch_up import catch_up
from grader.workspace.folder import Workspace

BODY = 'def double(x):\n    """Return twice x."""\n    return _twice(np.asarray(x))'
HELPER = "def _twice(x):\n    return 2 * x"
SOLUTIONS = {
    "double": {
        "files": {
            "tiny/work.py": {
                "functions": [{"name": "double", "text": BODY}],
                "helpers": [{"name": "_twice", "text": HELPER}],
                "imports": [{"name": "np", "text": "import numpy as np"}],
            }
        }
    },
    "classify": {
        "files": {
            "tiny/more.py": {
                "functions": [{"name": "classify", "text": "def classify(x):\n    return x > 0"}]
            }
        }
    },
}
MINE = '''"""My work."""

import math  # I like it


def mine(x):   # my own helper
    return math.floor(x)


def double(x):
    """Return twice x."""
    raise NotImplementedError("not started: tiny0/double")


LAST = mine(1.5)
'''


def dated(kit: SimpleNamespace, hours: float = 1) -> Policy:
    entry, *others = kit.policy.assignments
    due = datetime.now(timezone.utc) + timedelta(hours=hours)
    late = LatePolicy(cut_off_days=1)
    return kit.policy.model_copy(
        update={"assignments": [entry.model_copy(update={"due": due}), *others], "late": late}
    )


@pytest.fixture
def course(start: Any, kit: Any) -> Any:
    """A server with a due date in an hour, a cut-off a day later, and solutions."""
    server = start(policy=dated(kit))
    assert server.instructor.publish(kit.publication(solutions=SOLUTIONS)).status_code == 200
    return server


def refusal(response: Any, status: int) -> str:
    assert response.status_code == status, response.text
    return str(response.json()["error"])


def take(person: Any, *questions: str) -> Any:
    return person.post("/catch-up/tiny0", {"questions": list(questions)})


def given(server: Any) -> list[Any]:
    return server.query("SELECT question FROM catch_ups ORDER BY question")


def test_solutions_stay_closed_until_the_cut_off_and_open_after_it(course: Any) -> None:
    student = course.student()
    for hours in (0, 2):
        course.clock.move(hours=hours)
        said = refusal(take(student), 403)
        assert "stay closed until everybody's work is in" in said
        assert not student.get("/me")["assignments"][0]["catch_up"]
    assert given(course) == []
    course.clock.move(hours=24)
    assert set(take(student).json()["solutions"]) == {"double", "classify"}
    assert student.get("/me")["assignments"][0]["catch_up"]


def test_anybodys_extension_keeps_solutions_closed_to_everybody(course: Any) -> None:
    student, other = course.student(), course.student()
    course.instructor.post("/extensions", {"email": other.email, "assignment": "tiny0", "days": 3})
    course.clock.move(hours=50)
    refusal(take(student), 403)
    course.clock.move(hours=50)
    assert take(student).status_code == 200
    late = course.instructor.post("/extensions", {"email": other.email, "assignment": "tiny0", "days": 30})
    assert late.json()["text"].startswith("1 person has had solutions of it already")
    refusal(take(other), 403)


def test_an_attempt_that_may_still_be_answered_keeps_solutions_closed(course: Any) -> None:
    slow, student = course.student(), course.student()
    course.clock.move(hours=24.9)
    attempt = slow.drawn()
    course.clock.move(hours=0.5)
    refusal(take(student), 403)
    slow.scored(attempt)
    assert take(student).status_code == 200


def test_in_a_course_without_dates_solutions_are_never_given_out(start: Any, kit: Any) -> None:
    server = start()
    server.instructor.publish(kit.publication(solutions=SOLUTIONS))
    said = refusal(take(server.student()), 403)
    assert "tiny0 has no due date, so its solutions are never given out" in said


def test_a_question_that_is_solved_is_refused_and_the_others_are_given(course: Any) -> None:
    student = course.student()
    student.scored(student.drawn("double"))
    course.clock.move(hours=26)
    assert "You have solved double yourself" in refusal(take(student, "double"), 409)
    offer = student.get("/catch-up/tiny0")["questions"]
    assert [(one["id"], one["solved"], one["taken"]) for one in offer] == [
        ("double", True, False),
        ("classify", False, False),
    ]
    assert list(take(student).json()["solutions"]) == ["classify"]
    assert student.get("/catch-up/tiny0")["questions"][1]["taken"]


def test_what_was_given_is_on_record_once_and_the_score_stays(course: Any) -> None:
    student = course.student()
    student.scored(student.drawn("double"))
    before = student.get("/me")["average"]
    course.clock.move(hours=26)
    for _ in range(2):
        assert take(student, "classify").status_code == 200
    assert given(course) == [("classify",)]
    [(actor, person, detail)] = course.query(
        "SELECT actor_id, person_id, detail FROM audit WHERE action = 'catch_up'"
    )
    assert actor == person
    assert "classify" in detail
    me = student.get("/me")
    assert me["average"] == before
    assert [one["state"] for one in me["assignments"][0]["questions"]] == ["solved", "caught_up"]


def test_a_question_caught_up_on_takes_no_more_attempts_whatever_the_dates_become(
    course: Any, kit: Any
) -> None:
    student, other = course.student(), course.student()
    course.clock.move(hours=26)
    take(student, "classify")
    later = dated(kit, hours=1000).model_dump(mode="json")
    assert course.instructor.post("/regrade", {"policy": later}).json()["applied"]
    assert "classify: you caught up on it" in refusal(student.draw("classify"), 409)
    drawn = student.drawn()
    assert list(drawn["seeds"]) == ["double"]
    assert "no more attempts" in drawn["left_out"]["classify"]
    assert set(other.drawn()["seeds"]) == {"double", "classify"}


def test_an_unknown_question_or_assignment_is_refused(course: Any) -> None:
    student = course.student()
    course.clock.move(hours=26)
    assert "no question 'treble'" in refusal(take(student, "treble"), 422)
    assert "This course has no assignment" in refusal(student.post("/catch-up/hw9", {}), 404)
    assert "later has no due date" in refusal(student.post("/catch-up/later", {}), 403)


def test_an_assignment_published_without_solutions_says_what_the_instructor_can_do(
    start: Any, kit: Any
) -> None:
    server = start(policy=dated(kit))
    server.instructor.publish(kit.publication())
    server.clock.move(hours=26)
    student = server.student()
    assert "grader publish tiny0" in refusal(take(student), 404)
    server.instructor.publish(kit.publication(solutions=SOLUTIONS))
    assert take(student).status_code == 200


@pytest.mark.parametrize(
    ("solutions", "said"),
    [
        ([], "expected an object with each question"),
        ({"double": SOLUTIONS["double"]}, "expected an object with each question"),
        (SOLUTIONS | {"treble": {"files": {}}}, "expected an object with each question"),
        (
            SOLUTIONS | {"double": {"files": {"../x.py": {"functions": []}}}},
            "'../x.py' is no file under adds",
        ),
        (SOLUTIONS | {"double": {"files": {"tiny/work.py": {}}}}, "double.files.tiny/work.py.functions"),
    ],
)
def test_solutions_that_are_none_are_refused_with_the_publication(
    server: Any, kit: Any, solutions: Any, said: str
) -> None:
    response = server.instructor.publish(kit.publication(solutions=solutions, digest="d" * 64))
    assert response.status_code in (400, 422)
    assert said in response.json()["error"]


def workspace(root: Path, kit: SimpleNamespace) -> Workspace:
    folder = root / "assignments" / "tiny0"
    for name in ("tests", "cases"):
        (folder / name).mkdir(parents=True)
    for question in ("double", "classify"):
        (folder / "tests" / f"test_{question}.py").write_text("")
        (folder / "cases" / f"{question}.py").write_text("")
    (folder / "assignment.yaml").write_text(yaml.safe_dump(kit.definition))
    (root / "tiny").mkdir()
    (root / "tiny" / "work.py").write_text(MINE)
    (root / "tiny" / "more.py").write_text("def classify(x):\n    return None\n")
    return Workspace(root)


def test_the_client_shows_each_change_asks_and_keeps_the_old_file(
    course: Any, kit: Any, tmp_path: Path
) -> None:
    student = course.student()
    course.clock.move(hours=26)
    mine = workspace(tmp_path / "mine", kit)
    assignment = load_assignment(mine.root / "assignments" / "tiny0")
    console = Console(width=120, record=True, force_terminal=False)
    asked: list[str] = []

    def answer(question: str) -> bool:
        asked.append(question)
        return "classify" not in question

    with console.capture() as captured:
        done = catch_up(mine, assignment, [], Client(Login(course.url, student.key)), answer, console)
    assert not done  # classify was declined
    assert len(asked) == 3
    assert "take no more attempts" in asked[0]
    assert "+    return _twice(np.asarray(x))" in captured.get()
    work = (mine.root / "tiny" / "work.py").read_text()
    expected = MINE.replace(
        '    raise NotImplementedError("not started: tiny0/double")', BODY.split("\n")[-1]
    )
    expected = expected.replace("# I like it\n", "# I like it\nimport numpy as np\n")
    assert work == expected.replace("def double", f"{HELPER}\n\n\ndef double")
    assert (mine.root / "tiny" / "work.py.before-catch-up").read_text() == MINE
    assert (mine.root / "tiny" / "more.py").read_text() == "def classify(x):\n    return None\n"
    assert not (mine.root / "tiny" / "more.py.before-catch-up").exists()


def test_nothing_is_fetched_without_a_yes(course: Any, kit: Any, tmp_path: Path) -> None:
    student = course.student()
    course.clock.move(hours=26)
    mine = workspace(tmp_path / "mine", kit)
    assignment = load_assignment(mine.root / "assignments" / "tiny0")
    client = Client(Login(course.url, student.key))
    assert not catch_up(mine, assignment, ["double"], client, lambda question: False, Console(quiet=True))
    assert given(course) == []
