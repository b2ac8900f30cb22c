"""Submit: draw an attempt, run the cases on the student's code, send the values, keep what can't be sent."""

import sys
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints, ValidationError

from grader.client import Client
from grader.course.assignment import Assignment
from grader.errors import GraderError, NotAServer, Rejected, Unreachable
from grader.grading.cases import Outcome
from grader.running.build import build
from grader.running.run_cases import Job, run_question
from grader.submission.answer import At, answer
from grader.submission.outbox import Kept, Outbox
from grader.workspace.folder import Workspace

NOT_BUILT = "NotBuilt"  # stands for an error's type
GONE = (404, 409, 410)  # the attempt takes no answer any more
UNACCEPTABLE = (413, 422)  # the answer itself will never be taken

_KEPT = "It is kept here. Run `make submit RESUME=1` to send it: an attempt is never counted twice."


class Attempt(BaseModel):
    """What a server drew for one submission."""

    id: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")]
    seeds: dict[str, dict[str, int]]  # by question and case
    limit_bytes: int
    days_late: int = 0
    left_out: dict[str, str] = {}  # by question: why it was not drawn


@dataclass(frozen=True)
class Result:
    answer: dict[str, Any]  # the server's, as its /docs describe it
    notes: dict[str, str]  # by question/case: what an error said here, which is never sent
    built: bool = True  # whether all of the student's sources compiled


def submit(workspace: Workspace, assignment: Assignment, questions: list[str], client: Client) -> Result:
    """Build, then submit the named questions, or all of them.

    Raises: Unreachable, Rejected, ForeignModule, and what is not delivered stays in the outbox.
    """
    _send_waiting(workspace, assignment, client)
    return _draw_and_score(workspace, assignment, questions, client)


def resume(workspace: Workspace, client: Client) -> Iterable[Result]:
    """Send what waits in the outbox; an attempt that has expired is run again with fresh seeds.

    Raises: Unreachable; GraderError when nothing waits, or after the others for what could not be sent.
    """
    outbox = Outbox(workspace.root)
    waiting = outbox.waiting()
    if not waiting:
        raise GraderError("Nothing waits to be sent. Run `make submit` for a new submission.")
    refused = []
    for path in waiting:
        try:
            kept = outbox.read(path)
            result = _send_again(workspace, kept, client) if kept else None
        except Unreachable:  # no other one would arrive either
            raise
        except GraderError as error:
            refused.append(str(error))
        else:
            if result:
                yield result
    if refused:
        raise GraderError("\n".join(refused))


def run_attempt(
    workspace: Workspace, assignment: Assignment, attempt: Attempt, problems: Mapping[str, str]
) -> dict[At, Outcome]:
    """Run the drawn cases and return their outcomes by question and case.

    `problems` says why the build stops a question, whose cases are not run.
    """
    outcomes: dict[At, Outcome] = {}
    for name, drawn in attempt.seeds.items():
        if name in problems:
            stopped = Outcome(raised=NOT_BUILT, message=problems[name])
            outcomes |= {(name, case): stopped for case in drawn}
            continue
        job = Job(workspace.root, assignment, assignment.question(name))
        found = run_question(job, {case: [seed] for case, seed in drawn.items()})
        outcomes |= {(name, case): found[case][seed] for case, seed in drawn.items()}
    return outcomes


def _send_waiting(workspace: Workspace, assignment: Assignment, client: Client) -> None:
    """Send what waits of an assignment before a new draw closes it: it may have been drawn in time.

    Raises: Unreachable, since a draw would not arrive either.
    """
    outbox = Outbox(workspace.root)
    for path in outbox.waiting():
        try:
            kept = outbox.read(path)
            if kept and (kept.assignment, kept.url) == (assignment.id, client.url):
                score = _deliver_or_drop(outbox, kept, client).answer["score"]
                print(f"What waited was sent first: {kept.assignment}, {score:.2f} of 100.")
        except Unreachable:
            raise
        except GraderError as error:
            print(f"What waited could not be sent: {error}", file=sys.stderr)


