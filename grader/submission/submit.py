"""Submit: draw an attempt, run the cases on the student's code, send the values, keep what can't be sent."""

import json
import platform
import sys
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from grader.client import Client
from grader.course.assignment import Assignment
from grader.errors import GraderError, Rejected, Unreachable
from grader.grading.cases import Outcome
from grader.grading.values import Array
from grader.grading.wire import bytes_array, pack
from grader.running.build import build
from grader.running.run_cases import Job, run_question
from grader.workspace.folder import Workspace

GONE = (404, 409, 410)  # the attempt takes no answer any more
UNACCEPTABLE = (413, 422)  # the answer itself will never be taken


@dataclass(frozen=True)
class Attempt:
    """What a server drew for one submission."""

    id: str
    assignment: str
    version: int
    seeds: dict[str, dict[str, int]]  # by question and case
    expires_at: str
    limit_bytes: int


@dataclass(frozen=True)
class Undelivered:
    """An answer that waits on disk: its body, and what is needed to send it or to run it again."""

    attempt: str
    assignment: str
    questions: list[str]
    key: str  # the Idempotency-Key: the same again, so that it is never counted twice
    url: str


@dataclass(frozen=True)
class Result:
    answer: dict[str, Any]  # the server's, as DESIGN's wire describes it
    notes: dict[tuple[str, str], str]  # by question and case: what an error said here, which is never sent


def submit(workspace: Workspace, assignment: Assignment, questions: list[str], client: Client) -> Result:
    """Build, then submit the named questions, or all of them.

    Raises: Unreachable, Rejected, ForeignModule, and what is not delivered stays in the outbox.
    """
    for mistake in build(workspace.root, assignment).errors:  # the questions that need no build go on
        print(mistake, file=sys.stderr)
    request = {"assignment": assignment.id, "questions": questions, "cases_digest": assignment.cases_digest()}
    attempt = Attempt(**client.post("/attempts", request))
    outcomes = run_attempt(workspace, assignment, attempt)
    body = answer(outcomes, workspace.sources(assignment), attempt.limit_bytes)
    kept = Undelivered(attempt.id, assignment.id, list(attempt.seeds), uuid.uuid4().hex, client.url)
    _keep(workspace, kept, body)
    return Result(_deliver(workspace, kept, body, client), _notes(outcomes))


def resume(workspace: Workspace, client: Client) -> list[Result]:
    """Send what waits in the outbox; an attempt that has expired is run again with fresh seeds.

    Raises: GraderError when nothing waits; Unreachable, Rejected.
    """
    waiting = sorted(_outbox(workspace).glob("*.json"))
    if not waiting:
        raise GraderError("Nothing waits to be sent. Run `make submit` for a new submission.")
    return [_send_again(workspace, Undelivered(**json.loads(path.read_text())), client) for path in waiting]


def run_attempt(
    workspace: Workspace, assignment: Assignment, attempt: Attempt
) -> dict[tuple[str, str], Outcome]:
    """Run the drawn cases and return their outcomes by question and case."""
    outcomes: dict[tuple[str, str], Outcome] = {}
    for name, drawn in attempt.seeds.items():
        job = Job(workspace.root, assignment, assignment.question(name))
        found = run_question(job, {case: [seed] for case, seed in drawn.items()})
        outcomes |= {(name, case): found[case][seed] for case, seed in drawn.items()}
    return outcomes


def answer(outcomes: Mapping[tuple[str, str], Outcome], sources: Mapping[str, bytes], limit: int) -> bytes:
    """Return the blob of an attempt's values and the student's sources, within the server's limit."""
    values: dict[str, Any] = {}
    arrays: dict[str, Array] = {f"source:{path}": bytes_array(data) for path, data in sources.items()}
    budget = limit - sum(array.nbytes for array in arrays.values()) - 256 * 1024  # for the header
    for (question, case), outcome in outcomes.items():
        name = f"{question}/{case}"
        if outcome.raised:
            values[name] = {"raised": outcome.raised, "inputs": outcome.inputs}
            continue
        budget -= sum(array.nbytes for array in outcome.arrays)
        tree = outcome.tree if budget >= 0 else _without_data(outcome.tree, outcome.arrays)
        values[name] = {"tree": tree, "inputs": outcome.inputs}
        if budget >= 0:
            arrays |= {f"{name}/{at}": array for at, array in enumerate(outcome.arrays)}
    machine = {"python": platform.python_version(), "numpy": np.__version__, "platform": platform.system()}
    return pack({"values": values, "client": machine}, arrays)


def _without_data(tree: Any, arrays: list[Array]) -> Any:
    """Return a tree that names only the dtype and shape of its arrays: enough to call a huge one wrong."""
    if isinstance(tree, list):
        return [_without_data(node, arrays) for node in tree]
    if not isinstance(tree, dict):
        return tree
    if "array" in tree and isinstance(tree["array"], int):
        array = arrays[tree["array"]]
        return {"omitted": {"dtype": array.dtype.name, "shape": list(array.shape)}}
    return {key: _without_data(node, arrays) for key, node in tree.items()}


def _notes(outcomes: Mapping[tuple[str, str], Outcome]) -> dict[tuple[str, str], str]:
    return {at: outcome.message for at, outcome in outcomes.items() if outcome.message}


def _outbox(workspace: Workspace) -> Path:
    return workspace.root / ".grader" / "outbox"


def _keep(workspace: Workspace, kept: Undelivered, body: bytes) -> None:
    """Write the body before its description, which is what `resume` looks for."""
    _outbox(workspace).mkdir(parents=True, exist_ok=True)
    (_outbox(workspace) / f"{kept.attempt}.blob").write_bytes(body)
    (_outbox(workspace) / f"{kept.attempt}.json").write_text(json.dumps(asdict(kept)))


def _drop(workspace: Workspace, kept: Undelivered) -> None:
    for suffix in ("json", "blob"):
        (_outbox(workspace) / f"{kept.attempt}.{suffix}").unlink(missing_ok=True)


def _deliver(workspace: Workspace, kept: Undelivered, body: bytes, client: Client) -> dict[str, Any]:
    headers = {"Idempotency-Key": kept.key}
    try:
        scored: dict[str, Any] = client.send_blob("POST", f"/attempts/{kept.attempt}/answers", body, headers)
    except Unreachable as error:
        said = f"{error} It may or may not have your attempt, which is kept here."
        raise Unreachable(
            f"{said} Run `grader submit --resume` to send it: an attempt is never counted twice."
        ) from None
    except Rejected as error:
        if error.status in GONE + UNACCEPTABLE:
            _drop(workspace, kept)
        raise
    _drop(workspace, kept)
    return scored


def _send_again(workspace: Workspace, kept: Undelivered, client: Client) -> Result:
    if kept.url != client.url:
        raise GraderError(
            f"What waits was drawn by {kept.url}, and you are logged in to {client.url}. Log in there first."
        )
    body = (_outbox(workspace) / f"{kept.attempt}.blob").read_bytes()
    try:
        return Result(_deliver(workspace, kept, body, client), {})
    except Rejected as error:
        if error.status not in GONE:
            raise
        print(f"{error} Running your code again with fresh seeds.")
    return submit(workspace, workspace.assignment(kept.assignment), kept.questions, client)
