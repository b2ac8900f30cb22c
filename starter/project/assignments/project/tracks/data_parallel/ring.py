"""Workers as processes in a ring: each sends to the next one, and hears from the one before."""

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_CONTEXT = multiprocessing.get_context("spawn")  # a forked process may hang on its parent's threads


@dataclass
class Ring:
    """One worker's place."""

    rank: int
    count: int
    to_next: Any
    from_previous: Any
    sent_bytes: int = 0

    def exchange(self, array: np.ndarray) -> np.ndarray:
        """Send an array to the next worker while taking one from the worker before; return that one."""
        self.sent_bytes += array.nbytes
        sending = threading.Thread(target=self.to_next.send, args=(array,))
        sending.start()  # all send at once: a full pipe must not keep us from listening
        arrived: np.ndarray = self.from_previous.recv()
        sending.join()
        return arrived


def launch(work: Callable[..., Any], count: int, *arguments: Any) -> list[Any]:
    """Run work(ring, *arguments) in `count` processes, and return what each returned, by rank.

    `work` is a function at the top of a module. Raises: RuntimeError when a worker fails.
    """
    pipes = [_CONTEXT.Pipe(duplex=False) for _ in range(count)]  # the one from rank to rank + 1
    answers = [_CONTEXT.Pipe(duplex=False) for _ in range(count)]
    workers = []
    for rank in range(count):
        place = (rank, count, pipes[rank][1], pipes[rank - 1][0])
        given = (work, place, answers[rank][1], arguments)
        workers.append(_CONTEXT.Process(target=_begin, args=given, daemon=True))
        workers[-1].start()
        answers[rank][1].close()
    try:
        return [answer.recv() for answer, _ in answers]
    except EOFError:
        raise RuntimeError("A worker ended without a result; its own words stand above.") from None
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _begin(work: Callable[..., Any], place: tuple[Any, ...], answer: Any, arguments: tuple[Any, ...]) -> None:
    answer.send(work(Ring(*place), *arguments))
