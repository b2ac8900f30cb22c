"""What every module is: it finds its parameters by itself, knows whether it trains, and can be saved."""

from collections.abc import Iterator, Mapping
from typing import Any

from needle.autograd import Tensor
from needle.errors import StateError


class Parameter(Tensor):
    """A tensor that an optimizer changes. Made of a tensor, whose data it copies."""


class Module:
    """A part of a network. A subclass makes its parameters in `__init__`, and its output in `forward`.

    Parameters, tensors and modules are found wherever they are among its attributes, also in dicts, lists
    and tuples.
    """

    def __init__(self) -> None:
        self.training = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no method forward.")

    def parameters(self) -> list[Parameter]:
        """Return the parameters of this module and of those below it, each once."""
        return [part for _, part in _parts(self) if isinstance(part, Parameter)]

    def _children(self) -> list["Module"]:
        """Return all modules below this one, each once."""
        return [part for _, part in _parts(self) if isinstance(part, Module) and part is not self]

    def train(self) -> None:
        """Let this module and those below it behave as in training."""
        self._set_training(True)

    def eval(self) -> None:
        """Let this module and those below it behave as in use: no dropout, fixed statistics."""
        self._set_training(False)

    def _set_training(self, training: bool) -> None:
        for module in (self, *self._children()):
            module.training = training

    def state_dict(self) -> dict[str, Tensor]:
        """Return what the module has learned, detached, by names such as `modules.0.weight`.

        These are its parameters and the tensors that it keeps beside them, such as running means.
        """
        return {name: tensor.detach() for name, tensor in self._state().items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over copies of the values that `state_dict` returned.

        Raises: StateError, with every key that does not fit; nothing is changed then.
        """
        own = self._state()
        misfits = [
            *(f"missing {name}" for name in own if name not in state),
            *(f"extra {name}" for name in state if name not in own),
            *(f"{name} is no Tensor" for name, value in state.items() if not isinstance(value, Tensor)),
            *(
                f"{name} is {state[name].shape} instead of {tensor.shape}"
                for name, tensor in own.items()
                if isinstance(state.get(name), Tensor) and state[name].shape != tensor.shape
            ),
        ]
        if misfits:
            raise StateError(
                f"load_state_dict: found {', '.join(misfits)}. Expected the names and shapes of "
                f"{type(self).__name__}.state_dict(). Build the module as it was when it was saved."
            )
        for name, tensor in own.items():
            tensor.data = Tensor(state[name], device=tensor.device, dtype=tensor.dtype)

    def _state(self) -> dict[str, Tensor]:
        return {name: part for name, part in _parts(self) if isinstance(part, Tensor) and part.is_leaf()}


def _parts(root: Module) -> Iterator[tuple[str, Tensor | Module]]:
    """Yield the tensors and modules of a module with their names, itself first and each once."""
    seen: set[int] = set()  # by id: a list has no hash

    def walk(value: Any, name: str) -> Iterator[tuple[str, Tensor | Module]]:
        if id(value) in seen:
            return
        if isinstance(value, Tensor | Module):
            yield name, value
        if isinstance(value, Tensor | Module | dict | list | tuple):
            seen.add(id(value))
            for key, part in _members(value):
                yield from walk(part, f"{name}.{key}" if name else str(key))

    return walk(root, "")


def _members(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, Module):
        value = vars(value)
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
