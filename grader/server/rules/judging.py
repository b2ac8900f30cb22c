"""From an answer to verdicts, and from verdicts to tallies. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.grading.scores import Tally
from grader.grading.verdicts import MISSING, Kind, Leaf, Rules, Value, Verdict, judge, judge_figure
from grader.grading.wire import Blob, pack
from grader.server.rules.answers import Answer, Said

_DETAIL_LIMIT = 200  # characters


@dataclass(frozen=True)
class Expectation:
    """What the reference gave for one case on the seed that was drawn."""

    question: str
    case: str
    rules: Rules
    value: Value
    inputs: str

    @property
    def name(self) -> str:
        return f"{self.question}/{self.case}"


@dataclass(frozen=True)
class Judged:
    question: str
    case: str
    verdict: Verdict
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuestionTally:
    """A question's tally over all its cases, and how many of them could be judged."""

    tally: Tally
    judged: int

    @property
    def whole(self) -> bool:
        """Whether every case could be judged."""
        return self.judged == self.tally.total

    def counts(self, earlier: float, kept: float = 1.0) -> bool:
        """Return whether it enters the record, beside what counts so far and with what lateness keeps of it.

        A case that could not be judged costs nothing, so such a question may raise the points and never lower
        them. It stays in the total all the same: else refusing to be judged would earn points.
        """
        return self.whole or (self.judged > 0 and self.tally.fraction * kept > earlier)


def expected_blob(tree: dict[str, Any], inputs: str, arrays: Sequence[Any]) -> bytes:
    """Return the reference's value as it is kept."""
    return pack({"tree": tree, "inputs": inputs}, {str(at): array for at, array in enumerate(arrays)})


def expectation(question: str, case: str, rules: Rules, kept: bytes) -> Expectation:
    """Return what was kept, ready to be compared with."""
    blob = Blob(kept)
    leaves = [_leaf(blob, str(at)) for at in range(len(blob))]
    return Expectation(
        question, case, rules, Value(blob.description["tree"], leaves), blob.description["inputs"]
    )


def _leaf(blob: Blob, name: str) -> Leaf:
    entry = blob.entries[name]
    return Leaf(entry.dtype, entry.shape, lambda: blob[name])


def judge_answer(expectations: Iterable[Expectation], answer: Answer, reference_numpy: str) -> list[Judged]:
    """Judge every case of an attempt."""
    other_draws = _other_draws(reference_numpy, answer.numpy)
    with np.errstate(all="ignore"):  # a student's numbers may overflow; that is a verdict, not a warning
        return [_judged(one, answer.values.get(one.name), other_draws) for one in expectations]


def _judged(expected: Expectation, said: Said | None, other_draws: Verdict) -> Judged:
    verdict = _brief(_judge(expected, said, other_draws))
    return Judged(expected.question, expected.case, verdict, said.devices if said else ())


def _judge(expected: Expectation, said: Said | None, other_draws: Verdict) -> Verdict:
    if said is None:
        return MISSING
    if said.value is None:  # it may have raised half-way through its draws, so these are not compared
        return Verdict(Kind.RAISED, said.raised)
    if said.inputs != expected.inputs:
        return other_draws
    compare = judge_figure if expected.rules["figure"] else judge
    return compare(expected.value, said.value, expected.rules)


def _other_draws(reference: str, found: str) -> Verdict:
    theirs = f" and you have {found}" if found else ""
    said = f"another NumPy draws other numbers; the reference used {reference}{theirs}"
    return Verdict(Kind.NOT_JUDGED, f"{said}. Install that version and submit again: this cost nothing")


def _brief(verdict: Verdict) -> Verdict:
    return Verdict(verdict.kind, verdict.detail[:_DETAIL_LIMIT])


def tally(judged: Iterable[Judged]) -> dict[str, QuestionTally]:
    """Return the tallies by question."""
    by_question: dict[str, list[Verdict]] = {}
    for one in judged:
        by_question.setdefault(one.question, []).append(one.verdict)
    return {question: _tally(verdicts) for question, verdicts in by_question.items()}


def _tally(verdicts: Sequence[Verdict]) -> QuestionTally:
    passed = sum(verdict.passed for verdict in verdicts)
    judged = sum(verdict.kind is not Kind.NOT_JUDGED for verdict in verdicts)
    return QuestionTally(Tally(passed, len(verdicts)), judged)
