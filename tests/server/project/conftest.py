"""A course with the final project published, and two projects to hand in."""

from collections.abc import Callable
from typing import Any

import pytest
from project_requests import policy_with_project, project_publication
from running_server import Running
from small_project import definition, solved_workspace

from grader.project.packing import pack_project


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return pack_project(solved_workspace(tmp_path_factory.mktemp("project").resolve()), definition())


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    workspace = solved_workspace(tmp_path_factory.mktemp("other").resolve())
    (workspace.root / "project" / "more.py").write_text("more = True\n")
    return pack_project(workspace, definition())


@pytest.fixture
def course(start: Callable[..., Running]) -> Callable[..., Running]:
    """Return a function that starts a server with the project published and these dates."""

    def one(**dates: Any) -> Running:
        server = start(policy=policy_with_project(**({"group_size": 2} | dates)))
        assert server.instructor.request("PUT", "/project", data=project_publication()).status_code == 200
        return server

    return one
