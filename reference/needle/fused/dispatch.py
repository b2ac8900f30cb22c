"""Where fused kernels take the place of taught methods: what is many ops there is one call here."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from needle import autograd

_on = os.environ.get("NEEDLE_FUSED", "1") != "0"

Fast = Callable[..., Any]


def fused(owner: type, name: str, kernel: str, *, second_order: bool = False) -> Callable[[Fast], Fast]:
    """Let a function take the place of a method, on devices that have a fast kernel of this name.

    The function is called as fast(kernels, self, *args), where `kernels` is the device's `fast` module. It
    returns NotImplemented for what its kernel can't do, and then the method itself is called.

    Gradients that kernels compute can't be differentiated again. So a function is asked only inside
    `first_order()`, unless it says that second derivatives work, as they do where it replaces no more than
    the `compute` of an op.
    """

    def decorate(fast: Fast) -> Fast:
        composed = getattr(owner, name)

        @wraps(composed)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            if _on and (second_order or autograd._first_order):
                kernels = _kernels((*args, *kwargs.values()) or tuple(self.params))
                if hasattr(kernels, kernel):
                    made = fast(kernels, self, *args, **kwargs)
                    if made is not NotImplemented:
                        return made
            return composed(self, *args, **kwargs)

        setattr(owner, name, method)
        return fast

    return decorate


@contextmanager
def composed() -> Iterator[None]:
    """Let the taught methods compute inside the block, ops by ops."""
    global _on
    before, _on = _on, False
    try:
        yield
    finally:
        _on = before


def _kernels(values: tuple[Any, ...]) -> Any:
    """Return the fast kernels of the device on which the first tensor or array lies, or None."""
    return getattr(values[0].device, "fast", None) if values else None
