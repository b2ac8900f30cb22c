"""Tell which statements only the solution used, from the names that each defines and uses."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A statement that stays or goes as a whole."""

    defines: frozenset[str]
    before: frozenset[str]  # the names it uses in the reference
    after: frozenset[str]  # those it still uses once the bodies are replaced
    removable: bool = False
    omitted: bool = False  # listed under omit: goes unless what remains uses it


def unneeded(units: Sequence[Unit], kept: Collection[str] = ()) -> set[int]:
    """Return the positions of the units that go.

    A removable unit goes when the reference used it and what remains does not. What the reference already
    left unused stays, and so does what other files name (`kept`); neither holds for an omitted one.
    """
    roots = {at for at, unit in enumerate(units) if not (unit.removable or unit.omitted)}
    roots |= {at for at, unit in enumerate(units) if not unit.omitted and unit.defines & set(kept)}
    used = _reached(units, roots, [unit.before for unit in units])
    idle = {at for at, unit in enumerate(units) if at not in used and not unit.omitted}
    return set(range(len(units))) - _reached(units, roots | idle, [unit.after for unit in units])


def _reached(units: Sequence[Unit], roots: Iterable[int], uses: Sequence[frozenset[str]]) -> set[int]:
    definers: dict[str, list[int]] = {}
    for at, unit in enumerate(units):
        for name in unit.defines:
            definers.setdefault(name, []).append(at)
    reached: set[int] = set()
    waiting = list(roots)
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            waiting += [other for name in uses[at] for other in definers.get(name, ())]
    return reached
