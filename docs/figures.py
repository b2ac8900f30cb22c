"""Draw the handouts' figures as SVG: `python docs/figures.py` writes them all anew."""

from pathlib import Path

import array_figures
from svg import BACKWARD, FORWARD, INK, arrow, cells, svg, text

ASSIGNMENTS = Path(__file__).resolve().parent.parent / "assignments"


def node(x: float, y: float, name: str, value: str, gradient: str) -> str:
    """Draw a value of the graph around a point: its name, its value and its gradient."""
    box = f'<rect x="{x - 66}" y="{y - 34}" width="132" height="68" rx="10" fill="#f6f6f2" stroke="{INK}"/>'
    lines = [text(x, y - 13, name), text(x, y + 7, value, FORWARD), text(x, y + 26, gradient, BACKWARD)]
    return "\n".join([box, *lines])


def diamond() -> str:
    """Draw y = (a + 1)(5 a) at a = 2, with what goes forward and what comes back."""
    return svg(
        720,
        300,
        arrow(150, 118, 264, 78, FORWARD),
        arrow(270, 104, 152, 146, BACKWARD),
        text(222, 144, "10 · 1", BACKWARD, "start"),
        arrow(150, 182, 264, 222, FORWARD),
        arrow(270, 196, 152, 160, BACKWARD),
        text(222, 170, "3 · 5", BACKWARD, "start"),
        arrow(406, 78, 560, 118, FORWARD),
        arrow(558, 144, 408, 104, BACKWARD),
        text(452, 144, "1 · c = 10", BACKWARD),
        arrow(406, 222, 560, 182, FORWARD),
        arrow(558, 158, 408, 196, BACKWARD),
        text(452, 172, "1 · b = 3", BACKWARD),
        node(84, 150, "a", "2", "10 + 15 = 25"),
        node(338, 72, "b = a + 1", "3", "10"),
        node(338, 228, "c = 5 a", "10", "3"),
        node(628, 150, "y = b c", "30", "1"),
        text(20, 286, "values, computed forward", FORWARD, "start"),
        text(700, 286, "gradients, coming back", BACKWARD, "end"),
    )


def broadcast() -> str:
    """Draw how a row is repeated on the way forward, and how what comes back to its copies is added."""
    return svg(
        640,
        190,
        text(86, 30, "a, shape (3,)"),
        cells(20, 76, [["1", "2", "3"]], FORWARD),
        arrow(166, 80, 244, 80, FORWARD),
        text(205, 68, "repeat", FORWARD),
        arrow(244, 108, 166, 108, BACKWARD),
        text(205, 132, "add up", BACKWARD),
        text(86, 136, "1 + 10, 2 + 20, 4 + 40", BACKWARD),
        text(320, 30, "out, shape (2, 3)"),
        cells(254, 58, [["1", "2", "3"], ["1", "2", "3"]], FORWARD),
        text(536, 30, "out_grad, shape (2, 3)"),
        cells(470, 58, [["1", "2", "4"], ["10", "20", "40"]], BACKWARD),
        arrow(464, 92, 396, 92, BACKWARD),
        text(320, 168, "each copy of a number has its own part in the loss; the number itself has their sum"),
    )


def module(x: float, y: float, name: str) -> str:
    """Draw a module around a point."""
    box = f'<rect x="{x - 46}" y="{y - 20}" width="92" height="40" rx="8" fill="#f6f6f2" stroke="{INK}"/>'
    return "\n".join([box, text(x, y + 5, name)])


def block() -> str:
    """Draw a residual block: six modules in a row, the way around them, and a ReLU."""
    names = ["Linear", "norm", "ReLU", "Dropout", "Linear", "norm"]
    centres = [110 + 108 * at for at in range(len(names))]
    between = [arrow(x + 46, 110, x + 60, 110, FORWARD) for x in centres]
    around = f'<path d="M42 104 V40 H732 V94" fill="none" stroke="{FORWARD}" stroke-width="1.5"/>'
    sum_sign = f'<circle cx="732" cy="110" r="14" fill="#f6f6f2" stroke="{INK}"/>'
    widths = [text(43, 146, "dim"), text(377, 146, "hidden_dim"), text(685, 146, "dim")]
    return svg(
        880,
        170,
        text(30, 115, "x"),
        arrow(40, 110, 62, 110, FORWARD),
        around,
        text(387, 30, "Residual: what goes in is added to what comes out", FORWARD),
        *(module(x, 110, name) for x, name in zip(centres, names, strict=True)),
        *between[:-1],
        arrow(696, 110, 717, 110, FORWARD),
        sum_sign,
        text(732, 115, "+"),
        arrow(747, 110, 772, 110, FORWARD),
        module(820, 110, "ReLU"),
        *widths,
    )


def main() -> None:
    pictures = {
        "hw1/diamond.svg": diamond(),
        "hw1/broadcast.svg": broadcast(),
        "hw2/block.svg": block(),
        **{f"hw3/{name}.svg": draw() for name, draw in array_figures.FIGURES.items()},
    }
    for name, picture in pictures.items():
        (ASSIGNMENTS / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
