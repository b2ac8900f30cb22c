"""Each question's solution, for those who go on without it: the bodies, and what they use that stubs lack."""

from pathlib import Path, PurePosixPath

from grader.course.assignment import Assignment, Question
from grader.course.policy import Course
from grader.course.solution import Solution
from grader.release.stubbing.cpp_solutions import CppSolutions
from grader.release.stubbing.python_solutions import PythonSolutions


def solutions(course: Course, assignment: Assignment, stubs: Path) -> dict[str, Solution]:
    """Return the solution of each question; `stubs` is a workspace as it is released."""
    symbols = [symbol for question in assignment.questions for symbol in assignment.symbols(question)]
    readers: dict[str, PythonSolutions | CppSolutions] = {}
    for path in dict.fromkeys(symbol.file for symbol in symbols):
        reference = course.source_of(path).read_text(encoding="utf-8")
        if path.endswith(".py"):
            readers[path] = PythonSolutions(reference, (stubs / path).read_text(encoding="utf-8"))
        else:
            names = [symbol.name for symbol in symbols if symbol.file == path]
            omitted = map(assignment.symbol, assignment.definition.omit)
            omit = [symbol.name for symbol in omitted if symbol.file == path]
            readers[path] = CppSolutions(reference, names, omit, PurePosixPath(path).suffix)
    return {question.id: _solution(assignment, question, readers) for question in assignment.questions}


def _solution(
    assignment: Assignment, question: Question, readers: dict[str, PythonSolutions | CppSolutions]
) -> Solution:
    names: dict[str, list[str]] = {}
    for symbol in assignment.symbols(question):
        names.setdefault(symbol.file, []).append(symbol.name)
    return Solution(files={path: readers[path].of(wanted) for path, wanted in names.items()})