def _draw_and_score(
    workspace: Workspace,
    assignment: Assignment,
    questions: list[str],
    client: Client,
    *,
    instead_of: Kept | None = None,
) -> Result:
    """Build, draw an attempt and have it scored; what does not compile costs its own questions."""
    report = build(workspace.root, assignment)
    for mistake in report.errors:
        print(mistake, file=sys.stderr)
    attempt = _draw(assignment, questions, client)
    if instead_of:
        Outbox(workspace.root).drop(instead_of)
    return replace(_score(workspace, assignment, attempt, client, report.problems), built=report.ok)


def _draw(assignment: Assignment, questions: list[str], client: Client) -> Attempt:
    request = {"assignment": assignment.id, "questions": questions, "cases_digest": assignment.cases_digest()}
    drawn = client.post("/attempts", request)
    try:
        attempt = Attempt.model_validate(drawn)
    except ValidationError:
        raise GraderError(
            f"{client.url} answered, and not with an attempt. Is it the course's address? If so, your "
            f"{assignment.id} is older than the course: run `make update`."
        ) from None
    for name, why in attempt.left_out.items():
        print(f"{name} is left out: {why}.")
    if attempt.days_late:
        print(f"This is late, by {days(attempt.days_late)}: the course's late policy applies.")
    return attempt


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _score(
    workspace: Workspace,
    assignment: Assignment,
    attempt: Attempt,
    client: Client,
    problems: Mapping[str, str],
) -> Result:
    """Run an attempt's cases, keep the answer and deliver it."""
    outcomes = run_attempt(workspace, assignment, attempt, problems)
    packed = answer(outcomes, workspace.sources(assignment), attempt.limit_bytes)
    notes = {"/".join(at): outcome.message for at, outcome in outcomes.items() if outcome.message}
    notes |= dict.fromkeys(packed.left_out, "the value was too large to be sent")
    key, questions = uuid.uuid4().hex, list(attempt.seeds)
    kept = Kept(attempt.id, assignment.id, questions, key, client.url, notes, packed.body)
    outbox = Outbox(workspace.root)
    outbox.keep(kept)
    return _deliver_or_drop(outbox, kept, client)


def _send_again(workspace: Workspace, kept: Kept, client: Client) -> Result:
    outbox = Outbox(workspace.root)
    if kept.url != client.url:
        raise GraderError(
            f"What waits was drawn by {kept.url}, and you are logged in to {client.url}. Log in there first."
        )
    try:
        return _deliver(outbox, kept, client)
    except Rejected as error:
        if not _is_final(error):
            raise
        if error.status in UNACCEPTABLE:
            outbox.drop(kept)
            raise
        print(f"{error} Running your code again with fresh seeds.")
    assignment = workspace.assignment(kept.assignment)
    return _draw_and_score(workspace, assignment, kept.questions, client, instead_of=kept)


def _deliver_or_drop(outbox: Outbox, kept: Kept, client: Client) -> Result:
    try:
        return _deliver(outbox, kept, client)
    except Rejected as error:
        if _is_final(error):
            outbox.drop(kept)
        raise


def _deliver(outbox: Outbox, kept: Kept, client: Client) -> Result:
    """Send a kept answer, and drop it once it is scored. Raises: Unreachable, Rejected."""
    try:
        scored = client.send_blob(
            "POST", f"/attempts/{kept.attempt}/answers", kept.body, {"Idempotency-Key": kept.key}
        )
        if not isinstance(scored, dict) or scored.get("attempt") != kept.attempt:
            raise NotAServer(f"{client.url} answered, and not with a score.", 200)
    except Unreachable as error:
        raise Unreachable(f"{error} It may or may not have your attempt. {_KEPT}") from None
    except Rejected as error:
        if _is_final(error):
            raise
        raise type(error)(f"{error} Your attempt is not lost. {_KEPT}", error.status) from None
    outbox.drop(kept)
    return Result(scored, kept.notes)


def _is_final(error: Rejected) -> bool:
    """Tell whether the scoring server itself, and nothing on the way to it, will never take this answer."""
    return error.status in GONE + UNACCEPTABLE and not isinstance(error, NotAServer)
