"""Views of flat memory: their places are NumPy's, and what is drawn lies inside."""

import numpy as np
from hypothesis import given
from numpy.lib.stride_tricks import as_strided

from grader.expect.drawing import reproducible
from grader.expect.views import View, views


def test_places_are_those_of_a_transposed_slice() -> None:
    assert View(12, [2, 3], [1, 4], 1).places() == [1, 5, 9, 2, 6, 10]


def test_a_view_without_axes_has_one_place() -> None:
    view = View(4, [], [], 2)
    assert (view.size, view.places()) == (1, [2])


@reproducible
@given(views(repeating=True))
def test_any_drawn_view_has_the_places_that_numpy_gives_it_inside_its_memory(view: View) -> None:
    memory = np.arange(view.memory)
    shown = as_strided(memory[view.offset :], view.shape, [step * memory.itemsize for step in view.strides])
    assert view.places() == shown.ravel().tolist()
    assert min(view.places()) >= 0
    assert max(view.places()) < view.memory


@reproducible
@given(views())
def test_no_view_shows_a_place_twice_unless_it_was_asked_for(view: View) -> None:
    assert len(set(view.places())) == view.size
