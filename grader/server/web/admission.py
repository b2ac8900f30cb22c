"""Who is let in, and how often: an address without a key, a person with one, and whoever tries wrong ones.

A key or a session that is good opens whatever others of the same address have done: a class behind one
address is counted by person. Only wrong ones, and requests without any, count against the address.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import Scope

from grader.server.refusals import Refused
from grader.server.web.rendering import COOKIE
from grader.server.web.services import Services

_NEVER_COUNTED = {"/healthz", "/readyz"}  # a server that is asked too much must not be taken for a dead one


async def admit(scope: Scope, here: Services) -> None:
    """Count a request that shows nobody's key or session. Raises: Refused where there were too many."""
    if scope["path"] in _NEVER_COUNTED:
        return
    key, token = _shown(scope)
    address = client_address(scope)
    if key is None and token is None:
        here.limits.take_of_address(address)
        return
    try:
        here.limits.require_room(address)
    except Refused:
        if not await run_in_threadpool(_is_good, here, key, token):
            raise


def settle(scope: Scope, here: Services, status: int) -> None:
    """Count a request that showed a key or a session of which no person came."""
    if "person" in scope["state"] or _shown(scope) == (None, None):
        return
    here.limits.count_unknown(client_address(scope), failed=status == 401)


@contextmanager
def guessing(scope: Scope, here: Services) -> Iterator[None]:
    """Refuse an address that has tried too many wrong codes, and count one that is refused inside."""
    address = client_address(scope)
    here.limits.require_few_failures(address)
    try:
        yield
    except Refused as refused:
        if refused.status == 403:
            here.limits.count_unknown(address, failed=True)
        raise


def client_address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "nowhere"


def _shown(scope: Scope) -> tuple[str | None, str | None]:
    """Return the key and the session's token that a request shows, or None."""
    request = HTTPConnection(scope)
    key = request.headers.get("authorization", "").partition(" ")[2].strip()
    # the mugrade protocol has its key in the address
    return key or request.query_params.get("user_key"), request.cookies.get(COOKIE)


def _is_good(here: Services, key: str | None, token: str | None) -> bool:
    try:
        if key is not None:
            here.people.sign_in(key)
            return True
    except Refused:
        return False
    return token is not None and here.sessions.find(token) is not None
