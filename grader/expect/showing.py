"""Show values and calls as Python that can be pasted; only `np` and `ndl` need to be imported for it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from grader.expect.values import is_tensor, items_of

SHOWN_WHOLE = 40  # numbers; of a larger array the shape and the first values are shown
_LIBRARY, _ALIAS = "needle", "ndl"


@dataclass(frozen=True)
class Shown:
    """Something to call, the Python that makes it, and the statements that come before that."""

    function: Callable[..., Any]
    text: str
    name: str  # how messages call it
    setup: str = ""

    def called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Return the call as Python, without the setup."""
        shown = [show(value) for value in args] + [f"{key}={show(value)}" for key, value in kwargs.items()]
        return f"{self.text}({', '.join(shown)})"

    def line(self, *statements: str) -> str:
        """Return the setup and these statements as one line."""
        return "; ".join([self.setup, *statements] if self.setup else statements)


def shown_as(text: str, function: Callable[..., Any], *, setup: str = "") -> Shown:
    """Return something to call that failures show as this Python.

    call(shown_as("ndl.nn.Linear(3, 2)", layer), x)
    call(shown_as("layer", layer, setup="layer = ndl.nn.Linear(3, 2); layer.eval()"), x)
    """
    return Shown(function, text, text, setup)


def present(function: Callable[..., Any] | Shown) -> Shown:
    """Return something to call with the text that it has by itself."""
    if isinstance(function, Shown):
        return function
    owner = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, (ModuleType, type)):
        method = _name_of_method(type(owner), function)
        return Shown(function, f"{show(owner)}.{method}", f"{name_of(type(owner))}.{method}")
    if not hasattr(function, "__name__"):
        return Shown(function, show(function), name_of(type(function)))
    name = name_of(function)
    return Shown(function, f"({name})" if "<" in name else name, name)


def name_of(thing: Any) -> str:
    """Return the shortest name by which a user of the library reaches a function or class."""
    name = str(thing.__name__)
    parts = (getattr(thing, "__module__", None) or "").split(".")
    for count in range(1, len(parts) + 1 if parts[0] == _LIBRARY else 0):
        module = sys.modules.get(".".join(parts[:count]))
        if getattr(module, name, None) is thing:
            return ".".join([_ALIAS, *parts[1:count], name])
    owner = getattr(thing, "__self__", None)
    return f"{name_of(owner)}.{name}" if isinstance(owner, type) else name


def _name_of_method(owner: type, method: Any) -> str:
    """Return the attribute that holds a method: a function given to the class may be named otherwise."""
    held = {name: value for base in reversed(owner.__mro__) for name, value in vars(base).items()}
    names = [name for name, value in held.items() if value is getattr(method, "__func__", None)]
    return names[0] if names else str(method.__name__)


def show(value: Any) -> str:
    """Return Python that makes the value; of a large array or an object, a description."""
    if is_tensor(value):
        return f"{name_of(type(value))}({show(np.asarray(value.numpy()))})"
    if isinstance(value, np.ndarray):
        return _show_array(value)
    if isinstance(value, np.generic):
        return f"np.{value.dtype.name}({_literal(value)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {show(item)}' for key, item in value.items())}}}"
    items = items_of(value)
    if items is not None:
        return _show_items(value, [show(item) for item in items])
    return _show_object(value)


def _show_array(value: Any) -> str:
    if value.size > SHOWN_WHOLE:
        first = ", ".join(_literal(item) for item in value.ravel()[:4])
        return f"<{value.dtype.name} array of shape {value.shape}: {first}, ...>"
    dtype = "" if value.dtype.name in ("float64", "int64", "bool") else f", dtype=np.{value.dtype.name}"
    return f"np.array({_literal(value)}{dtype})" if value.size else f"np.zeros({value.shape}{dtype})"


def _show_items(value: Any, shown: list[str]) -> str:
    joined = ", ".join(shown)
    if isinstance(value, list):
        return f"[{joined}]"
    if isinstance(value, tuple):
        return f"({joined},)" if len(shown) == 1 else f"({joined})"
    return f"{_ALIAS}.make_tuple({joined})"


def _show_object(value: Any) -> str:
    if isinstance(value, type) or type(value).__name__ in ("function", "builtin_function_or_method"):
        return name_of(value)
    written: Any = type(value).__repr__
    if written is object.__repr__:  # it would show an address, another one each time
        return f"<{name_of(type(value))}>"
    return repr(value)


def _literal(values: Any) -> str:
    if np.ndim(values):
        return f"[{', '.join(map(_literal, values))}]"
    return str(values) if np.isfinite(values) else f"np.{values}".replace("np.-", "-np.")
