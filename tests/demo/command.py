"""Run a command as a person would, and show its output only when it fails."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class CommandFailed(RuntimeError):
    """A command of the demo ended as it should not have."""


def run(
    command: Sequence[str],
    cwd: Path,
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    given: str | None = None,
    codes: tuple[int, ...] = (0,),
) -> str:
    """Return a command's output, which also goes to `log`.

    Raises: CommandFailed, with the end of the output, when it exits with none of the expected codes.
    """
    finished = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        input=given,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    with log.open("a") as file:
        file.write(f"$ {' '.join(command)}\n{finished.stdout}\n")
    if finished.returncode not in codes:
        tail = "\n".join(finished.stdout.splitlines()[-30:])
        raise CommandFailed(f"`{' '.join(command)}` in {cwd} exited with {finished.returncode}:\n{tail}")
    return finished.stdout
