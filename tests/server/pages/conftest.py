"""A class of twelve in full swing, and people of it who look at its pages."""

from collections.abc import Iterator

import pytest
from browsing import Browser, class_in_full_swing, student_of
from running_server import Running


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with class_in_full_swing(tmp_path_factory.mktemp("class"), 12) as running:
        yield running


@pytest.fixture(scope="module")
def instructor(course: Running) -> Browser:
    return Browser(course, course.instructor)


@pytest.fixture(scope="module")
def student(course: Running) -> Browser:
    return student_of(course, 1)
