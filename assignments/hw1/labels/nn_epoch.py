"""The true labels of nn_epoch's figures: never released."""

import numpy as np


def learns_what_lies_in_a_stripe(rng):
    points = rng.uniform(-1, 1, size=(200, 3)).astype(np.float32)
    return (np.abs(points[:, 0] + points[:, 1]) < 0.6).astype(np.int64)
