"""Draw lines and shapes in a unit square (x right, y down) as small pictures: 0 is paper, 1 is ink."""

import numpy as np

Polyline = np.ndarray  # (points, 2)
CANVAS = 48  # a picture's side in pixels
MARGIN = 0.25  # the canvas shows -MARGIN .. 1 + MARGIN, so that thick strokes are not cut


def line(*points: tuple[float, float]) -> Polyline:
    """Join points by straight pieces."""
    return np.array(points, dtype=np.float64)


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Polyline:
    """Follow an ellipse from one angle to another.

    Units: degrees, 0 is right and 90 is down.
    """
    pieces = max(4, round(abs(end - start) / 24))
    angles = np.radians(np.linspace(start, end, pieces + 1))
    return np.stack([cx + rx * np.cos(angles), cy + ry * np.sin(angles)], axis=1)


def joined(*parts: Polyline) -> Polyline:
    """Draw parts without lifting the pen."""
    return np.concatenate(parts)


def random_wave(rng: np.random.Generator, scale: float) -> np.ndarray:
    """Draw one unsteady hand's bend: which axis moves, along which axis, by sine or cosine."""
    return rng.normal(scale=scale, size=(2, 2, 2))


def sway(points: Polyline, wave: np.ndarray) -> Polyline:
    """Bend a line smoothly."""
    phase = np.pi * points
    basis = np.stack([np.sin(phase), np.cos(phase)], axis=-1)
    return points + np.einsum("pjk,ijk->pi", basis, wave)


def pixel_centres() -> np.ndarray:
    """Return the canvas's pixel centres in the unit square's coordinates.

    Shapes: (CANVAS * CANVAS, 2), x first.
    """
    axis = (np.arange(CANVAS) + 0.5) / CANVAS * (1 + 2 * MARGIN) - MARGIN
    x, y = np.meshgrid(axis, axis)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def distance_to(stroke: Polyline, at: np.ndarray) -> np.ndarray:
    """Measure how far each point lies from a polyline."""
    x, y = at[:, :1] - stroke[:-1, 0], at[:, 1:] - stroke[:-1, 1]
    step_x, step_y = np.diff(stroke, axis=0).T
    length = np.maximum(step_x**2 + step_y**2, 1e-12)  # squared; a doubled point is a dot
    along = np.clip((x * step_x + y * step_y) / length, 0, 1)
    return np.sqrt(((x - along * step_x) ** 2 + (y - along * step_y) ** 2).min(axis=1))


def draw(strokes: list[Polyline], thickness: float) -> np.ndarray:
    """Draw strokes with a round pen.

    Shapes: (CANVAS, CANVAS)
    """
    at = pixel_centres()
    distance = np.min([distance_to(stroke, at) for stroke in strokes], axis=0)
    return inked(distance - thickness / 2)


def fill(outline: Polyline) -> np.ndarray:
    """Fill a closed outline.

    Shapes: (CANVAS, CANVAS)
    """
    at = pixel_centres()
    closed = np.concatenate([outline, outline[:1]])
    return inked(np.where(inside(closed, at), -1, 1) * distance_to(closed, at))


def inside(closed: Polyline, at: np.ndarray) -> np.ndarray:
    """Tell which points an outline encloses: a ray to the right crosses it an odd number of times."""
    (x1, y1), (x2, y2) = closed[:-1].T, closed[1:].T
    x, y = at[:, :1], at[:, 1:]
    spans = (y1 > y) != (y2 > y)
    rise = np.where(y1 == y2, 1, y2 - y1)  # a level piece spans no ray
    return (spans & (x < x1 + (y - y1) * (x2 - x1) / rise)).sum(axis=1) % 2 == 1


def inked(distance: np.ndarray) -> np.ndarray:
    """Turn the distance from a shape (negative within) into ink; the edge fades over one pixel."""
    edge = (1 + 2 * MARGIN) / CANVAS
    return np.clip(0.5 - distance / edge, 0, 1).reshape(CANVAS, CANVAS).astype(np.float32)
