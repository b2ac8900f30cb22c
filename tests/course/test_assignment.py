"""What an assignment.yaml may say, and which symbols it names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.assignment import Assignment, Symbol, load_assignment, split_symbol
from grader.errors import CourseError

Write = Callable[..., Path]


def question(name: str, points: float, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name.title(), "points": points, "implement": [f"lab.maths.{name}"], **more}


def definition(**more: Any) -> dict[str, Any]:
    base = {"id": "hw7", "title": "Sums", "adds": ["lab/maths.py", "src/fast.cc"]}
    return {**base, "questions": [question("plus", 40), question("minus", 60, requires=["plus"])], **more}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes an assignment, with its tests and cases, and gives its folder."""

    def one(text: str = "", **more: Any) -> Path:
        folder = tmp_path / "hw7"
        for sub in ("tests", "cases"):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        for name in ("plus", "minus"):
            (folder / "tests" / f"test_{name}.py").write_text("")
            (folder / "cases" / f"{name}.py").write_text("")
        (folder / "assignment.yaml").write_text(text or yaml.safe_dump(definition(**more), sort_keys=False))
        return folder

    return one


def refusal(folder: Path) -> str:
    with pytest.raises(CourseError) as caught:
        load_assignment(folder)
    return str(caught.value).replace(f"{folder}/", "")


def line(folder: Path, text: str) -> int:
    """Return the last line that holds a text."""
    lines = (folder / "assignment.yaml").read_text().splitlines()
    return max(at for at, one in enumerate(lines, start=1) if text in one)


def test_a_valid_assignment_gives_its_questions_files_and_symbols(write: Write) -> None:
    assignment = load_assignment(write())
    plus, minus = assignment.questions
    assert (assignment.id, plus.points, minus.requires) == ("hw7", 40.0, ["plus"])
    assert assignment.symbols(plus) == [Symbol("lab/maths.py", "plus")]
    assert assignment.test_file(plus).name == "test_plus.py"
    assert assignment.case_file(plus).name == "plus.py"
    assert assignment.question("minus") is minus


def test_an_unknown_question_is_refused_and_the_known_ones_are_named(write: Write) -> None:
    with pytest.raises(CourseError, match=r"hw7 has no question 'times'\. Its questions: plus, minus\."):
        load_assignment(write()).question("times")


def test_a_training_program_is_a_file_of_the_release_and_may_take_arguments(write: Write) -> None:
    folder = write(glue=["lab/train.py"], train=["lab/train.py", "--plot", "build/loss.png"])
    assert load_assignment(folder).definition.train == ["lab/train.py", "--plot", "build/loss.png"]


@pytest.mark.parametrize(("field", "what"), [("train", "training"), ("bench", "measuring")])
@pytest.mark.parametrize("program", ["lab/other.py", "src/fast.cc", "--plot"])
def test_a_program_that_is_no_python_file_of_the_release_is_refused(
    write: Write, program: str, field: str, what: str
) -> None:
    folder = write(**{field: [program]})
    said = f"{field}[0]: {program!r} is no Python file under adds or glue. Expected the {what} program."
    assert refusal(folder) == f"assignment.yaml:{line(folder, f'- {program}')}: {said}"


@pytest.mark.parametrize("points", [[40, 59.99], [40, 60.01], [1, 1], [100, 100]])
def test_points_that_do_not_add_up_to_100_are_refused_with_their_sum(
    write: Write, points: list[float]
) -> None:
    folder = write(questions=[question("plus", points[0]), question("minus", points[1])])
    said = refusal(folder)
    assert said.startswith(f"assignment.yaml:{line(folder, 'questions:')}: questions: the points add up to ")
    assert said.endswith(f"{sum(points):g}. Expected 100.")


def test_points_of_three_decimals_are_refused_since_they_could_round_to_over_100(write: Write) -> None:
    folder = write(questions=[question("plus", 33.335), question("minus", 66.665)])
    at = line(folder, "33.335")
    assert f"assignment.yaml:{at}: questions[0].points: found 33.335. Expected two decimals" in refusal(
        folder
    )


@pytest.mark.parametrize("points", [0, -5, 101, "ten", True, float("nan")])
def test_points_that_are_no_number_between_0_and_100_are_refused(write: Write, points: Any) -> None:
    folder = write(questions=[question("plus", points), question("minus", 60)])
    assert "questions[0].points: found" in refusal(folder)


def test_two_questions_of_one_id_are_refused_at_the_second(write: Write) -> None:
    folder = write(questions=[question("plus", 40), question("plus", 60)])
    at = line(folder, "id: plus")
    assert (
        refusal(folder)
        == f"assignment.yaml:{at}: questions[1].id: 'plus' stands twice. Expected one of each."
    )


@pytest.mark.parametrize("need", ["minus", "times"])
def test_requiring_a_question_that_does_not_stand_above_is_refused(write: Write, need: str) -> None:
    folder = write(questions=[question("plus", 40), question("minus", 60, requires=[need])])
    said = refusal(folder)
    assert said.startswith(f"assignment.yaml:{line(folder, 'requires:')}: questions[1].requires: {need!r}")
    assert said.endswith("Those above: plus.")


