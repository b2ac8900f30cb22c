"""The proposal says what the project is about, before there is one."""

from grader.project.checked import CheckedProject
from grader.project.inside import require

FEWEST = 15  # words of each section


def test_each_section_of_the_proposal_is_written(project: CheckedProject) -> None:
    require(project.text_problem("proposal.md", FEWEST))
