"""Where a server keeps what it has: options that several commands share."""

import argparse
import os
from pathlib import Path


def add_storage(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--data", type=Path, default=Path("data/server"), help="where the server keeps everything"
    )
    one.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("NEEDLE_DATABASE"),
        help="such as postgresql://USER@HOST/NAME; by default NEEDLE_DATABASE, or SQLite under --data",
    )
    one.add_argument(
        "--files",
        metavar="URL",
        default=os.environ.get("NEEDLE_FILES"),
        help="a folder, or s3://BUCKET/PREFIX; by default NEEDLE_FILES, or a folder under --data",
    )