@pytest.mark.parametrize(
    "path",
    [
        "../lab.py",
        "lab/../../x.py",
        "..",
        "/etc/x.py",
        "C:/x.py",
        "c:x.py",
        r"lab\x.py",
        "a/..",
        "",
        "a\n.py",
    ],
)
@pytest.mark.parametrize("field", ["path", "adds", "glue"])
def test_a_path_that_may_leave_the_workspace_is_refused(write: Write, field: str, path: str) -> None:
    base = {"adds": ["lab/maths.py"], "path": ["."], "glue": []}[field]
    folder = write(**{field: [*base, path]})
    said = refusal(folder)
    assert f"{field}[{len(base)}]: found {path!r}. Expected a path inside the workspace" in said


@pytest.mark.parametrize("path", [".", "lab/", "./"])
def test_a_folder_is_refused_where_a_file_is_added(write: Write, path: str) -> None:
    assert f"adds[1]: found {path!r}, which is a folder" in refusal(write(adds=["lab/maths.py", path]))


@pytest.mark.parametrize("path", [".", "..hidden", "a..b", "lab/...", "a.b/c"])
def test_dots_that_lead_nowhere_are_allowed_in_a_path(write: Write, path: str) -> None:
    assert load_assignment(write(path=[path])).definition.path == [path]


@pytest.mark.parametrize(
    "symbol",
    [
        "other.maths.plus", "lab.maths", "lab.maths.", "lab.mathsplus", "lab.maths.a b", "lab.maths.1",
        "src/slow.cc::Dot", "src/fast.cc::", "src/fast.cc", "",
    ],
)  # fmt: skip
def test_a_symbol_outside_the_added_files_is_refused_at_its_line(write: Write, symbol: str) -> None:
    implement = ["lab.maths.plus", symbol]
    folder = write(questions=[question("plus", 40, implement=implement), question("minus", 60)])
    at = line(folder, "- lab.maths.plus") + 1
    said = refusal(folder)
    assert said.startswith(f"assignment.yaml:{at}: questions[0].implement[1]: {symbol!r} names nothing")
    assert "lab/maths.py, src/fast.cc" in said


@pytest.mark.parametrize("name", ["Plus", "7up", "plus-one", "", "a" * 61, "é", "plus\n"])
def test_an_id_that_is_no_identifier_is_refused(write: Write, name: str) -> None:
    folder = write(questions=[question("plus", 40, id=name), question("minus", 60)])
    assert "questions[0].id: found" in refusal(folder)


def test_a_misspelt_field_of_a_question_is_refused_with_those_allowed(write: Write) -> None:
    folder = write(questions=[question("plus", 40, time_limt=3), question("minus", 60)])
    said = refusal(folder)
    assert said.startswith(f"assignment.yaml:{line(folder, 'time_limt')}: questions[0].time_limt: ")
    assert said.endswith("Allowed here: id, title, points, implement, group, requires, time_limit.")


def test_an_id_other_than_its_folder_is_refused_with_its_line(write: Write) -> None:
    assert (
        refusal(write(id="hw8")) == "assignment.yaml:1: id: found 'hw8'. Expected the folder's name, 'hw7'."
    )


@pytest.mark.parametrize("missing", ["tests/test_minus.py", "cases/minus.py"])
def test_a_question_without_its_file_is_refused_and_the_file_named(write: Write, missing: str) -> None:
    folder = write()
    (folder / missing).unlink()
    at = line(folder, "id: minus")
    assert (
        refusal(folder) == f"assignment.yaml:{at}: questions[1].id: 'minus' has no file {missing}. Write it."
    )


def test_an_empty_assignment_is_refused_with_the_fields_it_lacks(write: Write) -> None:
    assert refusal(write("# soon\n")).startswith("assignment.yaml:1: found no fields. Expected id, title, ")


names = st.text("abxyz_", min_size=1, max_size=5)


@settings(derandomize=True, deadline=None, database=None, max_examples=60)
@given(folders=st.lists(names, max_size=3), file=names, inner=st.lists(names, min_size=1, max_size=3))
def test_a_python_symbol_splits_into_its_file_and_the_rest(
    folders: list[str], file: str, inner: list[str]
) -> None:
    path = "/".join([*folders, f"{file}.py"])
    found = split_symbol(".".join([*folders, file, *inner]), ["src/fast.cc", path])
    assert found == Symbol(path, ".".join(inner))
    assert split_symbol(str(found), [path]) == found


def test_a_cpp_symbol_keeps_its_namespaces() -> None:
    found = split_symbol("src/fast.cc::needle::cpu::Dot", ["src/fast.cc"])
    assert found == Symbol("src/fast.cc", "needle::cpu::Dot")


def test_the_digest_follows_cases_and_questions_but_not_the_handout(write: Write) -> None:
    folder = write()
    first = load_assignment(folder).cases_digest()
    (folder / "README.md").write_text("Read me.")
    assert load_assignment(folder).cases_digest() == first
    (folder / "cases" / "plus.py").write_text("x = 1\n")
    second = load_assignment(folder).cases_digest()
    (folder / "cases" / "plus.py").write_bytes(b"x = 1\r\n")
    assert load_assignment(folder).cases_digest() == second, "a checkout may have changed how lines end"
    more = load_assignment(write(questions=[question("plus", 30), question("minus", 70)])).cases_digest()
    assert len({first, second, more}) == 3


def test_a_symbol_asked_for_outside_the_yaml_is_refused_too(write: Write) -> None:
    assignment = load_assignment(write())
    assert isinstance(assignment, Assignment)
    with pytest.raises(CourseError, match=r"'lab\.other\.f' names nothing in the files under adds"):
        assignment.symbol("lab.other.f")
