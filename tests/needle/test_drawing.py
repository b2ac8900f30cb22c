"""Pictures of graphs: the DOT text, the same each time, and SVG through a `dot` program."""

import re
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest

from needle import Tensor, autograd, draw, ops
from needle.errors import FileFormatError, ProgramError


def small_graph() -> Tensor:
    x = Tensor(np.ones((2, 3), dtype="float32"))
    fixed = Tensor(np.ones((2, 3), dtype="float32"), requires_grad=False)
    return ((x + fixed) * x).sum(1)


def nodes(text: str) -> dict[str, str]:
    return dict(re.findall(r"^  (n\d+) \[(.*)\];$", text, re.MULTILINE))


def arrows(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^  (n\d+) -> (n\d+);$", text, re.MULTILINE)


def test_the_whole_text_of_a_small_graph() -> None:
    assert draw(small_graph()) == (
        "digraph needle {\n"
        "  rankdir=TB;\n"
        '  n0 [shape=box, style=bold, label="Summation\\naxes=1\\n(2,) float32\\nrequires grad"];\n'
        '  n1 [shape=box, style=bold, label="EWiseMul\\n(2, 3) float32\\nrequires grad"];\n'
        '  n2 [shape=box, style=bold, label="EWiseAdd\\n(2, 3) float32\\nrequires grad"];\n'
        '  n3 [shape=ellipse, style=bold, label="(2, 3) float32\\nrequires grad"];\n'
        '  n4 [shape=ellipse, style=solid, label="(2, 3) float32"];\n'
        "  n1 -> n0;\n"
        "  n2 -> n1;\n"
        "  n3 -> n1;\n"
        "  n3 -> n2;\n"
        "  n4 -> n2;\n"
        "}\n"
    )


def test_equal_graphs_have_equal_texts() -> None:
    assert draw(small_graph()) == draw(small_graph())


def test_a_shared_value_is_drawn_once_with_an_arrow_for_each_use() -> None:
    x = Tensor([1.0])
    text = draw(x * x)
    assert len(nodes(text)) == 2
    assert arrows(text) == [("n1", "n0"), ("n1", "n0")]


def test_a_leaf_alone_and_a_tuple_are_drawn() -> None:
    assert len(nodes(draw(Tensor(1.0)))) == 1
    assert "FusedAddScalars\\nc0=1.0\\nc1=2.0\\n2 tensors" in draw(
        ops.fused_add_scalars(Tensor([1.0]), 1.0, 2.0)
    )


def test_long_settings_are_shortened_and_quotes_and_new_lines_escaped() -> None:
    class Odd(ops.Negate):
        def __init__(self) -> None:
            self.name = 'a "quoted"\\ name'
            self.index = np.arange(100).reshape(10, 10)

    label = nodes(draw(Odd()(Tensor([1.0]))))["n0"]
    assert '\\"quoted\\"\\\\\\\\ name' in label
    assert len(label) < 200


def test_drawing_a_lazy_graph_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autograd, "LAZY_MODE", True)
    x = Tensor([1.0]) * 2
    assert "MulScalar\\nscalar=2\\nnot computed yet" in draw(x)
    assert x.cached_data is None


def test_a_chain_deeper_than_pythons_stack_is_drawn() -> None:
    value = Tensor([1.0])
    for _ in range(5_000):
        value = value + 1.0
    assert len(nodes(draw(value))) == 5_001


def test_a_dot_file_holds_the_text(tmp_path: Path) -> None:
    text = draw(small_graph(), tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text() == text


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        FileFormatError, match=r"draw: .*graph\.png ends in '\.png'\. Expected \.dot or \.svg"
    ):
        draw(small_graph(), tmp_path / "graph.png")
    assert list(tmp_path.iterdir()) == []


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called `dot` before all others."""
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_an_svg_file_is_what_the_dot_program_makes_of_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, 'echo "<svg $1>"; cat', monkeypatch)
    text = draw(small_graph(), str(tmp_path / "graph.svg"))
    assert (tmp_path / "graph.svg").read_text() == f"<svg -Tsvg>\n{text}"


def test_a_missing_dot_program_is_named_with_the_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramError, match=r"no program `dot` was found.*or write a \.dot file") as caught:
        draw(small_graph(), tmp_path / "graph.svg")
    assert isinstance(caught.value, RuntimeError)
    assert list(tmp_path.iterdir()) == []


def test_what_a_failing_dot_program_says_is_repeated_and_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, "echo out of ink >&2; exit 3", monkeypatch)
    with pytest.raises(ProgramError, match="`dot` failed: out of ink"):
        draw(small_graph(), tmp_path / "graph.svg")
    assert not (tmp_path / "graph.svg").exists()


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_itself_takes_the_text(tmp_path: Path) -> None:
    draw(small_graph(), tmp_path / "graph.svg")
    assert "EWiseMul" in (tmp_path / "graph.svg").read_text()
