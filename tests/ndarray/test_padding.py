"""A margin of zeros around arrays and views of every kind, beside NumPy's."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ndarray_devices import assert_same, counted, on_device, on_every_device, on_numpy, shapes, small, views

from needle import backend_ndarray as nd
from needle.backend_ndarray import BackendDevice, NDArray
from needle.errors import ShapeError


@on_every_device
@small
@given(view=views(shapes), data=st.data())
def test_a_margin_is_numpys_and_the_copy_is_compact(
    device: BackendDevice, view: Any, data: st.DataObject
) -> None:
    shape, steps = view
    whole = NDArray(counted(shape), device=device)
    inside, expected = on_device(whole, steps), on_numpy(counted(shape), steps)
    widths = [data.draw(st.tuples(st.integers(0, 3), st.integers(0, 3))) for _ in expected.shape]
    ours = inside.pad(widths)
    assert_same(ours, np.pad(expected, widths) if widths else expected)
    assert ours.is_compact()
    assert ours.device == device
    assert ours._handle is not whole._handle


@pytest.mark.parametrize("widths", [((1, 1),), ((0, 0), (0, -1)), ((0, 0),) * 3, ()], ids=str)
def test_widths_that_do_not_fit_are_refused(widths: tuple) -> None:
    text = f"pad: {widths} for an array with 2 axes. Expected two numbers, 0 or more, for each axis."
    with pytest.raises(ShapeError, match=re.escape(text)):
        nd.ones((2, 3)).pad(widths)
