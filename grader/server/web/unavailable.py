"""What the server can't do for now, since what it stands on does not answer: the client tries again later."""

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from grader.server.store.database import NotReady
from grader.server.store.files import StoreError

UNAVAILABLE = (OperationalError, PoolTimeout, StoreError, NotReady)
RETRY = {"Retry-After": "2"}
_LATER = "nothing was stored. Send this again in a moment"


def sentence(error: Exception) -> str:
    """Return what one of these errors means to a client."""
    if isinstance(error, NotReady):
        return str(error)
    if isinstance(error, StoreError):
        said = f"The server could not keep or find a file, and {_LATER};"
        return f"{said} if it stays so, tell your instructor."
    if "is full" in str(error) or "No space left" in str(error):
        return (
            "The server's disk is full, and nothing was stored. Tell your instructor; send this again later."
        )
    return f"The server's database did not answer, and {_LATER}."
