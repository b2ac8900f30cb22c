"""Fashion-MNIST's ten classes as silhouettes in a unit square (x right, y down)."""

from dataclasses import dataclass, field

import numpy as np
from drawing import CANVAS, Polyline, arc, draw, fill, joined, line, pixel_centres, random_wave, sway


@dataclass(frozen=True)
class Garment:
    """A shape of cloth: filled outlines, thin straps, and seams that show dark."""

    outlines: list[Polyline]
    straps: list[Polyline] = field(default_factory=list)
    seams: list[Polyline] = field(default_factory=list)


def mirrored(*left: tuple[float, float]) -> Polyline:
    """Complete an outline's left half, given from top to bottom."""
    half = line(*left)
    return joined(half, (half * (-1, 1) + (1, 0))[::-1])


# In the published order of labels; each class has two cuts.
GARMENTS: list[tuple[Garment, Garment]] = [
    (  # t-shirt
        Garment(
            [mirrored((0.38, 0.06), (0.26, 0.09), (0.02, 0.3), (0.13, 0.45), (0.26, 0.36), (0.26, 0.97))]
        ),
        Garment(
            [mirrored((0.42, 0.14), (0.34, 0.05), (0.18, 0.12), (0.06, 0.38), (0.24, 0.42), (0.22, 0.95))]
        ),
    ),
    (  # trousers
        Garment([mirrored((0.3, 0.02), (0.25, 0.98), (0.44, 0.98), (0.49, 0.3))]),
        Garment([mirrored((0.34, 0.02), (0.33, 0.98), (0.46, 0.98), (0.49, 0.22))]),
    ),
    (  # pullover
        Garment(
            [
                mirrored(
                    (0.38, 0.05), (0.24, 0.1), (0.1, 0.3), (0.0, 0.9), (0.15, 0.95), (0.25, 0.5), (0.25, 0.96)
                )
            ]
        ),
        Garment([mirrored((0.4, 0.03), (0.22, 0.1), (0.08, 0.9), (0.2, 0.92), (0.28, 0.4), (0.27, 0.9))]),
    ),
    (  # dress
        Garment([mirrored((0.37, 0.02), (0.36, 0.2), (0.4, 0.4), (0.22, 0.98))]),
        Garment([mirrored((0.4, 0.02), (0.28, 0.12), (0.3, 0.25), (0.38, 0.26), (0.4, 0.45), (0.33, 0.98))]),
    ),
    (  # coat
        Garment(
            [
                mirrored(
                    (0.4, 0.02),
                    (0.24, 0.08),
                    (0.1, 0.3),
                    (0.06, 0.85),
                    (0.19, 0.87),
                    (0.24, 0.5),
                    (0.2, 0.99),
                )
            ],
            seams=[line((0.5, 0.05), (0.5, 0.99))],
        ),
        Garment(
            [mirrored((0.42, 0.0), (0.22, 0.1), (0.08, 0.8), (0.2, 0.82), (0.26, 0.45), (0.24, 0.99))],
            seams=[line((0.35, 0.02), (0.5, 0.3), (0.5, 0.99)), line((0.65, 0.02), (0.5, 0.3))],
        ),
    ),
    (  # sandal
        Garment(
            [line((0.0, 0.78), (0.5, 0.72), (1.0, 0.6), (1.0, 0.72), (0.0, 0.88))],
            straps=[
                line((0.1, 0.78), (0.28, 0.52), (0.42, 0.74)),
                line((0.7, 0.66), (0.82, 0.35), (0.98, 0.62)),
            ],
        ),
        Garment(
            [
                line(
                    (0.0, 0.86),
                    (0.4, 0.84),
                    (0.95, 0.5),
                    (1.0, 0.86),
                    (0.92, 0.86),
                    (0.88, 0.64),
                    (0.45, 0.92),
                    (0.0, 0.93),
                )
            ],
            straps=[
                line((0.08, 0.85), (0.3, 0.66), (0.45, 0.82)),
                line((0.76, 0.6), (0.9, 0.26), (0.97, 0.55)),
            ],
        ),
    ),
    (  # shirt
        Garment(
            [
                mirrored(
                    (0.46, 0.12),
                    (0.36, 0.03),
                    (0.2, 0.14),
                    (0.06, 0.72),
                    (0.17, 0.76),
                    (0.28, 0.4),
                    (0.27, 0.97),
                )
            ],
            seams=[line((0.36, 0.03), (0.5, 0.16), (0.64, 0.03)), line((0.5, 0.16), (0.5, 0.97))],
        ),
        Garment(
            [
                mirrored(
                    (0.46, 0.12),
                    (0.36, 0.04),
                    (0.18, 0.12),
                    (0.06, 0.4),
                    (0.2, 0.46),
                    (0.27, 0.36),
                    (0.26, 0.97),
                )
            ],
            seams=[line((0.36, 0.04), (0.5, 0.18), (0.64, 0.04)), line((0.5, 0.18), (0.5, 0.97))],
        ),
    ),
    (  # sneaker
        Garment(
            [line((0.0, 0.66), (0.3, 0.55), (0.58, 0.36), (0.7, 0.44), (0.95, 0.4), (1.0, 0.78), (0.0, 0.8))],
            seams=[line((0.0, 0.73), (1.0, 0.7))],
        ),
        Garment(
            [line((0.0, 0.68), (0.34, 0.6), (0.6, 0.45), (0.96, 0.47), (1.0, 0.76), (0.02, 0.8))],
            seams=[line((0.4, 0.56), (0.5, 0.68)), line((0.48, 0.52), (0.58, 0.64))],
        ),
    ),
    (  # bag
        Garment(
            [line((0.06, 0.42), (0.94, 0.42), (0.98, 0.95), (0.02, 0.95))],
            straps=[arc(0.5, 0.42, 0.27, 0.33, 180, 360)],
            seams=[line((0.05, 0.55), (0.95, 0.55))],
        ),
        Garment(
            [joined(line((0.04, 0.4), (0.96, 0.4)), arc(0.5, 0.5, 0.46, 0.42, 0, 180))],
            straps=[line((0.1, 0.42), (0.35, 0.05), (0.65, 0.05), (0.9, 0.42))],
        ),
    ),
    (  # ankle boot
        Garment(
            [
                line(
                    (0.0, 0.7),
                    (0.34, 0.55),
                    (0.46, 0.06),
                    (0.92, 0.04),
                    (0.9, 0.5),
                    (0.98, 0.92),
                    (0.0, 0.94),
                )
            ]
        ),
        Garment(
            [
                line(
                    (0.0, 0.74),
                    (0.4, 0.52),
                    (0.5, 0.1),
                    (0.88, 0.1),
                    (1.0, 0.95),
                    (0.78, 0.95),
                    (0.72, 0.82),
                    (0.0, 0.88),
                )
            ],
            seams=[line((0.48, 0.3), (0.88, 0.3))],
        ),
    ),
]


