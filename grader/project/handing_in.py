"""Hand in a proposal or a project, and show what became of it."""

from typing import Any

from rich.console import Console
from rich.markup import escape

from grader.client import Client
from grader.course.project import PROJECT
from grader.errors import WorkspaceError
from grader.grading.wire import bytes_array, pack
from grader.project.begin import chosen_track, project_of
from grader.project.checks import Report, passed, run_checks, show_checks
from grader.project.packing import pack_project
from grader.workspace.folder import Workspace

PROPOSAL = f"{PROJECT}/proposal.md"


def check(workspace: Workspace, names: list[str]) -> bool:
    """Run the checks that are named, or all, show them, and tell whether all pass."""
    report = run_checks(workspace.root, project_of(workspace), names)
    show_checks(report)
    return passed(report)


def propose(workspace: Workspace, client: Client, *, anyway: bool) -> dict[str, Any]:
    """Send the proposal. Raises: WorkspaceError when it is not written, unless it is to be sent anyway."""
    project = project_of(workspace)
    if not workspace.path(PROPOSAL).is_file():
        raise WorkspaceError(f"{PROPOSAL}: there is no such file. Write it, or run: grader project begin")
    report = run_checks(workspace.root, project, ["proposal"])
    _require(report, anyway)
    return _send(workspace, client, "proposal", workspace.path(PROPOSAL).read_bytes(), report)


def submit(workspace: Workspace, client: Client, *, anyway: bool) -> dict[str, Any]:
    """Check the project, pack it and send it.

    Raises: WorkspaceError when a check fails, unless it is to be sent anyway; the report says so then.
    """
    project = project_of(workspace)
    if client.get("/project")["group"] is None:  # no before the minutes of checking, and not after them
        raise WorkspaceError(
            "You are in no group. Everybody works in one, alone too: "
            "run `grader project group new NAME`, or `grader project group join CODE`."
        )
    pack_project(workspace, project.definition)  # the same: a project too large is said at once
    report = run_checks(workspace.root, project)
    _require(report, anyway)
    return _send(workspace, client, PROJECT, pack_project(workspace, project.definition), report)


def _require(report: Report, anyway: bool) -> None:
    if passed(report):
        return
    show_checks(report)
    if not anyway:
        raise WorkspaceError(
            "A check fails, so nothing was handed in. Mend what it says, "
            "or hand in as it is with --anyway: your instructor will see which checks fail."
        )


def _send(workspace: Workspace, client: Client, kind: str, file: bytes, report: Report) -> dict[str, Any]:
    track = chosen_track(workspace, project_of(workspace))
    blob = pack({"kind": kind, "track": track, "checks": report}, {"file": bytes_array(file)})
    answer: dict[str, Any] = client.send_blob("POST", "/project/hand-ins", blob)
    return answer


def show_handed_in(answer: dict[str, Any]) -> None:
    """Print what the server made of it."""
    one = answer["hand_in"]
    size = f"{one['size'] / 1024:.1f} KiB, SHA-256 {one['file'][:12]}"
    done = "Handed in" if answer["created"] else "This was handed in already"
    print(f"{done}: the {one['kind']} of {one['group']}, number {one['id']} ({size}).")
    failing = [test for test in one["checks"]["tests"] if not test["passed"]]
    if failing:
        every = len(one["checks"]["tests"])
        print(f"{len(failing)} of its {every} checks fail, which your instructor sees.")


def show_status(mine: dict[str, Any], console: Console | None = None) -> None:
    """Print a person's group, what it handed in, and the reviews."""
    console = console or Console()
    group = mine["group"]
    if group is None:
        console.print("You are in no group: `grader project group new NAME`, or `... join CODE`.")
        return
    console.print(f"[bold]{escape(group['name'])}[/]: {escape(', '.join(group['members']))}")
    if len(group["members"]) < mine["group_size"]:
        console.print(f"Others join it with: grader project group join {escape(group['code'])}")
    for kind in ("proposal_due", "due"):
        if mine[kind]:
            console.print(f"{'Proposal' if kind == 'proposal_due' else 'Project'} due: {mine[kind]}")
    for one in mine["hand_ins"]:
        console.print(f"{one['at'][:16]}  {one['kind']} {one['id']}, {escape(one['track'])}: {_state(one)}")
        if one["review"]:
            _show_review(console, one["review"], mine["rubric"]["criteria"])


def _state(one: dict[str, Any]) -> str:
    if one["review"] is None:
        return "waiting for a review"
    if one["kind"] == "proposal":
        return "go ahead" if one["review"]["accepted"] else "to be revised"
    said = "accepted" if one["review"]["accepted"] else "not accepted"
    return f"{said}, {one['review']['total']:g} points"


def _show_review(console: Console, review: dict[str, Any], criteria: list[dict[str, Any]]) -> None:
    for criterion in criteria:
        name, comment = criterion["id"], review["comments"].get(criterion["id"], "")
        if name in review["points"]:
            earned = f"{review['points'][name]:g}/{criterion['points']:g}"
            console.print(f"    {escape(criterion['title'])}: {earned} {escape(comment)}".rstrip())
    if review["comments"].get(""):
        console.print(f"    {escape(review['comments'][''])}")
