import numpy as np
from simple_ml import add

from grader import case


@case()
def whole_numbers(rng):
    total = add(int(rng.integers(-2000, -1000)), int(rng.integers(1, 900)))
    return {"sum": total, "type": type(total).__name__}


@case()
def floats(rng):
    total = add(float(rng.uniform(1, 2)), float(rng.uniform(-9, -4)))
    return {"sum": total, "type": type(total).__name__}


@case()
def arrays(rng):
    x, y = rng.normal(size=(3, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    add(x, y)
    return add(x, y)  # the first call must have left x and y as they were
