"""The body of an answer: the values of an attempt and the student's sources, within the server's limit."""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.grading.cases import Outcome
from grader.grading.values import Array, Node
from grader.grading.wire import bytes_array, pack

At = tuple[str, str]  # a question and a case

_FIXED = 64 * 1024  # bytes of the header that no value causes
_ENTRY = 256  # bytes of the header for one value or array: its name, dtype, shape and offsets


@dataclass(frozen=True)
class Packed:
    body: bytes
    left_out: list[str]  # question/case of values of which not even the claims could be sent


def answer(outcomes: Mapping[At, Outcome], sources: Mapping[str, bytes], limit: int) -> Packed:
    """Pack an attempt's values and the student's sources.

    Of a value beyond the limit only the claims are sent, or nothing: it costs its own case and no other.
    """
    values: dict[str, Any] = {}
    arrays: dict[str, Array] = {f"source:{path}": bytes_array(data) for path, data in sources.items()}
    budget = limit - _FIXED - sum(array.nbytes + _ENTRY for array in arrays.values())
    for (question, case), outcome in sorted(outcomes.items(), key=lambda item: _size(item[1])):
        name, fitting = f"{question}/{case}", _fitting(outcome, budget)
        if fitting is None:
            continue
        budget -= _size(fitting)
        said = {"raised": outcome.raised} if outcome.raised else {"tree": fitting.tree}
        values[name] = {**said, "inputs": outcome.inputs}
        if outcome.devices:
            values[name]["devices"] = outcome.devices
        arrays |= {f"{name}/{index}": array for index, array in enumerate(fitting.arrays)}
    machine = {"python": platform.python_version(), "numpy": np.__version__, "platform": platform.system()}
    left_out = ["/".join(at) for at in outcomes if "/".join(at) not in values]
    return Packed(pack({"values": values, "client": machine}, arrays), left_out)


def _fitting(outcome: Outcome, budget: int) -> Outcome | None:
    """Return an outcome, or else its claims alone, if they fit the budget."""
    if outcome.raised:  # with a value, when a stub was reached on the way to it
        return Outcome(devices=outcome.devices)
    claims = Outcome(without_data(outcome.tree, outcome.arrays))
    return next((one for one in (outcome, claims) if _size(one) <= budget), None)


def without_data(tree: Node, arrays: list[Array]) -> Node:
    """Return a tree that names only the dtype and shape of its arrays: enough to call a huge one wrong."""
    kind, content = next(iter(tree.items()))
    if kind == "dict":
        return {kind: {key: without_data(child, arrays) for key, child in content.items()}}
    if kind in ("list", "tuple"):
        return {kind: [without_data(child, arrays) for child in content]}
    if kind == "array":
        return {"omitted": {"dtype": arrays[content].dtype.name, "shape": list(arrays[content].shape)}}
    return tree


def _size(outcome: Outcome) -> int:
    """Return how many bytes of the limit an outcome takes."""
    text = len(json.dumps(json.dumps(outcome.tree)))  # as it travels: JSON inside a JSON string
    return text + _ENTRY + sum(array.nbytes + _ENTRY for array in outcome.arrays)
