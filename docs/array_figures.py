"""The figures of hw3's handout: views of memory, tiles, caches, and what the threads of a GPU do."""

from svg import (
    BACKWARD,
    CHOSEN,
    FORWARD,
    GROUND,
    INK,
    OTHER,
    arrow,
    box,
    cells,
    labelled,
    line,
    svg,
    text,
)


def strip(x: float, y: float, numbers: list[str], chosen: list[int], side: float = 44) -> str:
    """Draw memory as a row of numbered places, some of them marked."""
    drawn = [
        labelled(x + side * at, y, side, 34, number, CHOSEN if at in chosen else GROUND)
        for at, number in enumerate(numbers)
    ]
    return "\n".join(drawn)


def strides() -> str:
    """Draw which places of memory a part of a matrix shows."""
    matrix = [
        labelled(
            20 + 44 * j, 54 + 34 * i, 44, 34, str(4 * i + j), CHOSEN if i > 0 and j in (1, 2) else GROUND
        )
        for i in range(3)
        for j in range(4)
    ]
    return svg(
        720,
        330,
        text(108, 36, "a, 3 x 4: strides (4, 1), offset 0"),
        *matrix,
        text(440, 36, "b = a[1:3, 1:3]: shape (2, 2), strides (4, 1), offset 5", FORWARD),
        cells(396, 54, [["5", "6"], ["9", "10"]], FORWARD),
        text(440, 150, "b[i, j] lies at 5 + 4 i + 1 j", FORWARD),
        text(96, 252, "memory"),
        strip(130, 230, [str(place) for place in range(12)], [5, 6, 9, 10]),
        arrow(372, 298, 372, 268, FORWARD),
        text(372, 316, "offset 5", FORWARD),
        f'<path d="M372 228 q22 -34 44 -4" fill="none" stroke="{FORWARD}" stroke-width="1.5"/>',
        text(394, 196, "+1: a column on", FORWARD, "end"),
        f'<path d="M378 228 q82 -70 164 -4" fill="none" stroke="{BACKWARD}" stroke-width="1.5"/>',
        text(470, 182, "+4: a row on", BACKWARD, "start"),
    )


def repeated() -> str:
    """Draw how a stride of 0 shows one row of memory twice, and one element thrice."""
    return svg(
        760,
        210,
        text(190, 30, "row (3,) broadcast to (2, 3): strides (0, 1)"),
        cells(124, 46, [["7", "8", "9"], ["7", "8", "9"]], FORWARD),
        strip(124, 160, ["7", "8", "9"], [0, 1, 2]),
        *(arrow(146 + 44 * j, 116, 146 + 44 * j, 156, FORWARD) for j in range(3)),
        text(60, 182, "memory"),
        text(60, 90, "view"),
        text(560, 30, "column (2, 1) broadcast to (2, 3): strides (1, 0)"),
        *(labelled(494 + 44 * j, 46, 44, 34, "7", CHOSEN) for j in range(3)),
        *(labelled(494 + 44 * j, 80, 44, 34, "8", OTHER) for j in range(3)),
        labelled(516, 160, 44, 34, "7", CHOSEN),
        labelled(560, 160, 44, 34, "8", OTHER),
    )


def odometer() -> str:
    """Draw how an index counts, and how its place goes along."""
    rows = [("0, 0", "5", ""), ("0, 1", "6", "+1"), ("0, 2", "7", "+1"), ("1, 0", "9", "+1 - 3 + 4 = +2")]
    rows += [("1, 1", "10", "+1"), ("1, 2", "11", "+1")]
    drawn = []
    for k, (index, place, step) in enumerate(rows):
        y, color = 66 + 30 * k, BACKWARD if k == 3 else INK
        drawn += [text(60, y, str(k)), text(150, y, f"({index})", color), text(250, y, place, color)]
        drawn.append(text(310, y, step, color, "start"))
    return svg(
        720,
        260,
        *(text(x, 34, words, FORWARD) for x, words in ((60, "k"), (150, "index"), (250, "place"))),
        text(310, 34, "step", FORWARD, "start"),
        line(30, 44, 690, 44),
        *drawn,
        text(480, 96, "The last digit goes on by 1, the place", INK, "start"),
        text(480, 116, "by the last stride. Behind the last", INK, "start"),
        text(480, 136, "column it goes back to 0, and the", INK, "start"),
        text(480, 156, "digit before it goes on: a carry.", INK, "start"),
    )


