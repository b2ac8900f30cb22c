"""The devices that tests and cases compute on: picked among those there are, and noted for the results."""

from typing import Protocol, TypeVar

from grader.errors import NoDevice


class _Device(Protocol):
    @property
    def name(self) -> str: ...

    def enabled(self) -> bool: ...


_AnyDevice = TypeVar("_AnyDevice", bound=_Device)

_picked: list[str] = []  # noted from inside tests and cases, which nothing can be passed to


def pick_device(*devices: _AnyDevice) -> _AnyDevice:
    """Return the first device that can be used here; the results say that it was this one.

    Raises: NoDevice when none can be.
    """
    for device in devices:
        if device.enabled():
            _picked.append(device.name)
            return device
    names = ", ".join(device.name for device in devices)
    raise NoDevice(
        f"pick_device: none of {names} can be used here. Expected one whose library is built. "
        "Run `make build`, and read what it says."
    )


def picked() -> list[str]:
    """Return the devices that this process has picked, each once."""
    return list(dict.fromkeys(_picked))
