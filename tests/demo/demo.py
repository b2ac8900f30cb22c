"""`make demo`: the whole course at work, from a release to a certificate.

Everything runs as its user would: the instructor's commands and the students' make targets, as subprocesses.

build/demo/summary.json holds the figures:
  students     [{name, homeworks: {hw0: {local: {question: [passed, total]}, score, expected,
               as_expected: whether the score is, and who solved all or nothing passes all or none}},
               local: {"hw0/question": [passed, total]}, score, expected}], both means over the homeworks
  as_expected  whether everything is
  training     {dataset, softmax_error, mlp_error: hw0's, homeworks: {hw0: what its program wrote}}
  ending       {project_accepted, verified_offline, verified_on_page, files: the complete student's
               certificate, refused: what the half-done one is told}
  seconds      of the whole demo
"""

import json
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

import yaml
from command import CommandFailed, Commands
from ending import end_course
from homeworks import HOMEWORKS, STUDENTS, Homework
from report import show, summarize
from rich.console import Console
from server import SEEDS, Instructor
from steps import Steps
from student import Student

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "demo"
AT_ONCE = 2  # students at work


def main() -> int:
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server ends as well
    console = Console()
    homeworks = _of_this_course()
    with ExitStack() as stack:  # it ends the commands first, then the server, then the threads
        pools = [stack.enter_context(ThreadPoolExecutor(count)) for count in (4, AT_ONCE)]
        commands = Commands()
        instructor = stack.enter_context(Instructor.open(ROOT, BUILD, commands))
        stack.enter_context(commands)
        steps = Steps(console)
        stack.enter_context(steps.shown())
        if BUILD.exists():
            steps("remove the last demo", lambda: shutil.rmtree(BUILD, ignore_errors=True))
        BUILD.mkdir(parents=True)
        students = [Student(name, BUILD / name, commands) for name in STUDENTS]
        _enrol(students, instructor, homeworks[0], pools[0], steps)
        training = _work_and_train(students, instructor, homeworks, pools[1], steps)
        ending = end_course(students, instructor, steps)
    summary = summarize(students, homeworks, training, ending, time.monotonic() - began)
    (BUILD / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    show(summary, console)
    return 0 if summary["as_expected"] else 1


def _of_this_course() -> list[Homework]:
    """Return the homeworks that the course holds.

    Raises: CommandFailed for one that the demo does not know.
    """
    course = [entry["id"] for entry in yaml.safe_load((ROOT / "course.yaml").read_text())["assignments"]]
    known = {homework.id: homework for homework in HOMEWORKS}
    unknown = [name for name in course if name not in known]
    if unknown:
        raise CommandFailed(
            f"course.yaml holds {', '.join(unknown)}. Expected it in tests/demo/homeworks.py."
        )
    return [known[name] for name in course]


def _enrol(
    students: list[Student], instructor: Instructor, first: Homework, pool: ThreadPoolExecutor, steps: Steps
) -> None:
    """Release, then publish and make the students' environments side by side: both mostly wait."""
    archive = steps("release the course", lambda: instructor.release(first.id))
    for student in students:
        student.unpack(archive)
    publish = f"start the server and publish the course: the reference runs on {SEEDS} seeds a case"
    waited = [pool.submit(steps, publish, instructor.serve)]
    for student in students:
        what = f"set up {student.name}'s environment"
        waited.append(pool.submit(steps, what, lambda one=student: one.make("setup")))
    for done in as_completed(waited):
        done.result()
    for student in students:
        key = instructor.enrol(student.name)
        steps(f"{student.name}: make login", lambda one=student, key=key: one.login(instructor.url, key))


def _work_and_train(
    students: list[Student],
    instructor: Instructor,
    homeworks: list[Homework],
    pool: ThreadPoolExecutor,
    steps: Steps,
) -> dict:
    """Send all through the course, and return what the complete one's trainings gave.

    Who has most to do begins first, so that none works alone for long.
    """
    *others, complete = students
    works = [pool.submit(_work, one, instructor, homeworks, steps) for one in (complete, *reversed(others))]
    works[0].result()
    training = pool.submit(_trained, complete, homeworks, steps)
    for work in works:
        work.result()
    return training.result()


def _work(student: Student, instructor: Instructor, homeworks: list[Homework], steps: Steps) -> None:
    """Go through the course as a student does: start a homework, solve what one solves, test, submit."""
    for homework in homeworks:
        name = homework.id
        if homework is not homeworks[0]:
            steps(f"{student.name}: make start HW={name}", lambda name=name: student.start(name))
        solved = homework.solved_by(student.name)
        if solved != ():
            student.adopt(name, instructor.solution(name, solved, BUILD / f"solution-{student.name}-{name}"))
        steps(f"{student.name}: make test HW={name}", lambda name=name: student.test(name))
        steps(f"{student.name}: make submit HW={name}", lambda name=name: student.submit(name))


def _trained(student: Student, homeworks: list[Homework], steps: Steps) -> dict:
    """Train every homework's models in a workspace, on real data where they lie, else on a stand-in."""
    os.environ["NEEDLE_DATA_DIR"] = str(Path(os.environ.get("NEEDLE_DATA_DIR", ROOT / "data")).resolve())
    return {
        homework.id: steps(
            f"{student.name}: make train HW={homework.id} EPOCHS={homework.epochs}",
            lambda one=homework: student.train(one.id, one.epochs),
        )
        for homework in homeworks
        if homework.epochs is not None
    }


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CommandFailed as error:  # its text says which command, and what it printed
        sys.exit(f"The demo stopped. {error}")
