"""A publication as it came over the wire, checked before any of it is stored. Pure functions."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from grader.course.assignment import Definition
from grader.course.solution import Solution
from grader.course.yamlfile import field_name
from grader.errors import CourseError, WireError
from grader.grading.figures import FIGURES
from grader.grading.values import Array
from grader.grading.verdicts import Rules
from grader.grading.wire import Blob
from grader.server.rules.judging import expected_blob
from grader.server.rules.trees import array_indices

_RULES = {"rtol", "atol", "figure", "at_most", "at_least"}
_SEED = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Publication:
    definition: Definition
    cases_digest: str
    cases: dict[tuple[str, str], Rules]  # by question and case
    expected: dict[tuple[str, str], dict[int, bytes]]  # blobs by question and case, and by seed
    reference: dict[str, str]  # the versions that the reference ran on
    top_up: bool
    release: bytes | None
    solutions: dict[str, dict[str, Any]]  # by question, of all or of none


def read_publication(body: bytes, assignment: str) -> Publication:
    """Check a publication. Raises: WireError, CourseError, naming the first thing that is wrong."""
    blob = Blob(body)
    description = blob.description
    definition = _definition(description.get("definition"), assignment)
    cases = _cases(description.get("cases"), definition)
    expected = _expected(description.get("expected"), cases, blob)
    reference, digest, top_up = (description.get(name) for name in ("reference", "cases_digest", "top_up"))
    if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
        raise WireError("publication: cases_digest: expected 64 hexadecimal digits.")
    if not isinstance(reference, dict) or not all(isinstance(said, str) for said in reference.values()):
        raise WireError("publication: reference: expected the versions that it ran on, as text.")
    if not isinstance(top_up, bool) or "numpy" not in reference:
        raise WireError("publication: expected reference.numpy, and top_up as true or false.")
    solutions = _solutions(description.get("solutions", {}), definition)
    return Publication(
        definition, digest, cases, expected, reference, top_up, _release(blob, top_up), solutions
    )


def _definition(said: object, assignment: str) -> Definition:
    try:
        definition = Definition.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise CourseError(f"definition: {field_name(first['loc'])}: {first['msg']}.") from None
    for at, problem in definition.problems():
        raise CourseError(f"definition: {field_name(at)}: {problem}")
    if definition.id != assignment:
        raise CourseError(
            f"definition: id: found {definition.id!r}. Expected {assignment!r}, as in the address."
        )
    return definition


def _cases(said: Any, definition: Definition) -> dict[tuple[str, str], Rules]:
    questions = {question.id for question in definition.questions}
    if not isinstance(said, dict) or said.keys() != questions:
        raise WireError(
            f"publication: cases: expected an object with each question: {', '.join(sorted(questions))}."
        )
    cases: dict[tuple[str, str], Rules] = {}
    for question, named in said.items():
        if not isinstance(named, dict) or not named:
            raise WireError(f"publication: {question} has no case. Expected one at least.")
        for case, rules in named.items():
            cases[question, case] = _rules(question, case, rules)
    return cases


def _rules(question: str, case: str, rules: Any) -> Rules:
    where = f"publication: {question}/{case[:80]}"
    if not case.isidentifier() or len(case) > 200:
        raise WireError(f"{where}: expected the name of a function.")
    if not isinstance(rules, dict) or rules.keys() != _RULES:
        raise WireError(f"{where}: expected the rules {', '.join(sorted(_RULES))}.")
    figure, bounds = rules["figure"], [rules["at_most"], rules["at_least"]]
    if not all(_is_number(rules[name]) and rules[name] >= 0 for name in ("rtol", "atol")):
        raise WireError(f"{where}: expected rtol and atol as numbers of at least 0.")
    if figure not in ("", *FIGURES) or not all(bound is None or _is_number(bound) for bound in bounds):
        raise WireError(
            f"{where}: found the figure {figure!r}. Expected one of {', '.join(FIGURES)} and its bound."
        )
    if bool(figure) != any(bound is not None for bound in bounds):
        raise WireError(f"{where}: expected a figure together with at_most or at_least, or none of them.")
    return dict(rules)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _expected(
    said: Any, cases: dict[tuple[str, str], Rules], blob: Blob
) -> dict[tuple[str, str], dict[int, bytes]]:
    names = {f"{question}/{case}": (question, case) for question, case in cases}
    if not isinstance(said, dict) or said.keys() != names.keys():
        raise WireError("publication: expected: found other cases than under cases. Expected the same ones.")
    read: set[str] = set()
    expected = {}
    for name, by_seed in said.items():
        if not isinstance(by_seed, dict) or not by_seed:
            raise WireError(f"publication: {name} has no seed. Expected one at least.")
        figure = bool(cases[names[name]]["figure"])
        expected[names[name]] = {
            _seed(name, seed): _kept(f"{name}/{seed}", one, blob, read, figure)
            for seed, one in by_seed.items()
        }
    foreign = sorted(blob.keys() - read - {"release"})
    if foreign:
        raise WireError(
            f"publication: found the array {foreign[0][:80]!r}. Expected only arrays that a tree names."
        )
    return expected


def _seed(name: str, text: str) -> int:
    if not _SEED.fullmatch(text) or int(text) >= 2**63:
        raise WireError(
            f"publication: {name}: found the seed {text[:40]!r}. Expected a whole number below 2**63."
        )
    return int(text)


def _kept(where: str, one: Any, blob: Blob, read: set[str], figure: bool) -> bytes:
    """Return the blob that is kept of one expected value."""
    if not isinstance(one, dict) or not isinstance(one.get("inputs"), str):
        raise WireError(f"publication: {where}: expected a tree and the digest of its inputs.")
    arrays = list(_arrays(where, one.get("tree"), blob, read))
    if figure and (one["tree"].keys() != {"array"} or arrays[0].size == 0):
        raise WireError(f"publication: {where}: expected the labels of a figure as one array.")
    return expected_blob(one["tree"], one["inputs"], arrays)


def _arrays(where: str, tree: object, blob: Blob, read: set[str]) -> Iterator[Array]:
    for at, index in enumerate(array_indices(tree, where)):
        name = f"{where}/{index}"
        if index != at or name not in blob:
            raise WireError(
                f"publication: {where}: found array {index}. Expected arrays counted from 0, in the blob."
            )
        read.add(name)
        yield blob[name]


def _solutions(said: Any, definition: Definition) -> dict[str, dict[str, Any]]:
    questions = {question.id for question in definition.questions}
    if not isinstance(said, dict) or (said and said.keys() != questions):
        raise WireError("publication: solutions: expected an object with each question, or none at all.")
    solutions = {}
    for question, one in said.items():
        try:
            solution = Solution.model_validate(one)
        except ValidationError as error:
            first = error.errors()[0]
            where = f"publication: solutions: {question}.{field_name(first['loc'])}"
            raise WireError(f"{where}: {first['msg']}.") from None
        foreign = sorted(solution.files.keys() - set(definition.adds))
        if foreign:
            raise WireError(f"publication: solutions: {foreign[0][:80]!r} is no file under adds.")
        solutions[question] = solution.model_dump(mode="json")
    return solutions


def _release(blob: Blob, top_up: bool) -> bytes | None:
    if "release" not in blob:
        if top_up:
            return None
        raise WireError("publication: found no release. Expected the archive that students start from.")
    entry = blob.entries["release"]
    if entry.dtype != "uint8" or len(entry.shape) != 1 or entry.shape[0] == 0:
        raise WireError("publication: release: expected the archive's bytes.")
    return blob["release"].tobytes()
