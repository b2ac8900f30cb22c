"""What README and the guides say exists: every link, `make` target and `grader` command that they name."""

import ast
import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from grader.cli import main

ROOT = Path(__file__).resolve().parents[1]
DOCS = [
    *(ROOT / name for name in ("README.md", "workspace/README.md", "workspace/AGENTS.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "assignments").glob("*/README.md")),
]

by_name = pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))


def code_of(page: Path) -> str:
    """Return what stands in code: commands in running text could be ordinary words."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^ *```.*?\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return "\n".join(
        fenced + re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M))
    )


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def targets_of(makefile: Path) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile.read_text(encoding="utf-8"), re.MULTILINE))


@by_name
def test_every_link_of_a_page_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors_of(target), f"{page.name}: {link}"


@by_name
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    students = targets_of(ROOT / "workspace" / "Makefile")
    known = students | (set() if page.parent.parent.name == "assignments" else targets_of(ROOT / "Makefile"))
    named = set(re.findall(r"(?:^|&& ) *make ([a-z][a-z-]*)\b", code_of(page), re.MULTILINE))
    assert named <= known, f"{page.name}: {sorted(named - known)}"


ACTING = (
    "roster",
    "invite",
    "project",
    "key",
    "leaderboard",
    "certificate",
)  # commands with actions of their own


@by_name
def test_every_grader_command_and_option_that_a_page_names_exists(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in re.findall(r"(?:^|/)grader ([a-z]+[^#`\n]*)", code_of(page), re.MULTILINE):
        command, *rest = line.split()
        actions = [word for word in rest[:1] if command in ACTING and word.isalpha()]
        with pytest.raises(SystemExit) as ended:
            main([command, *actions, "--help"])
        said = capsys.readouterr()
        assert ended.value.code == 0, f"{page.name}: grader {line}: {said.err}"
        for option in re.findall(r"--[a-z-]+", line):
            assert option in said.out, f"{page.name}: grader {line}"


def blocks_of(page: Path, language: str) -> list[str]:
    pattern = rf"^ *```{language}\n(.*?)^ *```"
    return [dedent(block) for block in re.findall(pattern, page.read_text(encoding="utf-8"), re.S | re.M)]


@by_name
def test_every_piece_of_python_and_yaml_in_a_page_can_be_read(page: Path) -> None:
    for block in blocks_of(page, "yaml"):
        assert yaml.safe_load(block), block
    for block in blocks_of(page, "python"):
        signature = re.match(r"def \w+\(.*\)[^:\n]*$", block, re.MULTILINE)  # a handout's, with no body
        assert signature or ast.parse(block), block


def test_the_guides_example_of_a_mistake_is_a_mistake_in_the_guides_example_of_a_solution() -> None:
    guide = ROOT / "docs" / "instructor-guide.md"
    [solution, *_] = blocks_of(guide, "python")
    [_, [question], [mutant]] = [yaml.safe_load(block) for block in blocks_of(guide, "yaml")]
    [name] = question["implement"]
    assert f"def {name.rpartition('.')[2]}(" in solution
    assert mutant["question"] == question["id"]
    assert solution.count(mutant["find"].strip()) == 1
    assert mutant["replace"] != mutant["find"]


def test_the_guides_name_enough_commands_for_these_tests_to_mean_something() -> None:
    code = "\n".join(map(code_of, DOCS))
    assert len(set(re.findall(r"^make ([a-z]+)\b", code, re.MULTILINE))) > 15
    assert len(set(re.findall(r"(?:^|/)grader ([a-z]+)\b", code, re.MULTILINE))) > 3
