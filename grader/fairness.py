"""The checks that a case passes before it is published: what it returns must be worth grading."""

from collections.abc import Iterator, Mapping

import numpy as np

from grader.cases import Outcome
from grader.figures import FIGURES
from grader.values import Array, leaves, replace_arrays
from grader.verdicts import Rules, distance, judge, value_of

SPREAD = 0.1  # of the tolerance: how far two summation orders may lie apart
SAME_VALUES = 0.5  # of the seeds: more than this with one and the same value, and the seed hardly matters

Outcomes = Mapping[int, Outcome]  # by seed


def unfair(rules: Rules, reference: Outcomes, reordered: Outcomes, stub: Outcomes) -> Iterator[str]:
    """Yield every reason against publishing a case.

    `reordered` is the reference with sums in another order, `stub` the untouched starter, on some of the same seeds.
    """
    failed = {seed: outcome for seed, outcome in reference.items() if outcome.raised}
    if failed:
        seed, outcome = next(iter(failed.items()))
        yield f"the reference raises {outcome.raised} on seed {seed}: {outcome.message}"
        return
    yield from _not_finite(reference)
    yield from _spread(rules, reference, reordered)
    yield from _seed_does_not_matter(rules, reference)
    yield from _met_without_work(rules, reference, stub)


def figure_misses(rules: Rules, reference: Outcomes, labels: Outcomes) -> Iterator[str]:
    """Yield the first seed on which the reference's own figure is out of bounds."""
    for seed, outcome in reference.items():
        figure = FIGURES[rules["figure"]](outcome.arrays[0], labels[seed].arrays[0])
        low, high = rules["at_least"], rules["at_most"]
        if (low is not None and figure < low) or (high is not None and figure > high):
            yield f"the reference's own {rules['figure']} is {figure:.4g} on seed {seed}, out of bounds"
            return


def _not_finite(reference: Outcomes) -> Iterator[str]:
    for seed, outcome in reference.items():
        numbers = [array for array in outcome.arrays if array.dtype.kind == "f"]
        bad = any("not_finite" in node for _, node in leaves(outcome.tree))
        if bad or not all(np.isfinite(array).all() for array in numbers):
            yield f"its value on seed {seed} holds NaN or an infinity"
            return


def _spread(rules: Rules, reference: Outcomes, reordered: Outcomes) -> Iterator[str]:
    for seed, outcome in reordered.items():
        if outcome.raised:
            yield f"the reference raises {outcome.raised} in another summation order, on seed {seed}"
            return
        tight = {"rtol": rules["rtol"] * SPREAD, "atol": rules["atol"] * SPREAD}
        first = value_of(reference[seed].tree, reference[seed].arrays)
        verdict = judge(first, value_of(outcome.tree, outcome.arrays), tight)
        if not verdict.passed:
            yield f"summed in another order its value on seed {seed} moves by over {SPREAD:g} of its tolerance"
            return


def _seed_does_not_matter(rules: Rules, reference: Outcomes) -> Iterator[str]:
    first, *others = reference.values()
    same = sum(_equal(rules, first, other) for other in others)
    if others and same > SAME_VALUES * len(others):
        yield f"{same + 1} of its {len(reference)} seeds give the same value: it must depend on the seed"


def _met_without_work(rules: Rules, reference: Outcomes, stub: Outcomes) -> Iterator[str]:
    """The stub, zeros, ones, and the case's own input earn nothing."""
    if any(not outcome.raised for outcome in stub.values()):
        yield "it returns a value on the untouched stubs: expected every case to reach a stub"
    for what, fill in (("zeros", np.zeros_like), ("ones", np.ones_like)):
        if any(_equal(rules, outcome, _changed(outcome, fill)) for outcome in reference.values()):
            yield f"its value is met by {what}"
    if any(_is_an_input(rules, outcome) for outcome in reference.values()):
        yield "its value is one of its own inputs"


def _changed(outcome: Outcome, change: object) -> Outcome:
    tree, arrays = replace_arrays(outcome.tree, outcome.arrays, change)  # type: ignore[arg-type]
    return Outcome(tree, arrays)


def _equal(rules: Rules, one: Outcome, other: Outcome) -> bool:
    return judge(value_of(one.tree, one.arrays), value_of(other.tree, other.arrays), rules).passed


def _is_an_input(rules: Rules, outcome: Outcome) -> bool:
    """Is every array of the value one that was drawn? (A value of no arrays is none.)"""
    return bool(outcome.arrays) and all(
        any(_same_array(rules, array, drawn) for drawn in outcome.drawn) for array in outcome.arrays
    )


def _same_array(rules: Rules, array: Array, drawn: Array) -> bool:
    same_kind = array.shape == drawn.shape and drawn.dtype.kind in "biuf" and array.dtype.kind in "biuf"
    return same_kind and distance(drawn, array, rules) <= 1
