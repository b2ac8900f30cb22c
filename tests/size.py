"""`make size`: lines per module and the longest functions, so that what grows is seen."""

import ast
import subprocess
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
MODULE_LIMIT, FUNCTION_LIMIT = (
    400,
    40,
)  # lines; above, a module has two subjects, a function leaves the screen
LONGEST = 12  # functions shown


def main() -> None:
    command = ["git", "ls-files", "*.py", "*.cpp", "*.cc", "*.cu", "*.h"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    files = [Path(name) for name in listed.stdout.split() if not name.startswith("starter/")]
    lines = {file: (ROOT / file).read_text().count("\n") for file in files if (ROOT / file).exists()}
    console = Console()
    console.print(_folders(lines))
    console.print(_rows("module", {str(file): count for file, count in lines.items()}, MODULE_LIMIT, LONGEST))
    functions = _functions([file for file in lines if file.suffix == ".py"])
    console.print(_rows("function", functions, FUNCTION_LIMIT, LONGEST))


def _folders(lines: dict[Path, int]) -> Table:
    table = Table("folder", "files", "lines", "median")
    for folder in sorted({file.parent for file in lines}):
        counts = sorted(count for file, count in lines.items() if file.parent == folder)
        table.add_row(str(folder), str(len(counts)), str(sum(counts)), str(counts[len(counts) // 2]))
    table.add_section()
    table.add_row("all", str(len(lines)), str(sum(lines.values())), "")
    return table


def _functions(files: list[Path]) -> dict[str, int]:
    found = {}
    for file in files:
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno
                found[f"{file}:{node.lineno} {node.name}"] = node.end_lineno - node.lineno + 1
    return found


def _rows(what: str, lengths: dict[str, int], limit: int, most: int) -> Table:
    table = Table(f"longest {what}s", "lines")
    for name, length in sorted(lengths.items(), key=lambda item: -item[1])[:most]:
        table.add_row(name, f"[red]{length}[/]" if length > limit else str(length))
    return table


if __name__ == "__main__":
    main()
