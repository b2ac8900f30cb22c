"""A case runs on a seed, leaves no trace, and what came of it is told."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.errors import CaseError, ForeignModule
from grader.grading.cases import Case, case, load_cases, run_case


@case()
def uniform(rng: np.random.Generator) -> Any:
    return {"drawn": rng.uniform(size=3), "global": np.random.rand(2)}


@case()
def fails(rng: np.random.Generator) -> Any:
    rng.normal(size=2)
    np.random.seed(3)
    raise KeyError("no such layer")


class Lazy:
    """A tensor that computes, with a draw from the global generator, when its numbers are asked for."""

    def numpy(self) -> Any:
        return np.log(np.random.rand(3) * 0)


def global_state() -> tuple[Any, ...]:
    name, keys, *rest = np.random.get_state()
    return (name, keys.tolist(), *rest)


def test_a_seed_gives_the_same_value_and_inputs_whatever_was_drawn_before() -> None:
    first = run_case(uniform, 7)
    np.random.rand(100)
    again, other = run_case(uniform, 7), run_case(uniform, 8)
    assert [array.tolist() for array in first.arrays] == [array.tolist() for array in again.arrays]
    assert first.inputs == again.inputs != other.inputs
    assert first.arrays[1].tolist() != other.arrays[1].tolist()
    assert first.tree == {"dict": {"drawn": {"array": 0}, "global": {"array": 1}}}


def test_the_generator_that_a_case_gets_is_numpys_from_the_seed() -> None:
    outcome = run_case(uniform, 7)
    assert np.array_equal(outcome.arrays[0], np.random.default_rng(7).uniform(size=3))
    assert [array.tolist() for array in outcome.drawn] == [outcome.arrays[0].tolist()]


@pytest.mark.parametrize("which", [uniform, fails])
def test_numpys_global_generator_is_restored_also_after_an_exception(which: Case) -> None:
    np.random.seed(11)
    np.random.standard_normal()  # leaves half of a pair behind
    before = global_state()
    run_case(which, 3)
    assert global_state() == before


def test_numpys_global_generator_is_restored_when_python_is_told_to_stop() -> None:
    def stops(rng: np.random.Generator) -> None:
        np.random.rand()
        raise KeyboardInterrupt

    before = global_state()
    with pytest.raises(KeyboardInterrupt):
        run_case(Case(stops), 3)
    assert global_state() == before


def test_a_case_that_raises_is_told_by_its_type_and_its_draws_so_far() -> None:
    outcome = run_case(fails, 7)
    assert (outcome.raised, outcome.message, outcome.arrays) == ("KeyError", "'no such layer'", [])
    assert isinstance(outcome.error, KeyError)
    assert len(outcome.drawn) == 1
    assert outcome.inputs


def test_a_value_that_cannot_be_sent_counts_as_raised_and_names_the_leaf() -> None:
    outcome = run_case(Case(lambda rng: {"loss": {1, 2}}), 7)
    assert outcome.raised == "CaseError"
    assert outcome.message.startswith("<lambda>['loss']: found set, which can't be sent")


def test_a_lazy_tensor_is_computed_with_the_seed_and_without_a_warning() -> None:
    first, again = (run_case(Case(lambda rng: Lazy()), 7) for _ in range(2))
    assert first.raised == ""
    assert np.array_equal(first.arrays[0], again.arrays[0])


def test_a_foreign_module_is_no_outcome_of_a_case_but_stops_everything() -> None:
    def imports(rng: np.random.Generator) -> None:
        raise ForeignModule("needle was imported from elsewhere")

    before = global_state()
    with pytest.raises(ForeignModule):
        run_case(Case(imports), 7)
    assert global_state() == before


def test_the_defaults_are_the_courses_tolerances_and_512_seeds() -> None:
    assert (uniform.rtol, uniform.atol, uniform.seeds, uniform.name) == (1e-4, 1e-6, 512, "uniform")
    assert uniform.rules() == {"rtol": 1e-4, "atol": 1e-6, "figure": "", "at_most": None, "at_least": None}


@pytest.mark.parametrize(
    "options",
    [
        {"figure": "error_rate"},
        {"figure": "accuracy", "at_least": 0.9},
        {"at_most": 0.1},
        {"at_least": 0.0},
        {"figure": "error_rate", "at_most": float("nan")},
        {"figure": "error_rate", "at_most": float("inf")},
        {"figure": "error_rate", "at_most": 0.1, "at_least": 0.2},
        {"rtol": -1e-4},
        {"rtol": float("nan")},
        {"atol": float("inf")},
        {"atol": -1.0},
        {"seeds": 0},
    ],
)
def test_a_case_that_could_not_be_judged_is_refused_where_it_is_defined(options: dict[str, Any]) -> None:
    with pytest.raises(CaseError, match=r"^case: .*Expected "):
        case(**options)


@pytest.mark.parametrize("bounds", [{"at_most": 0.0}, {"at_least": 0.5}, {"at_most": 0.2, "at_least": 0.2}])
def test_a_figure_with_its_bounds_is_accepted_also_when_a_bound_is_zero(bounds: dict[str, float]) -> None:
    made = case(figure="error_rate", **bounds)(uniform.function)
    assert {name: made.rules()[name] for name in bounds} == bounds


def test_cases_are_loaded_by_name_in_the_order_of_their_file(tmp_path: Path) -> None:
    path = tmp_path / "loss.py"
    path.write_text(
        "from grader import case\n"
        "def plain(rng): return 1\n"
        "@case()\ndef zebra(rng): return 1\n"
        "@case(rtol=0.5, seeds=3)\ndef apple(rng): return 2\n"
    )
    found = load_cases(path)
    assert list(found) == ["zebra", "apple"]
    assert (found["apple"].rtol, found["apple"].seeds) == (0.5, 3)
