"""The vocabulary of the local tests: make a call, and say what should have come of it.

    call(softmax_loss, Z, y).returns(0.3133, because="...").keeps("Z", "y")

A failed check raises Unexpected, whose text shows the call as a line that can be pasted, what came out and
what should have. An error from the called function passes through, with that line as its `needle_call`.
"""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
RTOL, ATOL = 1e-4, 1e-6  # close means |a - e| <= ATOL + rtol * max|e|, as on submission
SHOWN_WHOLE = 40  # numbers; of a larger array the shape and the first values are shown


class Unexpected(AssertionError):
    """A call that came to something else than it should have."""


@dataclass(frozen=True)
class Call:
    """A call that was made: its value, and its arguments by name as they were before and are now."""

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
        now = self.after[argument]
        untouched = " (it was not changed in place)" if _same(self.before[argument], now) else ""
        return self._close(f"{argument} after the call{untouched}", now, into, rtol, because)

    def keeps(self, *arguments: str, because: str = "") -> "Call":
        """Expect these arguments to be as they were before the call."""
        for name in arguments:
            if not _same(self.before[name], self.after[name]):
                now, before = _show(self.after[name]), _show(self.before[name])
                self._fail(f"the call changed {name}", now, before, because)
        return self

    def returns_nothing(self, *, because: str = "") -> "Call":
        """Expect None."""
        if self.value is not None:
            self._fail("something was returned", _show(self.value), "None", because)
        return self

    def has_type(self, expected: type, *, because: str = "") -> "Call":
        """Expect a value of exactly this type."""
        if type(self.value) is not expected:
            found = f"{type(self.value).__name__}: {_show(self.value)}"
            self._fail("the type is wrong", found, expected.__name__, because)
        return self

    def has_dtype(self, dtype: npt.DTypeLike, *, because: str = "") -> "Call":
        """Expect an array or tensor of this dtype."""
        found = self._array("the value", self.value, because).dtype
        if found != np.dtype(dtype):
            self._fail("the dtype is wrong", found.name, np.dtype(dtype).name, because)
        return self

    def __getitem__(self, at: int) -> "Call":
        """Return the same call with one item of the tuple or list that it returned as its value."""
        if not isinstance(self.value, (tuple, list)) or at >= len(self.value):
            self._fail("the value is wrong", _show(self.value), f"a tuple of at least {at + 1}", "")
        return Call(f"{self.text}[{at}]", f"{self.name}(...)[{at}]", self.value[at], self.before, self.after)

    def _close(self, what: str, found: Any, expected: Any, rtol: float, because: str) -> "Call":
        a, e = self._array(what, found, because), _array(expected)
        if a.shape != e.shape:
            self._fail(f"{what} has shape {a.shape}, not {e.shape}", _show(found), _show(expected), because)
        a, e = a.astype(np.float64), e.astype(np.float64)
        with np.errstate(invalid="ignore"):
            distance = np.where(a == e, 0.0, np.nan_to_num(np.abs(a - e), nan=np.inf))
        allowed = ATOL + rtol * np.max(np.abs(e[np.isfinite(e)]), initial=0.0)
        if not np.all(distance <= allowed):
            at = np.unravel_index(np.argmax(distance), a.shape)
            place = f" at {[int(index) for index in at]}" if at else ""
            self._fail(
                f"{what}{place} is {a[at]:.7g}, not {e[at]:.7g}", _show(found), _show(expected), because
            )
        return self

    def _array(self, what: str, found: Any, because: str) -> Array:
        try:
            return _array(found)
        except (TypeError, ValueError):
            self._fail(f"{what} is wrong", _show(found), "a number or an array of numbers", because)

    def _fail(self, what: str, found: str, expected: str, because: str) -> NoReturn:
        rows = {"call": self.text, "got": found, "expected": expected, "because": because}
        lines = [f"  {key:<9} {row}" for key, row in rows.items() if row]
        raise Unexpected("\n".join([f"{self.name}: {what}", *lines]))


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Call:
    """Call a function, and return the call, for its outcome to be checked.

    Arguments are named as in the function's signature. A compiled function has none: pass its by keyword.
    """
    name = getattr(function, "__name__", type(function).__name__)
    shown = [_show(value) for value in args] + [f"{key}={_show(value)}" for key, value in kwargs.items()]
    text = f"{name}({', '.join(shown)})"
    try:
        named = dict(inspect.signature(function).bind(*args, **kwargs).arguments)
    except (TypeError, ValueError):  # no signature, or one that these don't fit: the call itself says so
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
    if isinstance(before, np.ndarray):
        return bool(np.array_equal(before, _array(after), equal_nan=before.dtype.kind == "f"))
    return bool(before == after)


def _show(value: Any) -> str:
    """Return Python that makes the value; of a large array, a description."""
    if hasattr(value, "numpy"):
        return f"{type(value).__name__}({_show(np.asarray(value.numpy()))})"
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name}({value})"
    if not isinstance(value, np.ndarray):
        return repr(value)
    if value.size > SHOWN_WHOLE:
        first = ", ".join(_literal(item) for item in value.ravel()[:4])
        return f"<{value.dtype.name} array of shape {value.shape}: {first}, ...>"
    dtype = "" if value.dtype.name in ("float64", "int64", "bool") else f", dtype=np.{value.dtype.name}"
    content = f"np.array({_literal(value)}{dtype})"
    return content if value.size else f"np.zeros({value.shape}{dtype})"


def _literal(values: Any) -> str:
    if np.ndim(values):
        return f"[{', '.join(map(_literal, values))}]"
    return str(values) if np.isfinite(values) else f"np.{values}".replace("np.-", "-np.")
