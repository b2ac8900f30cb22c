"""What a certificate says as an Open Badges 3.0 credential, and which are revoked. Pure functions.

Source: https://www.imsglobal.org/spec/ob/v3p0, https://www.w3.org/TR/vc-bitstring-status-list
"""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from grader.course.policy import Policy
from grader.credentials import encode
from grader.server.certificates.earning import asked_average

PAGES = "/certificates/"
LIST = "/certificates/status"
_W3C = "https://www.w3.org/ns/credentials/v2"
_OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
_LEAST_BITS = 131_072  # so that a list does not tell how few certificates there are
SELF_ISSUED = "Self-issued: made by the learner's own server, and checked by nobody else."


@dataclass(frozen=True)
class Holder:
    """Whom a certificate is for, and where it stands."""

    id: str
    place: int  # in the list of revocations
    name: str
    email: str
    average: float


def credential(base: str, policy: Policy, holder: Holder, at: datetime) -> dict[str, Any]:
    """Return an unsigned certificate."""
    page = base + PAGES + holder.id
    return {
        "@context": [_W3C, _OPEN_BADGES],
        "id": page,
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": title(policy),
        "issuer": {"id": base, "type": ["Profile"], "name": issuer(policy), "url": base},
        "validFrom": _moment(at),
        "credentialSubject": _subject(page, base, policy, holder),
        "credentialStatus": {
            "id": f"{base}{LIST}#{holder.place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(holder.place),
            "statusListCredential": base + LIST,
        },
    }


def status_list(base: str, revoked: Iterable[int], size: int, at: datetime) -> dict[str, Any]:
    """Return the unsigned list of the revoked among `size` certificates."""
    bits = bytearray(-(-max(size, _LEAST_BITS) // 8))
    for place in revoked:
        bits[place // 8] |= 0x80 >> place % 8  # the first is the leftmost
    address = base + LIST
    return {
        "@context": [_W3C],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": base,
        "validFrom": _moment(at),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "u" + encode(gzip.compress(bytes(bits), mtime=0)),
        },
    }


def title(policy: Policy) -> str:
    return f"{policy.title} (self-issued)" if policy.certificate.self_issued else policy.title


def issuer(policy: Policy) -> str:
    return policy.certificate.issuer or policy.title


def _subject(page: str, base: str, policy: Policy, holder: Holder) -> dict[str, Any]:
    salt = holder.id
    email = hashlib.sha256((holder.email + salt).encode()).hexdigest()
    average = f"{base}/#average"
    return {
        "id": f"{page}#holder",
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": holder.name,
                "identityType": "name",
            },
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": f"sha256${email}",
                "identityType": "emailAddress",
                "salt": salt,
            },
        ],
        "achievement": _achievement(base, average, policy),
        "result": [{"type": ["Result"], "resultDescription": average, "value": f"{holder.average:.2f}"}],
    }


def _achievement(base: str, average: str, policy: Policy) -> dict[str, Any]:
    said = f"Completed the course {policy.title}."
    self_issued = policy.certificate.self_issued
    return {
        "id": f"{base}/#{policy.id}",
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": title(policy),
        "description": f"{said} {SELF_ISSUED}" if self_issued else said,
        "criteria": {"narrative": criteria(policy)},
        "tag": ["self-issued"] if self_issued else [],
        "resultDescription": [
            {
                "id": average,
                "type": ["ResultDescription"],
                "name": "Weighted average of the homeworks",
                "resultType": "Percent",
                "valueMin": "0",
                "valueMax": "100",
            }
        ],
    }


def criteria(policy: Policy) -> str:
    """Return what had to be done."""
    said = f"A weighted average of at least {asked_average(policy.certificate):g} of 100 over the homeworks"
    return f"{said}, and an accepted final project." if policy.certificate.project_required else f"{said}."


def _moment(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
