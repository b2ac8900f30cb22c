"""A course's certificates read and checked away from its server: the signature, the key, the dates."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import CredentialError, GraderError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALGORITHM = "EdDSA"
UNNAMED = "Self-learner"  # who learns alone and gave no name
GIVE_A_NAME = 'make learn LEARNER="Your Name"'
KEPT_KEY = ".grader/course_key.json"  # the course's public key in a workspace
_CLOCKS_DIFFER_BY = timedelta(minutes=5)
_FILE_LIMIT = 4 * 1024**2  # bytes
_TOKEN = re.compile(r"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{86}")
_ATTACHED = re.compile(rb"stream\r?\n(eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)\r?\nendstream")


@dataclass(frozen=True)
class Certificate:
    """What a credential whose signature is right says."""

    id: str  # the address of the page that shows it
    name: str
    course: str
    average: float
    issuer: str
    issued_at: datetime
    self_issued: bool
    place: int  # in the list of revocations


def thumbprint(jwk: dict[str, Any]) -> str:
    """Return the name of an Ed25519 key that follows from the key itself. Source: RFC 7638, RFC 8037."""
    members = {name: jwk[name] for name in ("crv", "kty", "x")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return encode(hashlib.sha256(text.encode()).digest())


def encode(data: bytes) -> str:
    """Return bytes in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_file(path: Path) -> str:
    """Return the signed credential that a file is, or that a PDF carries. Raises: CredentialError."""
    if path.stat().st_size > _FILE_LIMIT:
        raise CredentialError(f"{path}: over {_FILE_LIMIT} bytes. Expected a certificate, as .jwt or .pdf.")
    data = path.read_bytes()
    if not data.startswith(b"%PDF"):
        return data.decode("ascii", "replace").strip()
    found = _ATTACHED.findall(data)
    if len(found) != 1:
        said = f"{path}: found {len(found)} credentials attached to this PDF"
        raise CredentialError(
            f"{said}. Expected one: a certificate's file as it was fetched, not printed again."
        )
    return str(found[0].decode())


def read_keys(said: object, where: str) -> "dict[str, Ed25519PublicKey]":
    """Return the Ed25519 keys of a JWK set, or of one JWK, by thumbprint. Raises: CredentialError."""
    _, ed25519 = _libraries()
    listed = said.get("keys", [said]) if isinstance(said, dict) else None
    keys = {}
    for jwk in listed if isinstance(listed, list) else []:
        try:
            if (jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519"):
                keys[thumbprint(jwk)] = ed25519.Ed25519PublicKey.from_public_bytes(decode(jwk["x"]))
        except (KeyError, TypeError, ValueError):
            continue
    if not keys:
        said_here = f"{where}: found no Ed25519 key"
        raise CredentialError(f"{said_here}. Expected what the course publishes at /.well-known/jwks.json.")
    return keys


def verify(token: str, keys: "dict[str, Ed25519PublicKey]", now: datetime) -> Certificate:
    """Return what a credential says once its signature holds. Raises: CredentialError."""
    jwt, _ = _libraries()
    _require_canonical(token)
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != ALGORITHM:
            raise CredentialError(
                f"This credential says {str(header.get('alg'))[:20]!r} of how it is signed. "
                f"Expected {ALGORITHM}, which alone is taken: do not trust it."
            )
        key = keys.get(str(header.get("kid", "")).rpartition("#")[2])
        if key is None:
            raise CredentialError(
                "This credential was signed with another key than this course's. "
                "Get the key from the course that it names; if it is from there, do not trust the credential."
            )
        required = {"require": ["iss", "jti", "nbf", "sub"], "verify_nbf": False, "verify_exp": False}
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], options={**required, "verify_aud": False})
    except jwt.InvalidSignatureError:
        raise CredentialError(
            "The signature does not fit: this credential was changed after it was signed. Do not trust it."
        ) from None
    except jwt.PyJWTError as error:
        raise CredentialError(f"This is no credential of a course ({error}). Do not trust it.") from None
    _require_in_time(claims, now)
    return _certificate(claims)


def is_revoked(listed: dict[str, Any], place: int) -> bool:
    """Return whether a list of revocations, whose signature was checked, names a credential's place."""
    import zlib

    try:
        packed = decode(listed["credentialSubject"]["encodedList"][1:])
        bits = zlib.decompressobj(wbits=31).decompress(packed, _FILE_LIMIT)
        return bool(bits[place // 8] & 0x80 >> place % 8)
    except (KeyError, TypeError, ValueError, IndexError, zlib.error):
        raise CredentialError("The course's list of revocations can't be read. Ask the course.") from None


def read_list(token: str, keys: "dict[str, Ed25519PublicKey]") -> dict[str, Any]:
    """Return a list of revocations once its signature holds. Raises: CredentialError."""
    jwt, _ = _libraries()
    try:
        key = keys[str(jwt.get_unverified_header(token).get("kid", "")).rpartition("#")[2]]
        options = {"verify_aud": False, "verify_nbf": False}  # clocks differ
        return dict(jwt.decode(token, key, algorithms=[ALGORITHM], options=options))
    except (KeyError, jwt.PyJWTError):
        raise CredentialError(
            "The course's list of revocations is not signed with its key. Ask the course."
        ) from None


def _libraries() -> tuple[Any, Any]:
    try:
        import jwt
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ModuleNotFoundError as error:
        said = f"{error.name} is not installed, and a signature can't be checked without it"
        raise GraderError(f"{said}. Run `.venv/bin/pip install cryptography pyjwt`.") from None
    return jwt, ed25519


def _require_canonical(token: str) -> None:
    """Refuse a text that only decodes to the same bytes: its last character has bits that nobody signs."""
    signature = token.rpartition(".")[2]
    if not _TOKEN.fullmatch(token) or encode(decode(signature)) != signature:
        raise CredentialError(
            "This is no signed credential, or a character of it was changed. Expected three words joined by "
            "dots, as `grader certificate` writes them. Do not trust it."
        )


def _require_in_time(claims: dict[str, Any], now: datetime) -> None:
    moments = {name: claims[name] for name in ("nbf", "exp") if name in claims}
    if not all(type(moment) in (int, float) for moment in moments.values()):
        raise CredentialError("This credential's dates can't be read. Do not trust it.")
    if claims["nbf"] > (now + _CLOCKS_DIFFER_BY).timestamp():
        raise CredentialError("This credential is dated in the future. Is this machine's clock right?")
    if "exp" in claims and claims["exp"] <= now.timestamp():
        raise CredentialError("This credential has expired. Ask its holder for a newer one.")


def _certificate(claims: dict[str, Any]) -> Certificate:
    try:
        subject, status = claims["credentialSubject"], claims["credentialStatus"]
        [name] = [one["identityHash"] for one in subject["identifier"] if one["identityType"] == "name"]
        return Certificate(
            id=str(claims["id"]),
            name=str(name),
            course=str(subject["achievement"]["name"]),
            average=float(subject["result"][0]["value"]),
            issuer=str(claims["issuer"]["name"]),
            issued_at=datetime.fromisoformat(claims["validFrom"].replace("Z", "+00:00")),
            self_issued=any("self-issued" in str(tag) for tag in subject["achievement"].get("tag", [])),
            place=int(status["statusListIndex"]),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        raise CredentialError(
            "This credential is signed with the course's key, and is no certificate of a course. "
            "Expected an Open Badges 3.0 achievement with a name and an average."
        ) from None
