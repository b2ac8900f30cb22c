"""Run an assignment's program in this process: `python -m grader.workspace.program_process PROGRAM ...`.

A function that is not written yet ends it with one sentence; any other error with the program's traceback.
"""

import runpy
import sys
import traceback
from pathlib import Path
from types import TracebackType


def main() -> None:
    """Be the program that is named first, as if Python had been given its file."""
    program = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path(program).parent)
    sys.excepthook = _explain
    runpy.run_path(program, run_name="__main__")


def _explain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say of a stub which question it is; show anything else as Python does, from the program on."""
    from grader.running.importing import stub_in  # here: a program that goes well does without

    stub = stub_in(error)
    if stub:
        print(_not_written(stub, trace), file=sys.stderr)
        return
    while trace and trace.tb_frame.f_code.co_filename != sys.argv[0]:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


def _not_written(stub: str, trace: TracebackType | None) -> str:
    assignment, _, question = stub.partition("/")
    last = traceback.extract_tb(trace)[-1]
    # a stub in C++ has no frame: the last one is its caller's
    where = f" ({_shown(last.filename)}:{last.lineno})" if stub in (last.line or "") else ""
    said = f"{_shown(sys.argv[0])}: it came to {question} of {assignment}, which is not written yet{where}"
    told = f"Write it, see `make test HW={assignment} Q={question}` pass, and run this again."
    return f"{said}. Expected your solution. {told}"


def _shown(file: str) -> str:
    path = Path(file)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else file


if __name__ == "__main__":
    main()
