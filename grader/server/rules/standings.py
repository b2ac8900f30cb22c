"""Where a person stands: what counts of their attempts, what lateness costs, scores and the average.

Pure functions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, cast

from grader.course.assignment import Definition
from grader.course.policy import Policy
from grader.grading.scores import Tally, assignment_score, average, counting, dropped, worth
from grader.server.rules.schedule import Dates, Due, dates_of


class Record(NamedTuple):
    """What one attempt earned for one question."""

    assignment: str
    question: str
    tally: Tally
    drawn_at: datetime | None = None
    attempt: int = 0  # its number


class Mark(NamedTuple):
    """The attempt that counts for a question, and what lateness keeps of it."""

    tally: Tally
    kept: float
    days_late: int
    attempt: int

    @property
    def value(self) -> float:
        return self.tally.fraction * self.kept


Marks = dict[str, Mark]  # by question


@dataclass
class Standing:
    marks: dict[str, Marks] = field(default_factory=dict)  # by assignment
    scores: dict[str, float] = field(default_factory=dict)  # of assignments with a record, out of 100
    slip_days: dict[str, int] = field(default_factory=dict)  # spent, of assignments that took any
    slip_days_left: int = 0
    dropped: list[str] = field(default_factory=list)  # what the average leaves out
    average: float = 0.0  # over the whole course, out of 100

    def days_late(self, assignment: str) -> int:
        """Return how late the latest of the attempts that count is."""
        return max((mark.days_late for mark in self.marks.get(assignment, {}).values()), default=0)


_Attempt = tuple[int, Record]  # how many days late it is


def standing(
    policy: Policy, definitions: Mapping[str, Definition], records: Iterable[Record], own: Due | None = None
) -> Standing:
    """Return a person's standing; the records come oldest first, `own` are their own due dates.

    No slip day is spent where it can't count: on an assignment of weight 0, or on one that is dropped, unless
    the average would be lower without.
    """
    found: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        found.setdefault(record.assignment, {}).setdefault(record.question, []).append(record)
    attempts = {
        entry.id: _attempts(policy, dates_of(policy, entry, own), found[entry.id])
        for entry in policy.assignments
        if entry.id in found
    }
    spending = {entry.id for entry in policy.assignments if entry.weight}
    best = _standing(policy, definitions, attempts, spending)
    while idle := spending.intersection(best.dropped, best.slip_days):
        spending -= idle
        other = _standing(policy, definitions, attempts, spending)
        if other.average < best.average:
            break
        best = other
    return best


def _standing(
    policy: Policy,
    definitions: Mapping[str, Definition],
    attempts: Mapping[str, Mapping[str, Sequence[_Attempt]]],
    spending: Collection[str],
) -> Standing:
    """Return the standing where these assignments, in order, spend slip days."""
    result = Standing(slip_days_left=policy.late.slip_days)
    for name, of_questions in attempts.items():
        most = result.slip_days_left if name in spending else 0
        _enter(result, policy, name, definitions.get(name), of_questions, most)
    weights = {entry.id: entry.weight for entry in policy.assignments}
    result.dropped = dropped(result.scores, weights, policy.drop_lowest)
    result.average = average(result.scores, {n: w for n, w in weights.items() if n not in result.dropped})
    return result


def _attempts(
    policy: Policy, dates: Dates, questions: Mapping[str, Sequence[Record]]
) -> dict[str, list[_Attempt]]:
    """Return the attempts on each question; one drawn after the cut-off, as a new policy has it, is none."""
    taken = {}
    for name, records in questions.items():
        late = [(dates.days_late(one.drawn_at), one) for one in records]
        in_time = [one for one in late if one[0] <= policy.late.cut_off_days]
        if in_time:
            taken[name] = in_time
    return taken


def _enter(
    result: Standing,
    policy: Policy,
    assignment: str,
    definition: Definition | None,
    attempts: Mapping[str, Sequence[_Attempt]],
    most: int,
) -> None:
    """Add an assignment, which spends the fewest slip days that give it its highest score, up to `most`."""
    latest = max((days for some in attempts.values() for days, _ in some), default=0)
    best: tuple[float, int, Marks] | None = None
    for slip_days in range(min(latest, most) + 1):
        marks = _marks(policy, attempts, slip_days)
        score = _score(definition, marks)
        if best is None or score > best[0]:
            best = (score, slip_days, marks)
    assert best is not None  # the range holds 0
    score, slip_days, result.marks[assignment] = best
    if definition is not None and attempts:
        result.scores[assignment] = score
    if slip_days:
        result.slip_days[assignment] = slip_days
        result.slip_days_left -= slip_days


def _marks(policy: Policy, attempts: Mapping[str, Sequence[_Attempt]], slip_days: int) -> Marks:
    rule = cast(Literal["best", "last"], policy.counts)
    late = policy.late
    kept = [worth(days, slip_days, late.penalty_per_day) for days in range(late.cut_off_days + 1)]
    marks = {}
    for name, some in attempts.items():
        counted = counting(some, rule, lambda one: one[1].tally.fraction * kept[one[0]])
        if counted:
            days, record = counted
            marks[name] = Mark(record.tally, kept[days], days, record.attempt)
    return marks


def _score(definition: Definition | None, marks: Marks) -> float:
    if definition is None:
        return 0.0
    tallies = {name: mark.tally for name, mark in marks.items()}
    return assignment_score(definition.questions, tallies, {name: mark.kept for name, mark in marks.items()})
