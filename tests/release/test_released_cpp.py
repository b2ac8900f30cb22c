"""C++ and CUDA files of a release, read with clang and not with the tool's own eyes."""

import re

from cpp_readings import cpp_bodies
from release_readings import CPP, Reading, readings

from grader.course.policy import Course


def without_bodies(reading: Reading, source: str) -> list[str]:
    """Return the lines of a file in which each symbol's body is {}, without blank ones."""
    places = cpp_bodies(source, reading.cuda)
    bodies = sorted((place for name in reading.questions for place in places[name]), reverse=True)
    for _, start, end in bodies:
        source = f"{source[:start]}{{}}{source[end:]}"
    return [line for line in source.splitlines() if line.strip()]


def test_each_cpp_symbol_is_a_stub_with_its_signature(any_course: Course) -> None:
    for reading in readings(any_course, CPP):
        before, after = (cpp_bodies(text, reading.cuda) for text in (reading.solved, reading.released))
        for name, marker in reading.questions.items():
            assert len(before[name]) == len(after[name]) > 0
            for old, new in zip(before[name], after[name], strict=True):
                signature = reading.released[new[0] : new[1]]
                assert signature == reading.solved[old[0] : old[1]]
                on_device = re.search(r"__global__|__device__", signature)
                stub = "{}" if on_device else f'{{ throw std::logic_error("{marker}"); }}'
                assert " ".join(reading.released[new[1] : new[2]].split()) == stub


def test_nothing_else_of_a_cpp_file_differs_but_what_only_the_solution_used(any_course: Course) -> None:
    for reading in readings(any_course, CPP):
        before, after = (without_bodies(reading, text) for text in (reading.solved, reading.released))
        assert "#include <stdexcept>" in after
        left = iter(before)
        given = [line for line in after if line != "#include <stdexcept>" or line in before]
        assert all(line in left for line in given)  # consumes: the order must be the same, too
        kept = cpp_bodies(reading.released, reading.cuda)
        code = re.sub(r"//.*", "", reading.released)
        for name in cpp_bodies(reading.solved, reading.cuda).keys() - kept.keys():
            assert not re.search(rf"\b{name.rpartition('::')[2]}\b", code)
