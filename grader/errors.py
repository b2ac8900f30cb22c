"""Every error that the grader raises on purpose.

The text says what was found, what was expected and what to do; the command line prints it as it is.
"""


class GraderError(Exception):
    """A mistake that the person who reads the text can act on."""


class CourseError(GraderError, ValueError):
    """course.yaml or an assignment.yaml says something that it can't."""


class ReleaseRefused(GraderError, ValueError):
    """A release would carry a solution, or can't be made from the reference as it is."""


class WorkspaceError(GraderError):
    """A workspace lacks something, or a file in it stands in the way."""


class ForeignModule(GraderError, ImportError):
    """A module that the assignment grades was imported from outside the workspace."""


class BuildFailed(GraderError):
    """The C++ or CUDA sources of a workspace don't compile."""


class CheckFailed(GraderError, AssertionError):
    """A final project is not as it has to be."""


class CaseError(GraderError, ValueError):
    """A graded case is badly written: its value can't be sent, or can't be judged fairly."""


class NoDevice(GraderError, RuntimeError):
    """No device that a test or a case could compute on can be used on this machine."""


class WireError(GraderError, ValueError):
    """A blob is not what its header says, or claims more than it may."""


class CredentialError(GraderError, ValueError):
    """A certificate is not signed by the course, was changed, or can't be read."""


class Unreachable(GraderError, ConnectionError):
    """No answer came from the scoring server."""


class Rejected(GraderError):
    """The scoring server answered, and said no."""

    def __init__(self, text: str, status: int):
        super().__init__(text)
        self.status = status


class NotAServer(Rejected):
    """Something on the way answered in the scoring server's place: a proxy, or a network's login page."""
