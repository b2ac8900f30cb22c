"""The instructor's side of the final project: publish it, fetch what was handed in, repeat the checks."""

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.client import Client
from grader.course.policy import Course
from grader.course.project import PROJECT, Project
from grader.errors import CourseError, GraderError
from grader.grading.wire import bytes_array, pack
from grader.project.checks import Report
from grader.project.packing import unpack_project
from grader.release.archive import pack as pack_release
from grader.release.archive import wheel_file
from grader.release.project import project_files
from grader.running import process
from grader.workspace.folder import digest

WARNING = (
    "This runs the students' code on this machine, as you: their programs can read and change what you can. "
    "It is no sandbox. Do it in a container or as a user who owns nothing, and look at the code first."
)
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "CXX", "CUDACXX", "PYTHONPATH")  # of the environment
_BUILDING = 1800.0  # seconds for a library to compile
_ODD = re.compile(r"[^A-Za-z0-9_-]+")


def required_project(course: Course) -> Project:
    """Return the course's project. Raises: CourseError when it has none."""
    if course.project is None:
        where = course.root / "course.yaml"
        raise CourseError(f"{where}: there is no field project. Add `project: {{}}` for a final project.")
    return course.project


def publish_project(root: Path, client: Client, scratch: Path | None = None) -> dict[str, Any]:
    """Send the project's definition and its release; return the server's answer.

    The archive is made in `scratch`, by default build/publish.
    """
    course = Course(root)
    project = required_project(course)
    made = project_files(course) | wheel_file(course)
    archive = pack_release(made, (scratch or root / "build" / "publish") / f"{PROJECT}.tar.gz").read_bytes()
    said = {"definition": project.definition.model_dump(mode="json"), "digest": project.digest()}
    answer: dict[str, Any] = client.send_blob(
        "PUT", "/project", pack(said, {"release": bytes_array(archive)})
    )
    return answer


def fetch(root: Path, client: Client, group: str | None, into: Path) -> list[Path]:
    """Write the newest proposal and the newest project of each group below a folder; return the places.

    Raises: WireError for an archive that can't be trusted; GraderError when there is nothing to fetch.
    """
    project = required_project(Course(root))
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for one in reversed(client.get("/project/hand-ins")):
        if group in (None, one["group"]):
            newest[one["group"], one["kind"]] = one
    if not newest:
        whose = f"the group {group!r}" if group else "any group"
        raise GraderError(f"Nothing was handed in by {whose}. `grader project list` shows what there is.")
    return [_fetched(project, client, one, into) for one in newest.values()]


def _fetched(project: Project, client: Client, one: dict[str, Any], into: Path) -> Path:
    data = _downloaded(client, one)
    place = into / f"{_ODD.sub('-', one['group']).strip('-') or 'group'}-{one['id']}"
    if one["kind"] == "proposal":
        place.mkdir(parents=True, exist_ok=True)
        (place / "proposal.md").write_bytes(data)
    else:
        unpack_project(data, project.definition, place)
    return place


def _downloaded(client: Client, one: dict[str, Any]) -> bytes:
    data = client.download(f"/project/hand-ins/{one['id']}/archive")
    if digest(data) != one["file"]:
        raise GraderError(f"hand-in {one['id']}: what came is not what was handed in. Fetch it again.")
    return data


def recheck(root: Path, client: Client, number: int) -> Report:
    """Rebuild a hand-in from its archive in a fresh folder, repeat the checks, and store what they find.

    The checks are those of this repository, whatever the archive holds.
    """
    project = required_project(Course(root))
    one = client.get(f"/project/hand-ins/{number}")["hand_in"]
    if one["kind"] != PROJECT:
        raise GraderError(
            f"hand-in {number} is a {one['kind']}. Expected a project: no checks run on others."
        )
    archive = _downloaded(client, one)
    report = _checked(project, archive)
    sent = {"Content-Type": "application/json"}
    client.send_blob("PUT", f"/project/hand-ins/{number}/repeated", json.dumps(report).encode(), sent)
    return report


def _checked(project: Project, archive: bytes) -> Report:
    """Build and check an archive in a fresh folder, in an environment without what is not its business.

    Raises: GraderError when the checks don't end.
    """
    with tempfile.TemporaryDirectory(prefix="recheck-") as folder:
        scratch = Path(folder).resolve()
        workspace, home, results = scratch / "workspace", scratch / "home", scratch / "report.json"
        home.mkdir()
        unpack_project(archive, project.definition, workspace)
        shutil.copytree(project.folder, workspace / "assignments" / PROJECT)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        command: list[str | Path] = [sys.executable, "-m", "grader.project.checks", workspace, results]
        limit = _BUILDING + 3 * project.definition.time_limit
        done = process.run(command, cwd=scratch, env=kept | {"HOME": str(home)}, time_limit=limit)
        if not results.is_file():
            last = "\n".join(done.output.splitlines()[-12:])
            raise GraderError(
                f"The checks ended without a report. Nothing was stored. Their last words:\n{last}"
            )
        report: Report = json.loads(results.read_text(encoding="utf-8"))
        return report


def show_hand_ins(hand_ins: list[dict[str, Any]], console: Console | None = None) -> None:
    """Print a row a hand-in, newest first."""
    console = console or Console()
    table = Table("number", "at", "group", "kind", "track", "checks", "repeated", "review")
    for one in hand_ins:
        row = (str(one["id"]), one["at"][:16], one["group"], one["kind"], one["track"])
        checks = (_counted(one["checks"]), _counted(one["repeated"]))
        table.add_row(*map(escape, (*row, *checks, _reviewed(one["review"]))))
    console.print(table)


def _counted(checks: dict[str, Any] | None) -> str:
    if checks is None:
        return ""
    return f"{sum(test['passed'] for test in checks['tests'])}/{len(checks['tests'])}"


def _reviewed(review: dict[str, Any] | None) -> str:
    if review is None:
        return ""
    return f"{review['total']:g}, {'accepted' if review['accepted'] else 'not accepted'}"
