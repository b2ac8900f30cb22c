"""Keys: how they are made, recognized and kept."""

import hashlib
import re
import secrets

_KEY = re.compile(r"ndl_[A-Za-z0-9_-]{40}")
_LINK = re.compile(r"(?<=/sign-in/)[^/?\s'\"]+")


def new_key() -> str:
    """Return a fresh key: `ndl_` and 40 characters of 240 random bits."""
    return "ndl_" + secrets.token_urlsafe(30)


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def key_digest(key: str) -> str:
    """Return what the database keeps of a key. A plain hash is enough: 240 random bits can't be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_id(digest: str) -> str:
    """Return the name that a key goes by where it may be read: it says nothing of the key."""
    return digest[:12]


def without_keys(text: str) -> str:
    """Return a text fit for a log: no key, and no one-time link."""
    return _LINK.sub("...", _KEY.sub("ndl_...", text))
