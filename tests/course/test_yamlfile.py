"""A mistake in a YAML file is told with its file, line and field."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from grader.course.yamlfile import Location, Strict, field_name, place, read_yaml
from grader.errors import CourseError

steady = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Stop(Strict):
    name: str
    minutes: Annotated[float, Field(gt=0)] = 1.0


class Line(Strict):
    number: int
    express: bool = False
    stops: list[Stop] = Field(default=[])
    notes: dict[str, str] = Field(default={})

    def problems(self) -> Iterator[tuple[Location, str]]:
        for at, stop in enumerate(self.stops):
            if stop.name == "Nowhere":
                yield ("stops", at, "name"), "there is no such stop."


Refuse = Callable[[str | bytes], str]


@pytest.fixture
def refuse(tmp_path: Path) -> Refuse:
    """Return a function that gives what is said of a file's content, without the folder."""

    def said(content: str | bytes) -> str:
        path = tmp_path / "line.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(CourseError) as caught:
            read_yaml(path, Line)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return said


def test_a_valid_file_becomes_a_model_with_its_defaults(tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_text("number: 4\nstops:\n  - name: Harbour\n    minutes: 2\n")
    assert read_yaml(path, Line) == Line(number=4, stops=[Stop(name="Harbour", minutes=2.0)])


def test_a_misspelt_field_is_refused_and_the_allowed_ones_are_listed(refuse: Refuse) -> None:
    said = refuse("number: 4\nstops:\n  - name: Harbour\n    minuets: 2\n")
    assert said == (
        "line.yaml:4: stops[0].minuets: there is no field of this name. Allowed here: name, minutes."
    )


def test_a_missing_field_is_told_at_the_line_of_what_lacks_it(refuse: Refuse) -> None:
    said = refuse("number: 4\nstops:\n  - minutes: 2\n  - {name: B}\n")
    assert said == "line.yaml:3: stops[0].name: this field is missing."


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("four", "found 'four'"),
        ("'4'", "found '4'"),
        ("yes", "found True"),
        ("4.5", "found 4.5"),
        ("[4]", "found [4]"),
    ],
)
def test_a_value_of_a_wrong_type_is_shown_and_not_converted(
    refuse: Refuse, value: str, expected: str
) -> None:
    said = refuse(f"express: true\nnumber: {value}\n")
    assert said.startswith(f"line.yaml:2: number: {expected}. Input should be a valid integer")


@pytest.mark.parametrize("value", [".nan", ".inf", "-.inf", "0", "-1", "true"])
def test_a_number_out_of_bounds_is_refused_also_when_it_is_not_finite(refuse: Refuse, value: str) -> None:
    assert refuse(f"number: 4\nstops: [{{name: A, minutes: {value}}}]\n").startswith(
        "line.yaml:2: stops[0].minutes: found "
    )


def test_every_mistake_is_told_and_not_the_first_alone(refuse: Refuse) -> None:
    said = refuse("number: x\nexpres: true\nstops: 3\n").splitlines()
    assert {line.split(": ")[0] for line in said} == {"line.yaml:1", "line.yaml:2", "line.yaml:3"}


def test_a_mistake_that_shows_between_fields_carries_its_line(refuse: Refuse) -> None:
    said = refuse("number: 4\nstops:\n- name: Harbour\n- minutes: 3\n  name: Nowhere\n")
    assert said == "line.yaml:5: stops[1].name: there is no such stop."


def test_a_field_that_stands_twice_is_refused_at_its_second_place(refuse: Refuse) -> None:
    assert "line.yaml:3: " in (said := refuse("number: 4\nexpress: true\nnumber: 5\n"))
    assert "'number' stands twice" in said


def test_a_name_that_yaml_reads_as_something_else_must_be_quoted(refuse: Refuse) -> None:
    said = refuse("number: 4\nnotes:\n  a: b\n  7: c\n")
    assert "line.yaml:4: " in said
    assert "Write '7'" in said


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "- a\n- b\n", "only words", "42", "null"])
def test_a_file_without_fields_is_refused_and_the_fields_are_listed(refuse: Refuse, content: str) -> None:
    assert refuse(content) == "line.yaml:1: found no fields. Expected number, express, stops, notes."


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("number: 4\nstops: [\n", 3),
        ("number: 4\n\tstops: 3\n", 2),
        ("number: 4\nnotes: {a: 'b}\n", 3),
        ("number: 4\n---\nnumber: 5\n", 2),
        ("number: 4\nstops: !!python/object:os.system x\n", 2),
        ("number: 4\nstops: *nobody\n", 2),
        ("number: 4\nstops: 2020-13-45\n", 2),
        ("number: 4\nexpress: !!int soon\n", 2),
        ("number: 4\nexpress: \x07\n", 2),
        ("? [a, b]\n: 3\n", 1),
        ("[" * 400, 1),
    ],
)
def test_what_is_not_yaml_is_told_with_the_line_of_the_trouble(
    refuse: Refuse, content: str, line: int
) -> None:
    assert refuse(content).startswith(f"line.yaml:{line}: this is not YAML")


def test_a_value_that_contains_itself_is_refused(refuse: Refuse) -> None:
    assert "line.yaml:1: number: found" in refuse("number: &a [*a]\n")


def test_a_file_that_is_not_utf8_is_told_with_the_line(refuse: Refuse) -> None:
    assert refuse(b"number: 4\nnotes: {a: b}\n# \xfc\n") == (
        "line.yaml:3: this is not UTF-8 text. Save the file as UTF-8."
    )


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"line\.yaml: there is no such file"):
        read_yaml(tmp_path / "line.yaml", Line)
    with pytest.raises(CourseError, match=r"can't be read"):
        read_yaml(tmp_path, Line)


def test_a_long_value_is_not_shown_in_full(refuse: Refuse) -> None:
    assert len(refuse(f"number: {'x' * 10_000}\n")) < 200


filler = st.lists(st.sampled_from(["", "# a comment", "   ", "# number: 9"]), max_size=6)


@steady
@given(before=filler, between=filler, good=st.integers(0, 5))
def test_the_line_is_right_whatever_stands_above_it(
    refuse: Refuse, before: list[str], between: list[str], good: int
) -> None:
    lines = [*before, "number: 1", "stops:", *["- name: A"] * good, *between, "- name: B", "  minutes: soon"]
    said = refuse("\n".join(lines) + "\n")
    assert said.startswith(f"line.yaml:{len(lines)}: stops[{good}].minutes: found 'soon'")


@steady
@given(st.binary(max_size=60))
def test_no_bytes_get_through_as_anything_but_a_sentence_with_a_line(refuse: Refuse, content: bytes) -> None:
    assert refuse(content).startswith("line.yaml:")


@steady
@given(st.text(alphabet="anumber:[]{}&*!|>-\n '\"0.\t?,#", max_size=40))
def test_no_text_of_yaml_symbols_gets_through_as_anything_but_a_sentence(
    refuse: Refuse, content: str
) -> None:
    assert refuse(content).startswith("line.yaml:")


def test_a_place_names_file_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_text("number: 4\n\nstops:\n- name: A\n- name: B\n")
    assert place(path, "stops", 1, "name") == f"{path}:5: stops[1].name"
    assert place(path, "stops", 1, "minutes") == f"{path}:5: stops[1].minutes"
    assert place(path, "express") == f"{path}:1: express"


def test_a_field_is_named_as_one_would_write_it() -> None:
    assert field_name(("questions", 2, "points")) == "questions[2].points"
    assert field_name(()) == ""
