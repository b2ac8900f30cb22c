"""The command line: `grader COMMAND`. Every failure is a sentence and a non-zero exit, never a traceback."""

import argparse
import errno
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import version

from grader.commands import (
    account,
    certificate,
    course,
    gradebook,
    keeping,
    keys,
    leaderboard,
    mugrade,
    people,
    policy,
    project,
    serving,
    work,
)
from grader.errors import GraderError

Command = Callable[[argparse.Namespace], int]
_SUBJECTS = (
    account,
    keys,
    work,
    project,
    leaderboard,
    course,
    gradebook,
    policy,
    people,
    mugrade,
    serving,
    keeping,
    certificate,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 1 refused or failed, 2 misused, 130 interrupted."""
    options = _parser().parse_args(arguments)
    try:
        command: Command = options.command
        return command(options)
    except GraderError as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        said = f"{error}. This command is the instructor's, or its environment is not whole"
        print(f"{said}. In the course's repository, run: make setup", file=sys.stderr)
        return 1
    except OSError as error:
        print(_refused_by_the_system(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(_unforeseen(error), file=sys.stderr)
        return 1


_TO_DO = {
    errno.ENOENT: "Expected one that is there. Check its name, and the folder that you are in.",
    errno.EISDIR: "Expected a file. Name one.",
    errno.ENOTDIR: "Expected a folder. Name another.",
    errno.EEXIST: "Expected a free place. Name another.",
    errno.EACCES: "Expected one that you may read and write. Change its permissions, or name another.",
    errno.EROFS: "Expected a place that can be written. Name another.",
    errno.ENOSPC: "Expected room on the disk. Make some, and give the command again.",
}


def _refused_by_the_system(error: OSError) -> str:
    """Return what the system says of a file, and what to do about it."""
    said = f"{error.filename or 'grader'}: {(error.strerror or str(error)).lower()}"
    return f"{said}. {_TO_DO.get(error.errno or 0, 'Mend that, and give the command again.')}"


def _unforeseen(error: Exception) -> str:
    """Return what to say of an error that nobody foresaw: what it is and where, without the traceback."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{at.filename}:{at.lineno}: {type(error).__name__}: {error}"
    return f"{said}. This is a mistake of the grader's own. Report this line, and the command that you gave."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grader", description="Local tests, submission and scores of a course."
    )
    parser.add_argument("--version", action="version", version=version("needle-grader"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for subject in _SUBJECTS:
        subject.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
