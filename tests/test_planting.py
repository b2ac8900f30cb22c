"""Every planted mistake, and every other style, still finds the text that it takes the place of."""

import pytest
from planting import read_variants
from shared_course import ROOT

from grader.course.policy import Course


@pytest.mark.parametrize("folder", ["mutants", "styles"])
def test_the_text_of_each_variant_stands_once_in_the_reference(folder: str) -> None:
    course = Course(ROOT)
    lost = []
    for assignment in course.assignments:
        for variant in read_variants(ROOT / "tests" / folder, assignment):
            found = course.source_of(variant.file).read_text(encoding="utf-8").count(variant.find)
            if found != 1:
                lost.append(f"{variant.homework}, {variant.name}: {found} times in {variant.file}")
    assert lost == []
