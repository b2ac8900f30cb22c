"""What was written in hw1 for NumPy runs unchanged on needle's own arrays: solutions in three styles.

On NumPy's arrays tests/styles runs them.
"""

import shutil
from pathlib import Path

import pytest
import yaml
from run_again import run_again

ROOT = Path(__file__).resolve().parents[2]
STYLES = ROOT / "tests" / "styles"

SOLUTIONS = {
    "formulas": [
        "power_by_logarithms",
        "quotient_by_the_reciprocal",
        "transpose_by_an_order",
        "reshape_a_copy",
        "broadcast_by_a_sum",
        "relu_by_a_mask",
        "product_turned_around",
        "exp_again",
        "log_by_a_power",
        "sort_with_iterators",
        "loss_by_probabilities",
    ],
    "step by step": [
        "sum_axis_by_axis",
        "relu_by_a_choice",
        "quotient_by_powers",
        "broadcast_axis_by_axis",
        "sum_times_ones",
        "mask_of_the_outcome",
        "gradients_by_counting_users",
        "new_weights_each_step",
    ],
    "squares and signs": [
        "powers_by_quotients",
        "quotient_by_squares",
        "sum_by_a_list_of_lengths",
        "mask_by_sign",
        "loss_with_the_maximum_subtracted",
    ],
}


def variants() -> dict[str, dict]:
    """Return the parts of hw1's solutions in other styles, by name."""
    files = sorted(STYLES.glob("hw1.*.yaml"))
    return {one["name"]: one for file in files for one in yaml.safe_load(file.read_text(encoding="utf-8"))}


def write_solution(folder: Path, names: list[str]) -> None:
    """Copy the reference, with some parts in another style."""
    for part in ("needle", "apps"):
        shutil.copytree(
            ROOT / "reference" / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    known = variants()
    for name in names:
        file = folder / known[name]["file"]
        text = file.read_text(encoding="utf-8")
        assert text.count(known[name]["find"]) == 1
        file.write_text(text.replace(known[name]["find"], known[name]["replace"]), encoding="utf-8")


@pytest.mark.parametrize("solution", SOLUTIONS)
def test_a_solution_of_hw1_computes_the_same_on_needles_own_arrays(solution: str, tmp_path: Path) -> None:
    write_solution(tmp_path, SOLUTIONS[solution])
    path = f"pythonpath=tests {tmp_path} {tmp_path / 'apps'} build/lib"
    tests = [ROOT / "tests" / "needle" / f"test_{name}.py" for name in ("ops", "autograd", "mlp_resnet")]
    chosen = "values_are_numpys or derivatives or gradient or two_layer"
    run_again(tests, "-o", path, "-k", chosen, NEEDLE_BACKEND="nd", NEEDLE_TEST_EXAMPLES="4")
