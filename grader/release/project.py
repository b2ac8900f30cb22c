"""What the release of the final project holds: the template, the tracks, the checks and the handout."""

import hashlib
import json

from grader.course.policy import Course
from grader.course.project import OWN_TRACK, PROJECT, Project
from grader.errors import ReleaseRefused
from grader.project.begin import TRACK_FILE, begun
from grader.release.checks import shown
from grader.release.content import Files, folder_files, requirements_file


def project_files(course: Course) -> Files:
    """Return the files of the project's release, all but the grader's wheel.

    Raises: ReleaseRefused when the course has no project, or its handout is missing.
    """
    project = _project_of(course)
    if not (project.folder / "README.md").is_file():
        where = shown(course, project.folder / "README.md")
        raise ReleaseRefused(f"{where}: there is no handout. Write it.")
    definitions = [assignment.definition for assignment in course.assignments]
    parts = [
        ("stub", begun(project, None)),
        ("glue", folder_files(course.root / "workspace", course.root / "workspace")),
        ("glue", folder_files(course.root / "datasets", course.root) if project.definition.datasets else {}),
        ("glue", requirements_file(course.root, [*definitions, project.definition])),
        ("course", folder_files(project.folder, course.root)),
    ]
    files = {path: data for _, part in parts for path, data in part.items()}
    released = {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "kind": kind}
        for kind, part in parts
        for path, data in part.items()
    }
    manifest = {
        "assignment": PROJECT,
        "title": project.definition.title,
        "cases_digest": project.digest(),
        "files": dict(sorted(released.items())),
    }
    made = {f".grader/releases/{PROJECT}.json": (json.dumps(manifest, indent=1) + "\n").encode()}
    return dict(sorted((files | made).items()))


def solved_project_files(course: Course) -> Files:
    """Return the release with the solved project, over the files of its track, in the template's place."""
    given = {path: data for path, data in project_files(course).items() if not path.startswith(f"{PROJECT}/")}
    solved = folder_files(course.root / "reference" / PROJECT, course.root / "reference")
    track = solved.get(TRACK_FILE, OWN_TRACK.encode()).decode().strip()
    return given | begun(_project_of(course), track) | solved


def _project_of(course: Course) -> Project:
    if course.project is None:
        raise ReleaseRefused(f"{course.root / 'course.yaml'}: there is no field project. Expected one.")
    return course.project
