"""Measure how long the stand-ins for the datasets take to make, at full size."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATASETS = ("mnist", "fashion-mnist", "cifar10", "ptb")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        for name in DATASETS:
            command = [sys.executable, str(ROOT / "datasets" / "get.py"), name, "--synthetic"]
            began = time.perf_counter()
            subprocess.run(
                command, env=os.environ | {"NEEDLE_DATA_DIR": folder}, check=True, capture_output=True
            )
            print(f"{name:14} {time.perf_counter() - began:6.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
