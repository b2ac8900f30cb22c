"""Every error that needle raises on purpose.

Each is also the built-in error that a user would catch. The text says where, what was found, what was
expected and what to do.
"""


class NeedleError(Exception):
    """Anything that needle refuses."""


class ShapeError(NeedleError, ValueError):
    """Shapes or axes that an operation can't take."""


class DTypeError(NeedleError, TypeError):
    """A dtype that can't be held, or that an operation can't take."""


class DeviceError(NeedleError, ValueError):
    """Tensors that lie on different devices, or a device that this machine has not."""


class SettingError(NeedleError, ValueError):
    """A setting that there is not."""


class GradientError(NeedleError, RuntimeError):
    """A derivative that can't be taken."""


class LabelError(NeedleError, ValueError):
    """A label that names no class."""


class FileFormatError(NeedleError, ValueError):
    """A file that is not what its name promises."""


class StateError(NeedleError, ValueError):
    """Saved values that do not fit the module that shall take them."""


class ProgramError(NeedleError, RuntimeError):
    """Another program that is missing, or that failed."""
