"""Read a YAML file into a model, and report a mistake with its file and line."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from grader.errors import CourseError

Location = tuple[int | str, ...]


class Strict(BaseModel):
    """A model that refuses fields it does not know, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Checked(Protocol):
    def problems(self) -> Iterable[tuple[Location, str]]:
        """Yield each mistake that only shows when fields are read together: where it is, and the sentence."""


M = TypeVar("M", bound=Strict)


def read_yaml(path: Path, model: type[M]) -> M:
    """Return the file's content as a model.

    Raises: CourseError, with file, line, field and what was expected.
    """
    text = _read(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CourseError(f"{path}:{line}: this is not YAML: {getattr(error, 'problem', error)}.") from None
    if not isinstance(content, dict):
        raise CourseError(f"{path}:1: found no fields. Expected {', '.join(model.model_fields)}.")
    try:
        result = model.model_validate(content)
    except ValidationError as error:
        raise CourseError("\n".join(_explain(path, node, model, one) for one in error.errors())) from None
    mistakes = [f"{path}:{line_of(node, at)}: {field_name(at)}: {said}" for at, said in _problems(result)]
    if mistakes:
        raise CourseError("\n".join(mistakes))
    return result


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
    except UnicodeDecodeError:
        raise CourseError(f"{path}: this is not UTF-8 text.") from None


def _problems(model: Strict) -> Iterable[tuple[Location, str]]:
    check = getattr(model, "problems", None)
    return check() if check else ()


def _explain(path: Path, node: yaml.Node | None, model: type[Strict], error: object) -> str:
    assert isinstance(error, dict)
    at: Location = error["loc"]
    where = f"{path}:{line_of(node, at)}: {field_name(at)}"
    if error["type"] == "extra_forbidden":
        allowed = ", ".join(_model_at(model, at[:-1]).model_fields)
        return f"{where}: there is no field of this name. Allowed here: {allowed}."
    if error["type"] == "missing":
        return f"{where}: this field is missing."
    return f"{where}: found {error['input']!r}. {error['msg']}."


def _model_at(model: type[Strict], location: Location) -> type[Strict]:
    """Follow a location down through nested models, to tell which fields are allowed there."""
    for step in location:
        if isinstance(step, str) and step in model.model_fields:
            for inner in _models_in(model.model_fields[step].annotation):
                model = inner
    return model


def _models_in(annotation: object) -> list[type[Strict]]:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
