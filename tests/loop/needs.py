"""Ask what each case needs of a homework's solution: `python needs.py WORKSPACE HOMEWORK`.

Prints, as JSON, the cases that pass although what they grade is missing, what a student implements and no
case needs, and the cases that need what their question's `requires:` does not lead to.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from replacing import fails_without, targets

from grader.course.assignment import Assignment, load_assignment
from grader.grading.cases import Case, load_cases
from grader.running.importing import enter


class Needs:
    def __init__(self, workspace: Path, assignment: Assignment):
        questions = assignment.questions
        self.cases = {one.id: list(load_cases(assignment.case_file(one)).values()) for one in questions}
        self.targets = {one.id: list(targets(workspace, assignment, one)) for one in questions}
        self.requires = {one.id: one.requires for one in questions}

    def passing_without_work(self) -> Iterator[str]:
        """Yield the cases that pass while nothing of their question is there."""
        for question, case in self._all_cases():
            own = self.targets[question]
            if own and not fails_without(own, case):
                yield f"{question}/{case.name}"

    def ungraded(self) -> Iterator[str]:
        """Yield what a student implements, and no case of its question needs."""
        for question, own in self.targets.items():
            for target in own:
                if not any(fails_without([target], case) for case in self.cases[question]):
                    yield str(target)

    def unnamed(self) -> Iterator[str]:
        """Yield the cases that need another question's solution, which theirs does not require."""
        for question, case in self._all_cases():
            named = self._closure(question)
            others = [target for name, own in self.targets.items() if name not in named for target in own]
            if fails_without(others, case):
                found = [str(target) for target in others if fails_without([target], case)]
                yield f"{question}/{case.name} needs {', '.join(found) or 'one of several others'}"

    def _all_cases(self) -> Iterator[tuple[str, Case]]:
        yield from ((question, case) for question, cases in self.cases.items() for case in cases)

    def _closure(self, question: str) -> set[str]:
        return {question}.union(*(self._closure(need) for need in self.requires[question]))


def main(root: str, homework: str) -> None:
    workspace = Path(root)
    assignment = load_assignment(workspace / "assignments" / homework)
    enter(workspace, assignment)
    needs = Needs(workspace, assignment)
    print(
        json.dumps(
            {
                "passing without work": list(needs.passing_without_work()),
                "ungraded": list(needs.ungraded()),
                "unnamed": list(needs.unnamed()),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