def fabric(rng: np.random.Generator) -> np.ndarray:
    """Draw a cloth: a grey level with stripes, often too faint to see.

    Shapes: (CANVAS, CANVAS)
    """
    direction = rng.uniform(0, np.pi)
    across = pixel_centres() @ (np.cos(direction), np.sin(direction))
    stripes = np.sin(across * rng.uniform(6, 30) + rng.uniform(0, 6)) * rng.uniform(0, 0.4)
    return (rng.uniform(0.45, 0.95) * (1 + stripes)).reshape(CANVAS, CANVAS).astype(np.float32)


def sew(garment: Garment, rng: np.random.Generator) -> np.ndarray:
    """Draw one piece of clothing, a little out of shape.

    Shapes: (CANVAS, CANVAS)
    """
    wave = random_wave(rng, 0.03)
    ink = np.max([fill(sway(outline, wave)) for outline in garment.outlines], axis=0)
    if garment.straps:
        ink = np.maximum(ink, draw([sway(strap, wave) for strap in garment.straps], thickness=0.07))
    if garment.seams:
        ink = ink * (1 - 0.6 * draw([sway(seam, wave) for seam in garment.seams], thickness=0.035))
    return ink * fabric(rng)


def wardrobe(rng: np.random.Generator, pieces: int) -> np.ndarray:
    """Draw several pieces of every class.

    Shapes: (10, pieces, CANVAS, CANVAS)
    """
    return np.array([[sew(cuts[piece % 2], rng) for piece in range(pieces)] for cuts in GARMENTS])
