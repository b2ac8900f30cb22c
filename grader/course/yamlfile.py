"""Read a YAML file into a model, and report a mistake with its file and line."""

import functools
import reprlib
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from grader.errors import CourseError

Location = tuple[int | str, ...]


class Strict(BaseModel):
    """A model that refuses fields it does not know, and `yes` or "10" where a number belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def problems(self) -> Iterable[tuple[Location, str]]:
        """Return each mistake that only shows when fields are read together: its place and a sentence."""
        return ()


M = TypeVar("M", bound=Strict)


def read_yaml(path: Path, model: type[M]) -> M:
    """Return the file's content as a model.

    Raises: CourseError, with file, line, field and what was expected.
    """
    node, content = _parse(path, _read(path))
    if not isinstance(content, dict):
        raise CourseError(f"{path}:1: found no fields. Expected {', '.join(model.model_fields)}.")
    try:
        result = model.model_validate(content)
    except ValidationError as error:
        raise CourseError("\n".join(_explain(path, node, model, one) for one in error.errors())) from None
    mistakes = [f"{path}:{line_of(node, at)}: {field_name(at)}: {said}" for at, said in result.problems()]
    if mistakes:
        raise CourseError("\n".join(mistakes))
    return result


def place(path: Path, *location: int | str) -> str:
    """Return `file:line: field` for a field of a file."""
    node, _ = _parse(path, _read(path))
    return f"{path}:{line_of(node, location)}: {field_name(location)}"


def line_of(node: yaml.Node | None, location: Location) -> int:
    """Return the line of a field, or of the nearest thing around it that the file holds."""
    line = node.start_mark.line + 1 if node is not None else 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def field_name(location: Location) -> str:
    """Return `questions[2].points` for ("questions", 2, "points")."""
    name = ""
    for step in location:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{path}: there is no such file.") from None
    except OSError as error:
        raise CourseError(f"{path}: this file can't be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CourseError(f"{path}:{line}: this is not UTF-8 text. Save the file as UTF-8.") from None


class _Loader(yaml.SafeLoader):
    """A loader whose every refusal is a YAMLError with its line; a field that stands twice is one."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError) as error:
            raise _refused(node, str(error)) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise _refused(key, f"the field {key.value!r} stands twice")
                if not key.tag.endswith((":str", ":merge")):
                    raise _refused(key, f"the field {key.value} is not text. Write {key.value!r}")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _refused(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)


@functools.lru_cache(maxsize=64)  # an assignment is asked for again and again, and YAML is slow to read
def _parse(path: Path, text: str) -> tuple[yaml.Node | None, object]:
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node is not None else None
    except yaml.reader.ReaderError as error:
        line, problem = (
            text.count("\n", 0, error.position) + 1,
            f"found the character U+{error.character:04X}",
        )
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem or "it can't be parsed"
    except RecursionError:
        line, problem = 1, "it is nested too deep"
    raise CourseError(f"{path}:{line}: this is not YAML as expected here: {problem}.")


def _explain(path: Path, node: yaml.Node | None, model: type[Strict], error: object) -> str:
    assert isinstance(error, dict)
    at: Location = error["loc"]
    where = f"{path}:{line_of(node, at)}: {field_name(at)}"
    if error["type"] == "extra_forbidden":
        allowed = ", ".join(_model_at(model, at[:-1]).model_fields)
        return f"{where}: there is no field of this name. Allowed here: {allowed}."
    if error["type"] == "missing":
        return f"{where}: this field is missing."
    return f"{where}: found {reprlib.repr(error['input'])}. {error['msg'].removeprefix('Value error, ')}."


def _model_at(model: type[Strict], location: Location) -> type[Strict]:
    """Follow a location down through nested models, to tell which fields are allowed there."""
    for step in location:
        if isinstance(step, str) and step in model.model_fields:
            for inner in _models_in(model.model_fields[step].annotation):
                model = inner
    return model


def _models_in(annotation: object) -> list[type[Strict]]:
    parts = get_args(annotation)
    if not parts and isinstance(annotation, type) and issubclass(annotation, Strict):
        return [annotation]
    return [model for part in parts for model in _models_in(part)]
