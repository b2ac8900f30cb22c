"""How often someone may ask: a bucket of tokens for each person and each address, in this process."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from grader.server.refusals import Refused

_FAILURES = 1 / 30  # of the requests of an address, how many may be wrong keys or wrong codes
_OFTEN = "{} more often than this course allows."
_WRONG = "Too many wrong keys or codes came from your address."
_MOST = 50_000  # buckets of a kind; the one that was longest unused goes first


class Buckets:
    """A bucket a name, which holds a minute's tokens and fills evenly."""

    def __init__(self, now: Callable[[], float]):
        self._now = now
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when they were

    def __len__(self) -> int:
        return len(self._levels)

    def wait(self, name: str, per_minute: float) -> float:
        """Return the seconds until there is a token; 0 when there is one."""
        with self._lock:
            return self._wait(self._level(name, per_minute), per_minute)

    def take(self, name: str, per_minute: float) -> float:
        """Take a token if there is one, and return what `wait` would have."""
        with self._lock:
            level = self._level(name, per_minute)
            wait = self._wait(level, per_minute)
            self._levels[name] = (level if wait else level - 1, self._now())
            self._levels.move_to_end(name)
            if len(self._levels) > _MOST:
                self._levels.popitem(last=False)
            return wait

    def _level(self, name: str, per_minute: float) -> float:
        now = self._now()
        level, at = self._levels.get(name, (math.inf, now))
        return min(max(per_minute, 1.0), level + (now - at) * per_minute / 60)

    def _wait(self, level: float, per_minute: float) -> float:
        return 0.0 if level >= 1 else (1 - level) * 60 / per_minute


class Limits:
    """What a person, and an address without a key, may ask a minute; and how many wrong keys it may try."""

    def __init__(self, per_minute: Callable[[], int], now: Callable[[], float] = time.monotonic):
        self._per_minute = per_minute
        self._people, self._addresses, self._failures = Buckets(now), Buckets(now), Buckets(now)

    def take_of_person(self, person_id: int) -> None:
        """Raises: Refused for somebody who asks too often."""
        _require(self._people.take(str(person_id), self._per_minute()), _OFTEN.format("You ask"))

    def take_of_address(self, address: str) -> None:
        """Raises: Refused for an address from which too much is asked without a key."""
        wait = self._addresses.take(_network(address), self._per_minute())
        _require(wait, _OFTEN.format("Your address asks"))

    def count_unknown(self, address: str, failed: bool) -> None:
        """Count a request that showed nobody's key, and whether that was what it failed by."""
        self._addresses.take(_network(address), self._per_minute())
        if failed:
            self._failures.take(_network(address), self._per_minute() * _FAILURES)

    def require_few_failures(self, address: str) -> None:
        """Raises: Refused for an address that has tried too many wrong keys or codes."""
        _require(self._failures.wait(_network(address), self._per_minute() * _FAILURES), _WRONG)

    def require_room(self, address: str) -> None:
        """Raises: Refused for an address that could ask nothing now without a good key."""
        self.require_few_failures(address)
        wait = self._addresses.wait(_network(address), self._per_minute())
        _require(wait, _OFTEN.format("Your address asks"))


def _require(wait: float, said: str) -> None:
    if wait > 0:
        seconds = math.ceil(wait)
        text = f"{said} This request was not carried out; try again in {seconds} s."
        raise Refused(429, text, {"Retry-After": str(seconds)})


def _network(address: str) -> str:
    """Return what is counted as one: an IPv4 address, or the half of an IPv6 address that names a network."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)
