"""The report says what came of it: project/report.md, or project/report.pdf in its place."""

from grader.project.checked import CheckedProject
from grader.project.inside import require

FEWEST = 15  # words of each section of report.md


def test_each_section_of_the_report_is_written(project: CheckedProject) -> None:
    require(project.report_problem(FEWEST))
