"""Train hw0's two models in a student's workspace, on real MNIST where it lies, else on its stand-in."""

import json
import os
from pathlib import Path
from typing import Any

from student import Student


def train(student: Student, data: Path) -> dict[str, Any]:
    """Return {softmax_error, mlp_error, dataset} of the complete student's own code."""
    os.environ["NEEDLE_DATA_DIR"] = str(data)
    found = student.run([".venv/bin/python", "datasets/get.py", "mnist", "--check", "--json"], codes=(0, 1))
    if json.loads(found)["state"] not in ("real", "synthetic"):
        student.make("data", "DATASET=mnist", "SYNTHETIC=1")
    figures = student.workspace / "build" / "training.json"
    student.run([".venv/bin/python", "hw0/simple_ml.py", "--json", str(figures)])
    errors: dict[str, Any] = json.loads(figures.read_text())
    return errors
