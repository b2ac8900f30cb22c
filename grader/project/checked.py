"""The project as its checks see it: what is written, and what came of running it, each run once."""

import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.course.project import PROJECT, Project, ProjectDefinition
from grader.project.training import problem_with, read_losses
from grader.project.watched import Watched, import_problems, run_watched
from grader.project.writing import problem_with_pdf, problems_with_text

_SHOWN = 3  # failing tests that are named


@dataclass(frozen=True)
class CheckedProject:
    """A workspace and the project that it has to be. A problem is a sentence, empty where there is none."""

    workspace: Path
    project: Project
    build_problem: str = ""

    @property
    def definition(self) -> ProjectDefinition:
        return self.project.definition

    @property
    def folder(self) -> Path:
        return self.workspace / PROJECT

    def text_problem(self, name: str, fewest: int) -> str:
        """Return what a text lacks of its template, by sections with a fewest number of words."""
        if not (self.folder / name).is_file():
            return f"there is no {PROJECT}/{name}. Expected one with every section of the template."
        text = (self.folder / name).read_text(encoding="utf-8", errors="replace")
        template = (self.project.template / name).read_text(encoding="utf-8")
        return "\n".join(f"{PROJECT}/{name}: {said}" for said in problems_with_text(text, template, fewest))

    def report_problem(self, fewest: int) -> str:
        """Return what the report lacks: a PDF counts before the template's Markdown."""
        pdf = self.folder / "report.pdf"
        if not pdf.is_file():
            return self.text_problem("report.md", fewest)
        problem = problem_with_pdf(pdf.read_bytes())
        return f"{PROJECT}/report.pdf: {problem}" if problem else ""

    @cached_property
    def training(self) -> Watched:
        """What came of the train command."""
        command = [*self.definition.train, "--steps", str(self.definition.steps)]
        return run_watched(self.workspace, self.definition, command, self.definition.time_limit)

    @property
    def training_problem(self) -> str:
        shown = f"`python {' '.join(self.definition.train)} --steps {self.definition.steps}`"
        return f"{shown}: {self.training.ended_badly}" if self.training.ended_badly else ""

    @property
    def loss_problem(self) -> str:
        losses = read_losses(self.training.finished.output)
        return problem_with(losses, self.definition.steps, self.definition.lower_to)

    @property
    def own_tests(self) -> Watched:
        """What came of the project's own tests."""
        return self._own_tests[0]

    @property
    def own_tests_problem(self) -> str:
        return self._own_tests[1]

    @cached_property
    def _own_tests(self) -> tuple[Watched, str]:
        with tempfile.TemporaryDirectory() as folder:
            results, settings = Path(folder, "results.xml"), Path(folder, "pytest.ini")
            # without these, the settings of a folder around the workspace would count
            settings.write_text("[pytest]\n", encoding="utf-8")
            options = ["-q", "-p", "no:cacheprovider", f"--junitxml={results}", "-c", str(settings)]
            command = ["-m", "pytest", *options, "--rootdir", PROJECT, f"{PROJECT}/tests"]
            watched = run_watched(self.workspace, self.definition, command, self.definition.time_limit)
            return watched, _tests_problem(results, watched)

    def import_problem(self, run: Watched) -> str:
        """Return what one run imported that it should not, or did not that it should."""
        return "\n".join(import_problems(self.workspace, self.definition.library, [run]))


def _tests_problem(results: Path, watched: Watched) -> str:
    if not results.is_file():
        return f"`python -m pytest {PROJECT}/tests`: {watched.ended_badly or 'it wrote no results.'}"
    cases = list(ElementTree.parse(results).iter("testcase"))
    failing = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    passing = [case for case in cases if case not in failing and case.find("skipped") is None]
    if failing:
        shown = "\n".join(f"  {_named(case)}" for case in failing[:_SHOWN])
        return f"{len(failing)} of the {len(cases)} tests in {PROJECT}/tests fail:\n{shown}"
    if not passing:
        return f"no test in {PROJECT}/tests passes ({len(cases)} found). Expected one at least."
    return watched.ended_badly


def _named(case: ElementTree.Element) -> str:
    """Return a failing test's name and why: of a file that can't be read, the error's last line."""
    why = next((one for one in case if one.tag in ("failure", "error")), case)
    lines = why.get("message", "").strip().splitlines()
    if lines == ["collection failure"]:
        lines = [line[1:].strip() for line in (why.text or "").splitlines() if line.startswith("E ")][-1:]
    return f"{case.get('name', '')}: {lines[0][:200] if lines else 'it failed'}"
