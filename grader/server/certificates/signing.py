"""The key with which a course signs its certificates: made on first need, kept where only its owner reads."""

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from grader.credentials import ALGORITHM, encode, thumbprint
from grader.errors import GraderError
from grader.server.refusals import Refused

KEY_FILE = "certificate_key.pem"
KEY_ADDRESS = "/api/v1/certificates/key"


class SigningKey:
    def __init__(self, key: Ed25519PrivateKey):
        self._key = key
        self.public = key.public_key()
        raw = self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._jwk = {"kty": "OKP", "crv": "Ed25519", "x": encode(raw)}
        self.thumbprint = thumbprint(self._jwk)

    def jwk(self, base: str) -> dict[str, str]:
        """Return the public key; its name is an address where it is found."""
        return self._jwk | {"kid": self._name(base), "alg": ALGORITHM, "use": "sig"}

    def sign(self, base: str, claims: dict[str, Any], issued_at: datetime) -> str:
        """Return a credential as a signed JWT. Source: Open Badges 3.0, section 8.2."""
        registered = {
            "iss": claims["issuer"]["id"] if isinstance(claims["issuer"], dict) else claims["issuer"],
            "jti": claims["id"],
            "sub": claims["credentialSubject"]["id"],
            "nbf": int(issued_at.timestamp()),
        }
        headers = {"kid": self._name(base), "typ": "JWT"}
        return jwt.encode(claims | registered, self._key, ALGORITHM, headers)

    def _name(self, base: str) -> str:
        return f"{base}{KEY_ADDRESS}#{self.thumbprint}"


def open_key(data: Path, issued: bool) -> SigningKey:
    """Return the course's key, made if there is none yet and no certificate was issued.

    Raises: Refused where the key of certificates is missing; GraderError for a file that is no key.
    """
    path = data / KEY_FILE
    if not path.exists():
        if issued:
            raise _missing()
        _make(path)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        raise _no_key(path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path)
    return SigningKey(key)


def _make(path: Path) -> None:
    """Write a new key whole or not at all; of several servers that start at once one wins."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(unfinished)


def _missing() -> Refused:
    """Another key would make every certificate one that nobody issued."""
    said = f"The server's folder --data has no {KEY_FILE}, which certificates of this course are signed with."
    where = "servers side by side share the folder, and a backup of the course has the file"
    return Refused(503, f"{said} Expected that very key: {where}. Tell your instructor, who puts it back.")


def _no_key(path: Path) -> GraderError:
    return GraderError(
        f"{path}: this is no Ed25519 key in PEM. Restore it from a backup: it can't be remade."
    )
