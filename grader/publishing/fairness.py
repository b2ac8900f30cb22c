"""The checks that a case passes before it is published: what it returns must be worth grading."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from grader.grading.cases import Outcome
from grader.grading.values import Array, leaves, replace_arrays
from grader.grading.verdicts import Rules, distance, judge, judge_figure, value_of

SPREAD = 0.1  # of the tolerance: how far two summation orders may lie apart
SAME_VALUES = 0.5  # of the seeds: more than this with one and the same value, and the seed hardly matters
BY_CHANCE = 0.25  # of the seeds: more than this with a value that takes no work, and it is no chance

FILLS = {"zeros": np.zeros_like, "ones": np.ones_like}

Outcomes = Mapping[int, Outcome]  # by seed


def unfair(rules: Rules, reference: Outcomes, reordered: Outcomes, stub: Outcomes) -> Iterator[str]:
    """Yield every reason against publishing a case.

    `reordered` is the reference with sums in another order, `stub` the untouched starter, on some seeds.
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


def earned(rules: Rules, reference: Outcomes) -> dict[int, Outcome]:
    """Return the outcomes that take work. Of single numbers, one in some thousands is an input by chance."""
    return {seed: outcome for seed, outcome in reference.items() if not any(_shortcuts(rules, outcome))}


def figure_misses(rules: Rules, reference: Outcomes, labels: Outcomes) -> Iterator[str]:
    """Yield the first reason against a figure's bound: the reference misses it, or zeros or ones meet it."""
    for seed, outcome in reference.items():
        kept = value_of(labels[seed].tree, labels[seed].arrays)
        if "array" not in kept.tree:
            yield f"its labels on seed {seed} are no array"
            return
        verdict = judge_figure(kept, value_of(outcome.tree, outcome.arrays), rules)
        if not verdict.passed:
            yield f"the reference's own {rules['figure']} misses the bound on seed {seed} ({verdict})"
            return
        for what, fill in FILLS.items():
            changed = _changed(outcome, fill)
            if judge_figure(kept, value_of(changed.tree, changed.arrays), rules).passed:
                yield f"the bound of its {rules['figure']} is met by {what} on seed {seed}"
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
        if rules["figure"]:  # a rounding may turn a prediction: what is judged is the figure, in both orders
            continue
        tight = {"rtol": rules["rtol"] * SPREAD, "atol": rules["atol"] * SPREAD}
        first = value_of(reference[seed].tree, reference[seed].arrays)
        verdict = judge(first, value_of(outcome.tree, outcome.arrays), tight)
        if not verdict.passed:
            yield f"summed in another order, it moves by over {SPREAD:g} of its tolerance on seed {seed}"
            return


def _seed_does_not_matter(rules: Rules, reference: Outcomes) -> Iterator[str]:
    """A value that most seeds give outlives a vote in which unlike values cancel each other."""
    votes, most = 0, next(iter(reference.values()))
    for outcome in reference.values():
        most = outcome if votes == 0 else most
        votes += 1 if _equal(rules, most, outcome) else -1
    same = sum(_equal(rules, most, outcome) for outcome in reference.values())
    if len(reference) > 1 and same > SAME_VALUES * len(reference):
        yield f"{same} of its {len(reference)} seeds give the same value: it must depend on the seed"


def _met_without_work(rules: Rules, reference: Outcomes, stub: Outcomes) -> Iterator[str]:
    """The stub, zeros, ones, and the case's own input earn nothing."""
    if any(not outcome.raised for outcome in stub.values()):
        yield "it returns a value on the untouched stubs: expected every case to reach a stub"
    met = Counter(what for outcome in reference.values() for what in _shortcuts(rules, outcome))
    yield from (f"its value is {what}" for what, count in met.items() if count > BY_CHANCE * len(reference))


def _shortcuts(rules: Rules, outcome: Outcome) -> Iterator[str]:
    """Yield what an outcome is that takes no work."""
    for what, fill in FILLS.items():
        if _holds_numbers(outcome) and _equal(rules, outcome, _changed(outcome, fill)):
            yield f"met by {what}"
    if _is_an_input(rules, outcome):
        yield "one of its own inputs"


def _holds_numbers(outcome: Outcome) -> bool:
    return any(node.keys() & {"array", "number", "bool"} for _, node in leaves(outcome.tree))


def _changed(outcome: Outcome, change: Callable[[Array], Array]) -> Outcome:
    tree, arrays = replace_arrays(outcome.tree, outcome.arrays, change)
    return Outcome(tree, arrays)


def _equal(rules: Rules, one: Outcome, other: Outcome) -> bool:
    return judge(value_of(one.tree, one.arrays), value_of(other.tree, other.arrays), rules).passed


def _is_an_input(rules: Rules, outcome: Outcome) -> bool:
    """Is every array and float of the value one that was drawn? (A value of none of them is no input.)"""
    nodes = (node for _, node in leaves(outcome.tree))
    floats = [np.asarray(node["number"]) for node in nodes if isinstance(node.get("number"), float)]
    parts = [*outcome.arrays, *floats]
    return bool(parts) and all(
        any(_same_array(rules, part, drawn) for drawn in outcome.drawn) for part in parts
    )


def _same_array(rules: Rules, array: Array, drawn: Array) -> bool:
    if array.shape != drawn.shape or drawn.dtype.kind not in "biuf" or array.dtype.kind not in "biuf":
        return False
    with np.errstate(all="ignore"):  # casting may overflow
        cast = drawn.astype(array.dtype)
    return distance(cast, array, rules) <= 1
