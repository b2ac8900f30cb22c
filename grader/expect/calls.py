"""Make a call, and say what should have come of it.

    call(softmax_loss, Z, y).returns(0.3133, because="...").keeps("Z", "y")

A failed check raises Unexpected, whose text shows the call as a line that can be pasted, what came out and
what should have. An error from the called function passes through, with that line as its `needle_call`.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from grader.expect.graph import reachable
from grader.expect.showing import SHOWN_WHOLE, Shown, present, show
from grader.expect.values import RTOL, Array, as_array, items_of, same, snapshot, worst_difference


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
        self._close("the value", self.value, expected, rtol, because)
        return self

    def turns(self, argument: str, *, into: Any, rtol: float = RTOL, because: str = "") -> "Call":
        """Expect the array passed as this argument to hold these values after the call."""
        now = self.after[argument]
        untouched = " (it was not changed in place)" if same(self.before[argument], snapshot(now)) else ""
        self._close(f"{argument} after the call{untouched}", now, into, rtol, because)
        return self

    def keeps(self, *arguments: str, because: str = "") -> "Call":
        """Expect these arguments, or without a name all of them, to be as they were before the call."""
        for name in arguments or self.before:
            before, now = self.before[name], snapshot(self.after[name])
            if not same(before, now):
                self.fail(f"the call changed {name}", show(now), show(before), because)
        return self

    def returns_nothing(self, *, because: str = "") -> "Call":
        """Expect None."""
        if self.value is not None:
            self.fail("something was returned", show(self.value), "None", because)
        return self

    def has_type(self, expected: type, *, because: str = "") -> "Call":
        """Expect a value of exactly this type."""
        if type(self.value) is not expected:
            found = f"{type(self.value).__name__}: {show(self.value)}"
            self.fail("the type is wrong", found, expected.__name__, because)
        return self

    def has_dtype(self, dtype: npt.DTypeLike, *, because: str = "") -> "Call":
        """Expect an array or tensor of this dtype."""
        found = self._array("the value", self.value, because).dtype
        if found != np.dtype(dtype):
            self.fail("the dtype is wrong", found.name, np.dtype(dtype).name, because)
        return self

    def has_shape(self, shape: Sequence[int], *, because: str = "") -> "Call":
        """Expect an array or tensor of this shape, whatever its values."""
        found = self._array("the value", self.value, because).shape
        if found != tuple(shape):
            self.fail("the shape is wrong", str(found), str(tuple(shape)), because)
        return self

    def retains_no_graph(self, *, because: str = "") -> "Call":
        """Expect a tensor that holds on to no other graph node, so that what it came from can be freed."""
        count = len(reachable(self.value)) - 1
        if count:
            self.fail("the value holds on to its graph", f"{count} nodes behind it", "none", because)
        return self

    def then(self, text: str, value: Any) -> "Call":
        """Return the call with something else to check, as it is after the call: then("p.grad", p.grad)."""
        return Call(f"{self.text}; {text}", f"{text} after {self.name}", value, self.before, self.after)

    def __getitem__(self, at: int) -> "Call":
        """Return the same call with one item of the tuple or list that it returned as its value."""
        items = items_of(self.value)
        if items is None or at >= len(items):
            self.fail("the value is wrong", show(self.value), f"a tuple of at least {at + 1}", "")
        return Call(f"{self.text}[{at}]", f"{self.name}(...)[{at}]", items[at], self.before, self.after)

    def _close(self, what: str, found: Any, expected: Any, rtol: float, because: str) -> None:
        a, e = self._array(what, found, because), as_array(expected)
        if a.shape != e.shape:
            self.fail(f"{what} has shape {a.shape}, not {e.shape}", show(found), show(expected), because)
        at = worst_difference(a, e, rtol)
        if at is not None:
            place = f" at {[*at]}" if at else ""
            said = show(e if e.size > SHOWN_WHOLE else expected)
            self.fail(f"{what}{place} is {a[at]:.7g}, not {e[at]:.7g}", show(found), said, because)

    def _array(self, what: str, found: Any, because: str) -> Array:
        try:
            return as_array(found)
        except (TypeError, ValueError):
            self.fail(f"{what} is wrong", show(found), "a number or an array of numbers", because)

    def fail(self, what: str, found: str, expected: str, because: str = "") -> NoReturn:
        """Fail with what is wrong, the call, what was found and what was expected."""
        rows = {"call": self.text, "got": found, "expected": expected, "because": because}
        lines = [f"  {key:<9} {row}" for key, row in rows.items() if row]
        raise Unexpected("\n".join([f"{self.name}: {what}", *lines]))


def call(function: Callable[..., Any] | Shown, *args: Any, **kwargs: Any) -> Call:
    """Call a function, and return the call, for its outcome to be checked.

    Arguments are named as in the function's signature (a module's: as in its `forward`). A compiled function
    has none: pass its by keyword.
    """
    shown = present(function)
    text = shown.line(shown.called(args, kwargs))
    named = arguments_of(shown.function, args, kwargs)
    before = {key: snapshot(value) for key, value in named.items()}
    with told_in_errors(text):
        value = shown.function(*args, **kwargs)
    return Call(text, shown.name, value, before, named)


def seen(text: str, value: Any) -> Call:
    """Return a value to be checked that came of more than one call: seen("opt.step(); p", p)."""
    return Call(text, text.rpartition(";")[2].strip(), value, {}, {})


def raises(
    error: type[Exception],
    function: Callable[..., Any] | Shown,
    *args: Any,
    naming: Sequence[str] = (),
    because: str = "",
    **kwargs: Any,
) -> None:
    """Expect a call to raise this error, or a more special one, whose text holds each of these words."""
    shown = present(function)
    made = Call(shown.line(shown.called(args, kwargs)), shown.name, None, {}, {})
    expected = f"{error.__name__} naming {', '.join(naming)}" if naming else error.__name__
    try:
        value = shown.function(*args, **kwargs)
    except NotImplementedError:  # a stub
        raise
    except error as caught:
        if not all(word in str(caught) for word in naming):
            made.fail("the error does not say what is wrong", str(caught) or "no text", expected, because)
        return
    except Exception as caught:
        found = f"{type(caught).__name__}: {caught}"
        made.fail("another error was raised", found, expected, because)
    made.fail("no error was raised", _shown_if_possible(value), expected, because)


def _shown_if_possible(value: Any) -> str:
    """Show what should not have been made, and may be broken."""
    try:
        return show(value)
    except Exception as error:
        return f"{type(value).__name__}, which can't be read: {error}"


def runner(**names: Any) -> Callable[..., tuple[dict[str, Any], str]]:
    """Return a function that runs lines of Python, which know these names besides those that they make.

    It returns what the lines have named, and them as one line to paste, which an error carries as well:

        made, text = runner(ndl=ndl)("p = ndl.nn.Parameter(ndl.ones(1))", "ndl.optim.SGD([p]).step()")
        seen(f"{text}; p", made["p"]).returns([1])
    """

    def run(*lines: str) -> tuple[dict[str, Any], str]:
        made: dict[str, Any] = {}
        text = "; ".join(lines)
        with told_in_errors(text):
            exec("\n".join(lines), dict(names), made)
        return made, text

    return run


@contextmanager
def told_in_errors(text: str) -> Iterator[None]:
    """Attach a line of Python to an error on its way."""
    try:
        yield
    except Exception as error:
        error.needle_call = text  # type: ignore[attr-defined]
        raise


def arguments_of(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Return a call's arguments by name; those by keyword only, if the signature is unknown."""
    try:
        bound = inspect.signature(getattr(function, "forward", function)).bind(*args, **kwargs)
    except (TypeError, ValueError):  # no signature, or one that these don't fit: the call itself says so
        return kwargs
    return dict(bound.arguments)
