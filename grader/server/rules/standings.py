"""Where a person stands: tallies that count, scores and the average. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.course.assignment import Definition
from grader.course.policy import Policy
from grader.grading.scores import Tally, assignment_score, average, counting


@dataclass(frozen=True)
class Record:
    """What one attempt earned for one question."""

    assignment: str
    question: str
    tally: Tally


@dataclass
class Standing:
    tallies: dict[str, dict[str, Tally]] = field(default_factory=dict)  # by assignment and question
    scores: dict[str, float] = field(default_factory=dict)  # of the assignments with a record, out of 100
    average: float = 0.0  # over the whole course, out of 100


def standing(policy: Policy, definitions: Mapping[str, Definition], records: Iterable[Record]) -> Standing:
    """Return a person's standing; the records come oldest first."""
    attempts: dict[str, dict[str, list[Tally]]] = {}
    for record in records:
        attempts.setdefault(record.assignment, {}).setdefault(record.question, []).append(record.tally)
    result = Standing()
    for assignment, questions in attempts.items():
        counted = {name: counting(tallies, policy.counts) for name, tallies in questions.items()}  # type: ignore[arg-type]
        result.tallies[assignment] = {name: tally for name, tally in counted.items() if tally}
        if assignment in definitions:
            result.scores[assignment] = assignment_score(
                definitions[assignment].questions, result.tallies[assignment]
            )
    result.average = average(result.scores, {entry.id: entry.weight for entry in policy.assignments})
    return result
