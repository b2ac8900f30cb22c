"""Run questions several at a time; each result is waited for in its turn."""

import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.course.assignment import Question
from grader.local.questions import GROUP, Tested, cores, run_question
from grader.local.results import QuestionResult

_POLL = 0.02  # seconds


class RunningQuestions:
    """The processes of all questions asked for: as many at a time as there are cores, in their order."""

    def __init__(self, tested: Tested, questions: Sequence[Question]):
        at_once = max(1, min(cores(), len(questions)))
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._threads = ThreadPoolExecutor(at_once)
        self._results = {
            question.id: self._threads.submit(
                run_question, tested, question, Path(self._folder.name), at_once=at_once
            )
            for question in questions
        }

    def result(self, question: Question) -> QuestionResult:
        """Wait for a question, and return what came of it."""
        return self._results[question.id].result()

    def stop(self) -> None:
        """End what still runs, and begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        while any(not future.done() for future in self._results.values()):
            self._end_processes()
            time.sleep(_POLL)
        self._folder.cleanup()

    def _end_processes(self) -> None:
        for noted in Path(self._folder.name).glob(f"*/{GROUP}"):
            with contextlib.suppress(OSError, ValueError):  # ended meanwhile, or not written yet
                os.killpg(int(noted.read_text()), signal.SIGKILL)