def grid(x: float, y: float, rows: int, columns: int, side: float, marked: dict[tuple[int, int], str]) -> str:
    drawn = [
        box(x + side * j, y + side * i, side, side, marked.get((i, j), GROUND))
        for i in range(rows)
        for j in range(columns)
    ]
    return "\n".join(drawn)


def tiles() -> str:
    """Draw which tiles make a tile of the product, and in which order tiles lie in memory."""
    row = {(1, k): CHOSEN for k in range(3)}
    column = {(k, 2): OTHER for k in range(3)}
    order = [(i, j) for i in range(4) for j in range(6)]
    places = {}
    for count, (r, c, i, j) in enumerate(
        (r, c, i, j) for r in range(2) for c in range(3) for i in range(2) for j in range(2)
    ):
        places[2 * r + i, 2 * c + j] = count
    cell = 34
    drawn = [
        labelled(
            60 + cell * j,
            262 + cell * i,
            cell,
            cell,
            str(places[i, j]),
            CHOSEN if (i // 2 + j // 2) % 2 == 0 else GROUND,
        )
        for i, j in order
    ]
    return svg(
        760,
        430,
        text(105, 30, "a: rows of tiles", FORWARD),
        grid(60, 46, 4, 3, 30, row),
        text(196, 110, "@"),
        text(305, 30, "b: columns of tiles", BACKWARD),
        grid(230, 61, 3, 5, 30, column),
        text(424, 110, "="),
        text(530, 30, "out"),
        grid(455, 46, 4, 5, 30, {(1, 2): "#e3cfe8"}),
        text(380, 196, "out tile (1, 2) = a(1, 0) b(0, 2) + a(1, 1) b(1, 2) + a(1, 2) b(2, 2)"),
        line(20, 214, 740, 214, "#bbbbbb"),
        text(162, 246, "where a 4 x 6 matrix lies, in tiles of 2 x 2"),
        *drawn,
        text(300, 290, "A tile is in one piece of memory, row by row: 0 to 3,", INK, "start"),
        text(300, 310, "then the next tile to its right, 4 to 7, and so on.", INK, "start"),
        text(300, 340, "Element (i, j) is number i % T, j % T", FORWARD, "start"),
        text(300, 360, "of tile (i / T, j / T).", FORWARD, "start"),
    )


def memory() -> str:
    """Draw the memories of a processor and of a GPU, from the small and near to the large and far."""
    cpu = [
        ("registers", "1 KiB"),
        ("L1 cache", "32 - 64 KiB a core"),
        ("L2 cache", "0.5 - 2 MiB a core"),
        ("L3 cache", "some 10 MiB, shared"),
        ("memory", "some 10 GiB"),
    ]
    gpu = [
        ("registers", "255 a thread"),
        ("shared memory", "48 KiB a block, or more"),
        ("L2 cache", "some 10 MiB"),
        ("device memory", "some 10 GiB"),
        ("host memory", "over a bus"),
    ]
    parts = [text(190, 28, "a processor's core"), text(570, 28, "a GPU")]
    for centre, levels in ((190, cpu), (570, gpu)):
        for at, (name, size) in enumerate(levels):
            half = 70 + 26 * at
            parts.append(box(centre - half, 44 + 46 * at, 2 * half, 40, CHOSEN if at < 2 else GROUND))
            parts += [text(centre, 61 + 46 * at, name), text(centre, 77 + 46 * at, size, FORWARD)]
    parts += [
        arrow(380, 56, 380, 262, BACKWARD),
        text(380, 48, "larger,", BACKWARD),
        text(380, 282, "and slower", BACKWARD),
    ]
    return svg(760, 296, *parts)


def warp() -> str:
    """Draw neighbouring threads that read neighbouring places, and ones that read far from each other."""
    parts = [text(380, 28, "out[i] = a[i]: the threads of a warp read neighbours, in one transfer", FORWARD)]
    for at in range(8):
        parts += [
            labelled(60 + 44 * at, 44, 40, 28, f"t{at}"),
            arrow(80 + 44 * at, 74, 80 + 44 * at, 108, FORWARD),
        ]
    parts += [strip(58, 112, [""] * 15, list(range(8))), text(440, 64, "..., t31", INK, "start")]
    parts.append(
        text(
            380,
            196,
            "out[i] = a[i * n]: each thread's number comes with neighbours that nobody wants",
            BACKWARD,
        )
    )
    for at in range(5):
        parts += [
            labelled(60 + 44 * at, 212, 40, 28, f"t{at}"),
            arrow(80 + 44 * at, 242, 80 + 132 * at, 280, BACKWARD),
        ]
    parts += [strip(58, 284, [""] * 15, [0, 3, 6, 9, 12]), text(308, 232, "..., t31", INK, "start")]
    parts += [
        f'<rect x="{58 + 132 * at}" y="278" width="132" height="46" fill="none" stroke="{BACKWARD}"/>'
        for at in range(5)
    ]
    return svg(760, 346, *parts)


def reduction() -> str:
    """Draw how a block adds up eight numbers in three rounds, with a barrier before each."""
    rounds = [["3", "1", "4", "1", "5", "9", "2", "6"], ["8", "10", "6", "7"], ["14", "17"], ["31"]]
    parts = []
    for at, numbers in enumerate(rounds):
        y = 40 + 76 * at
        parts.append(strip(60, y, numbers + [""] * (8 - len(numbers)), list(range(len(numbers))), 56))
        if at == len(rounds) - 1:
            break
        half = len(numbers) // 2
        for i in range(half):
            parts.append(arrow(88 + 56 * i, y + 36, 88 + 56 * i, y + 74, FORWARD))
            parts.append(arrow(88 + 56 * (i + half), y + 36, 94 + 56 * i, y + 74, BACKWARD))
        parts.append(line(40, y + 56, 700, y + 56, "#bbbbbb", "3 4"))
        parts.append(text(526, y + 50, "__syncthreads()", INK, "start"))
        parts.append(
            text(
                526,
                y + 24,
                f"threads 0 to {half - 1} add what lies {half} on"
                if half > 1
                else "thread 0 adds what lies 1 on",
                INK,
                "start",
            )
        )
    return svg(
        780,
        326,
        text(284, 26, "found[], in shared memory"),
        *parts,
        text(526, 290, "found[0] is the sum", FORWARD, "start"),
    )


def roofline() -> str:
    """Draw a roof: a slope, where memory binds, and a flat, where arithmetic does."""
    left, bottom, corner, top = 90, 280, 390, 70
    ticks = ["1/16", "1/4", "1", "4", "16", "64", "256"]
    points = [
        (111, 265, "multiply two arrays"),
        (140, 245, "exp"),
        (660, 84, "a good matmul"),
        (660, 200, "a plain matmul"),
    ]
    return svg(
        800,
        340,
        line(left, bottom, 740, bottom),
        line(left, 40, left, bottom),
        text(415, 328, "operations a byte"),
        text(24, 30, "operations a second", INK, "start"),
        *(text(left + 100 * at, 302, words) for at, words in enumerate(ticks)),
        line(left, bottom, corner, top, FORWARD),
        line(corner, top, 740, top, FORWARD),
        text(100, 120, "as fast as bytes come", FORWARD, "start"),
        text(560, 58, "as fast as the core multiplies and adds", FORWARD),
        *(f'<circle cx="{x}" cy="{y}" r="5" fill="{BACKWARD}"/>' for x, y, _ in points),
        *(text(x + 12, y + 5, words, BACKWARD, "start") for x, y, words in points[:2]),
        *(text(x, y + 24, words, BACKWARD) for x, y, words in points[2:]),
    )


FIGURES = {
    "strides": strides,
    "repeated": repeated,
    "odometer": odometer,
    "tiles": tiles,
    "memory": memory,
    "warp": warp,
    "reduction": reduction,
    "roofline": roofline,
}
