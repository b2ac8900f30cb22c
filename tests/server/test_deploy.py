"""What is deployed names commands, options and settings that there are."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.cli import _parser
from grader.commands import storage

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def options(command: list[str]) -> Any:
    """Return what a command line sets, as the command itself reads it."""
    return _parser().parse_args(command)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return content


def test_compose_runs_a_server_on_postgresql_behind_its_own_network(services: dict[str, Any]) -> None:
    server = services["services"]["server"]
    found = options([one.replace("${COURSE_HOST:?}", "course.example.org") for one in server["command"]])
    [network] = services["networks"]["default"]["ipam"]["config"]
    assert found.behind_proxy == network["subnet"]
    assert found.public_url == "https://course.example.org"
    assert found.workers == 2
    assert server["environment"]["NEEDLE_DATABASE"].startswith("postgresql://")
    assert "NEEDLE_DATABASE" in Path(storage.__file__).read_text()
    assert set(services["volumes"]) == {"database", "files", "certificates"}


def test_compose_gives_requests_in_flight_longer_than_the_server_waits_for_them(
    services: dict[str, Any],
) -> None:
    from grader.server.command import _FINISHING

    assert int(services["services"]["server"]["stop_grace_period"].rstrip("s")) > _FINISHING


def test_the_proxy_leads_to_the_server_and_keeps_metrics_inside() -> None:
    caddy = (DEPLOY / "Caddyfile").read_text()
    assert "server:8414" in caddy
    assert "respond /metrics 403" in caddy
    assert caddy.count("{") == caddy.count("}")


def test_the_image_starts_a_server_that_there_is() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    command = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert command
    assert options(yaml.safe_load(command[1])).data == Path("/data")
    for copied in re.findall(r"^COPY (\S+) ", dockerfile, re.MULTILINE):
        assert (ROOT / copied).exists()


def test_the_unit_starts_a_server_that_there_is() -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "needle-server.service")
    lines = (DEPLOY / "needle-server.env").read_text().splitlines()
    settings = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?[A-Z_0-9]+=", line))
    program, *command = shlex.split(unit["Service"]["ExecStart"])
    found = options([re.sub(r"\$\{(\w+)\}", lambda name: settings[name[1]], word) for word in command])
    assert program.endswith("/bin/grader")
    assert str(found.data) == f"/var/lib/{unit['Service']['StateDirectory']}"
    assert found.behind_proxy == "127.0.0.1"
    known = "".join(path.read_text() for path in (ROOT / "grader" / "commands").glob("*.py"))
    for name in ("NEEDLE_DATABASE", "NEEDLE_FILES", "NEEDLE_METRICS_TOKEN"):
        assert name in settings
        assert f'"{name}"' in known
