import numpy as np

import needle as ndl
from grader import case


def drawn(rng, *shape):
    return ndl.NDArray(rng.normal(size=shape).astype(np.float32), device=ndl.cpu_numpy())


def parts(a, *indices):
    """Return the parts that some indices name, and whether all of them still lie where the array lay."""
    found = [a[index] for index in indices]
    return {"parts": [one.numpy() for one in found], "share": all(one._handle is a._handle for one in found)}


@case()
def slices_and_whole_numbers(rng):
    a = drawn(rng, 4, 5, 3)
    return parts(a, np.s_[1:3, ::2, 0], np.s_[2], np.s_[:, 1:5:3], np.s_[..., 1], np.s_[0, 4, 2])


@case()
def counted_from_the_end(rng):
    return parts(drawn(rng, 6, 5), np.s_[-1], np.s_[-4:-1, -2], np.s_[:-3, -3:], np.s_[-100:4, 2:100])


@case()
def backwards(rng):
    return parts(drawn(rng, 6, 5), np.s_[::-1, ::-2], np.s_[4:0:-3], np.s_[:, 3::-1], np.s_[2:4:-1])


@case()
def parts_of_views(rng):
    a = drawn(rng, 40)
    view = ndl.NDArray.make((3, 4), (-12, 2), a.device, a._handle, 27)
    return [parts(view, np.s_[1:, 1::2]), parts(view[::-1, 1:], np.s_[1, ::-1], np.s_[2:, 2])]


@case()
def writing_to_a_part(rng):
    a = drawn(rng, 4, 6)
    a[1:4:2, ::-3] = 100.0
    a[2] = rng.normal(size=(1, 6)).astype(np.float32)
    return a.numpy()


@case()
def what_is_refused(rng):
    """Return which indices are refused, and the last outcome that was none."""
    a, refused = drawn(rng, 3, 4), []
    for index in [(3, 0), (-4, 0), (2, 4), (0, -5), (0, 0, 0), (-3, -4), (1, 3)]:
        try:
            taken = a[index]
        except IndexError:
            refused.append(list(index))
    return {"refused": refused, "taken": taken.numpy()}
