"""Back a server up while it runs, and restore it."""

import argparse
from pathlib import Path

from grader.commands.places import existing, writable
from grader.commands.storage import add_storage


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("backup", help="write all that a server keeps to one file (instructor)")
    one.add_argument("file", type=Path, metavar="FILE.tar")
    add_storage(one)
    one.set_defaults(command=_backup)

    one = commands.add_parser("restore", help="put a backup back, where nothing is yet (instructor)")
    one.add_argument("file", type=Path, metavar="FILE.tar")
    add_storage(one)
    one.set_defaults(command=_restore)


def _backup(options: argparse.Namespace) -> int:
    from grader.server.operation.backup import back_up

    back_up(writable(options.file), options.data, options.database, options.files, print)
    return 0


def _restore(options: argparse.Namespace) -> int:
    from grader.server.operation.backup import restore

    source = existing(options.file, "a backup, which `grader backup FILE.tar` writes")
    restore(source, options.data, options.database, options.files, print)
    return 0
