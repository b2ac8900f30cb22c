"""The true labels of epoch's figures: never released."""

import numpy as np


def learns_which_half_is_brighter(rng):
    points = rng.normal(size=(200, 6)).astype(np.float32)
    return (points[:, :3].sum(axis=1) > points[:, 3:].sum(axis=1)).astype(np.int64)
