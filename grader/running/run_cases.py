"""Run a question's cases on a workspace's code, each question in a process of its own with a time limit."""

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.course.assignment import Assignment, Question
from grader.errors import CaseError, ForeignModule
from grader.grading.cases import Outcome
from grader.grading.verdicts import Rules
from grader.grading.wire import Blob
from grader.running import process
from grader.running.case_process import CASES, FOREIGN, START
from grader.running.importing import sources
from grader.running.process import Finished

Seeds = dict[str, list[int]]  # of a question's cases, by name
Outcomes = dict[str, dict[int, Outcome]]
TIMED_OUT = "TimedOut"  # stands for an error's type
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Job:
    """The cases of one question, and the code to run them on."""

    workspace: Path
    assignment: Assignment
    question: Question
    keep_draws: bool = False  # for the checks before publishing
    threads: int | None = None
    blas: str | None = None  # the processor whose kernels OpenBLAS takes, in place of this one's
    time_limit: float | None = None  # seconds for all seeds together; by default the question's


@dataclass(frozen=True)
class CaseInfo:
    """What is known of a case without running it."""

    seeds: int  # how many a pool holds
    rules: Rules


def cases_of(job: Job) -> dict[str, CaseInfo]:
    """Return a question's cases by name. Raises: CaseError when their file doesn't import, or holds none."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        finished = _run_process(job, None, out)
        if not (out / CASES).exists():
            raise CaseError(f"{job.assignment.case_file(job.question)}: {_last_line(finished)}")
        found = json.loads((out / CASES).read_text())
    if not found:
        raise CaseError(
            f"{job.assignment.case_file(job.question)}: found no case. Expected functions under @case()."
        )
    return {name: CaseInfo(**said) for name, said in found.items()}


def run_question(job: Job, seeds: Seeds) -> Outcomes:
    """Return what came of each case on each of its seeds.

    A case that crashes or hangs the process is marked so, and the cases after it run in a new process.
    Raises: ForeignModule when the code under test is not the workspace's.
    """
    outcomes: Outcomes = {}
    while left := {name: drawn for name, drawn in seeds.items() if name not in outcomes}:
        with tempfile.TemporaryDirectory() as folder:
            finished = _run_process(job, left, Path(folder))
            done = [name for name in left if Path(folder, f"{name}.blob").exists()]
            outcomes |= {name: _read(Path(folder, f"{name}.blob")) for name in done}
        unfinished = next((name for name in left if name not in done), None)
        if unfinished is not None:
            outcomes[unfinished] = dict.fromkeys(left[unfinished], _broken(job, finished))
    return outcomes


def _run_process(job: Job, seeds: Seeds | None, out: Path) -> Finished:
    (out / "job.json").write_text(json.dumps(_described(job, seeds)))
    finished = process.run_python(
        START,
        [str(out / "job.json")],
        imports=["grader.running.case_process"],
        sources=sources(job.workspace.resolve(), job.assignment),
        cwd=job.workspace,
        env=_environment(job),
        time_limit=_limit(job),
    )
    if (out / FOREIGN).exists():
        raise ForeignModule((out / FOREIGN).read_text())
    return finished


def _broken(job: Job, finished: Finished) -> Outcome:
    """Return what a case is marked with that took its process down."""
    if finished.timed_out:
        return Outcome(raised=TIMED_OUT, message=f"stopped after {_limit(job):g} seconds")
    how = f"by {finished.signal_name}" if finished.signal_name else f"with {finished.returncode}"
    return Outcome(raised="Crashed", message=f"the process ended {how}: {_last_line(finished)}")


def _limit(job: Job) -> float:
    return job.time_limit or job.question.time_limit


def _last_line(finished: Finished) -> str:
    return (finished.output.strip().splitlines() or ["no output"])[-1]


def _described(job: Job, seeds: Seeds | None) -> dict[str, object]:
    return {
        "workspace": str(job.workspace.resolve()),
        "definition": job.assignment.definition.model_dump_json(),
        "question": job.question.id,
        "seeds": seeds,
        "keep_draws": job.keep_draws,
    }


def _environment(job: Job) -> dict[str, str]:
    threads = dict.fromkeys(THREADS, str(job.threads)) if job.threads else {}
    kernels = {"OPENBLAS_CORETYPE": job.blas} if job.blas else {}
    return {**os.environ, **threads, **kernels}


def _read(path: Path) -> dict[int, Outcome]:
    blob = Blob(path.read_bytes())
    outcomes = {}
    for seed, said in blob.description.items():
        value = [blob[f"{seed}/value/{at}"] for at in range(said["arrays"])]
        drawn = [blob[f"{seed}/drawn/{at}"] for at in range(said["drawn"])]
        outcomes[int(seed)] = Outcome(
            said["tree"], value, said["raised"], said["message"], said["inputs"], said["devices"], drawn
        )
    return outcomes
