"""The vocabulary of the local tests: make a call, and say what should have come of it.

    call(softmax_loss, Z, y).returns(0.3133, because="...").keeps("Z", "y")

A check that fails raises Unexpected, whose text shows the call in one line that can be pasted, what came out and what
should have. An error from the called function passes through as it is, with that line as its attribute `needle_call`.
"""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
RTOL, ATOL = 1e-4, 1e-6  # close means |a - e| <= ATOL + rtol * max|e|, as on submission
_SHOWN_WHOLE = 40  # numbers; a larger array is shown by its shape and first values


class Unexpected(AssertionError):
    """A call that came to something else than it should have."""


@dataclass(frozen=True)
class Call:
    """A call that was made: its value, and its arguments by name, before and after."""

    text: str  # the call as one line of Python
    name: str
    value: Any
    before: dict[str, Any]
    after: dict[str, Any]

    def returns(self, expected: Any, *, rtol: float = RTOL, because: str = "") -> "Call":
        """Expect a number, array or tensor close to this one, and of its shape."""
        return self._close("the value", self.value, expected, rtol, because)

    def turns(self, argument: str, *, into: Any, rtol: float = RTOL, because: str = "") -> "Call":
        """Expect the array passed as this argument to hold these values after the call."""
        what = f"{argument} after the call"
        if _same(self.before[argument], self.after[argument]):
            what += ", which was not updated in place at all,"
        return self._close(what, self.after[argument], into, rtol, because)

    def keeps(self, *arguments: str, because: str = "") -> "Call":
        """Expect these arguments to be as they were before the call."""
        for name in arguments:
            if not _same(self.before[name], self.after[name]):
                self._fail(f"{name} was changed by the call", self.after[name], self.before[name], because)
        return self

    def returns_nothing(self, *, because: str = "") -> "Call":
        """Expect None."""
        if self.value is not None:
            self._fail("something was returned", self.value, None, because)
        return self

    def has_type(self, *types: type, because: str = "") -> "Call":
        """Expect a value of exactly one of these types."""
        if type(self.value) not in types:
            self._fail("the type is wrong", type(self.value), " or ".join(map(_show, types)), because)
        return self

    def has_dtype(self, dtype: npt.DTypeLike, *, because: str = "") -> "Call":
        """Expect an array or tensor of this dtype."""
        found = self._array("the value", self.value, dtype, because).dtype
        if found != np.dtype(dtype):
            self._fail("the dtype is wrong", found.name, np.dtype(dtype).name, because)
        return self

    def __getitem__(self, at: int) -> "Call":
        """Return the call with one item of the tuple or list that it returned as its value."""
        if not isinstance(self.value, (tuple, list)) or at >= len(self.value):
            self._fail("the value is wrong", self.value, f"a tuple with at least {at + 1} item(s)", "")
        return Call(f"{self.text}[{at}]", f"{self.name}()[{at}]", self.value[at], self.before, self.after)

    def _close(self, what: str, found: Any, expected: Any, rtol: float, because: str) -> "Call":
        a, e = self._array(what, found, expected, because), _array(expected)
        if a.shape != e.shape:
            self._fail(
                f"{what} has the wrong shape", f"{a.shape}: {_show(a)}", f"{e.shape}: {_show(e)}", because
            )
        a, e = a.astype(np.float64), e.astype(np.float64)
        with np.errstate(invalid="ignore"):
            distance = np.abs(a - e)
            far = ~(distance <= ATOL + rtol * np.max(np.abs(e), initial=0.0)) & (a != e)  # ~: NaN is far
        if far.any():
            worst = np.unravel_index(np.argmax(np.where(np.isnan(distance), np.inf, distance)), a.shape)
            place = f" at {[int(index) for index in worst]}" if a.ndim else ""
            self._fail(f"{what} is wrong{place}", found, expected, because, (a[worst], e[worst]))
        return self

    def _array(self, what: str, found: Any, expected: Any, because: str) -> Array:
        try:
            return _array(found)
        except (TypeError, ValueError):
            return self._fail(f"{what} is not a number or an array", found, expected, because)

    def _fail(self, what: str, found: Any, expected: Any, because: str, there: tuple[Any, ...] = ()) -> Any:
        lines = [f"{self.name}: {what}."]
        lines += [f"  call      {self.text}", f"  got       {_show(found)}", f"  expected  {_show(expected)}"]
        if there and np.size(expected) > 1:
            lines += ["  there     got {:.7g}, expected {:.7g}".format(*there)]
        raise Unexpected("\n".join(lines + [f"  because   {because}"] * bool(because)))


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Call:
    """Call a function, and return the call for its outcome to be checked.

    Arguments are named as in the function's signature; a compiled one has none, so pass those by keyword.
    """
    name = getattr(function, "__name__", type(function).__name__)
    shown = [_show(value) for value in args] + [f"{key}={_show(value)}" for key, value in kwargs.items()]
    text = f"{name}({', '.join(shown)})"
    try:
        named = dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    except (TypeError, ValueError):  # no signature, or arguments that don't fit: then the call itself says so
        named = kwargs
    before = {key: _copy(value) for key, value in named.items()}
    try:
        value = function(*args, **kwargs)
    except Exception as error:
        error.needle_call = text  # type: ignore[attr-defined]
        raise
    return Call(text, name, value, before, named)


def _array(value: Any) -> Array:
    found = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if found.dtype.kind not in "biuf":
        raise TypeError(found.dtype)
    return found


def _copy(value: Any) -> Any:
    if hasattr(value, "numpy"):
        return np.array(value.numpy())
    return copy.deepcopy(value) if isinstance(value, (np.ndarray, list, dict)) else value


def _same(before: Any, after: Any) -> bool:
    if not isinstance(before, np.ndarray):
        return bool(before is after or before == after)
    now = _array(after)
    return now.dtype == before.dtype and np.array_equal(now, before, equal_nan=True)


def _show(value: Any) -> str:
    """Return Python source for a value, or a description for a large array."""
    if isinstance(value, str):
        return value
    if isinstance(value, type):
        return value.__name__
    if hasattr(value, "numpy"):
        return f"{type(value).__name__}({_show(np.asarray(value.numpy()))})"
    if not isinstance(value, (np.ndarray, np.generic)):
        return repr(value)
    return _show_array(np.asarray(value), plain=isinstance(value, np.generic))
