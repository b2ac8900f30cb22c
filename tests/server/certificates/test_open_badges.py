"""A credential and a list of revocations beside the standards' data models, field by field.

Source: Open Badges 3.0, appendix B (data models) and section 8.2 (VC-JWT); W3C Verifiable Credentials 2.0;
W3C Bitstring Status List 1.0. Only the fields that a certificate may use are written down here.
"""

import gzip
import json
from datetime import datetime
from typing import Annotated, Any, Literal

import jwt
import pytest
from certified_course import BASE, HOLDER, NOW, course
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from grader.credentials import decode
from grader.server.certificates.credential import credential, status_list
from grader.server.certificates.signing import SigningKey

Uri = Annotated[str, StringConstraints(pattern=r"^https://[^\s<>]+$")]
Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Whole = Annotated[str, StringConstraints(pattern=r"^\d+$")]
Number = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?$")]


class Standard(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)


class Profile(Standard):
    id: Uri
    type: tuple[Literal["Profile"]]
    name: Text
    url: Uri


class HashedIdentity(Standard):
    type: Literal["IdentityObject"]  # a word here, and no list
    hashed: Literal[True]
    identity_hash: Annotated[str, StringConstraints(pattern=r"^sha256\$[0-9a-f]{64}$")]
    identity_type: Literal["emailAddress"]
    salt: Text


class OpenIdentity(Standard):
    type: Literal["IdentityObject"]
    hashed: Literal[False]
    identity_hash: Text
    identity_type: Literal["name"]


class Criteria(Standard):
    narrative: Text


class ResultDescription(Standard):
    id: Uri
    type: tuple[Literal["ResultDescription"]]
    name: Text
    result_type: Literal["Percent"]
    value_min: Number
    value_max: Number


class Achievement(Standard):
    id: Uri
    type: tuple[Literal["Achievement"]]
    achievement_type: Literal["Course"]
    name: Text
    description: Text
    criteria: Criteria
    tag: list[Text]
    result_description: list[ResultDescription]


class Result(Standard):
    type: tuple[Literal["Result"]]
    result_description: Uri
    value: Number


class AchievementSubject(Standard):
    id: Uri
    type: tuple[Literal["AchievementSubject"]]
    identifier: list[OpenIdentity | HashedIdentity]
    achievement: Achievement
    result: list[Result]


class StatusEntry(Standard):
    id: Uri
    type: Literal["BitstringStatusListEntry"]
    status_purpose: Literal["revocation"]
    status_list_index: Whole
    status_list_credential: Uri


class AchievementCredential(Standard):
    context: Annotated[
        tuple[
            Literal["https://www.w3.org/ns/credentials/v2"],
            Literal["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        ],
        Field(alias="@context"),
    ]
    id: Uri
    type: tuple[Literal["VerifiableCredential"], Literal["AchievementCredential"]]
    name: Text
    issuer: Profile
    valid_from: Moment
    credential_subject: AchievementSubject
    credential_status: StatusEntry


class StatusList(Standard):
    id: Uri
    type: Literal["BitstringStatusList"]
    status_purpose: Literal["revocation"]
    encoded_list: Annotated[str, StringConstraints(pattern=r"^u[A-Za-z0-9_-]+$")]  # multibase: base64url


class StatusListCredential(Standard):
    context: Annotated[tuple[Literal["https://www.w3.org/ns/credentials/v2"]], Field(alias="@context")]
    id: Uri
    type: tuple[Literal["VerifiableCredential"], Literal["BitstringStatusListCredential"]]
    issuer: Uri
    valid_from: Moment
    credential_subject: StatusList


@pytest.mark.parametrize("self_issued", [False, True])
def test_a_credential_has_the_standards_fields_and_no_others(self_issued: bool) -> None:
    said = credential(BASE, course(self_issued=self_issued), HOLDER, NOW)
    one = AchievementCredential.model_validate_json(json.dumps(said))
    [described] = one.credential_subject.achievement.result_description
    assert [result.result_description for result in one.credential_subject.result] == [described.id]


@pytest.mark.parametrize(
    ("where", "field", "value"),
    [
        ((), "validFrom", "2026-03-01"),
        (("issuer",), "type", "Profile"),
        (("credentialSubject",), "grade", 1),
        (("credentialSubject", "achievement"), "criteria", "work"),
        (("credentialStatus",), "statusListIndex", 7),
    ],
)
def test_a_field_that_the_standards_do_not_have_so_is_seen(
    where: tuple[str, ...], field: str, value: object
) -> None:
    said = credential(BASE, course(), HOLDER, NOW)
    part: dict[str, Any] = said
    for name in where:
        part = part[name]
    part[field] = value
    with pytest.raises(ValidationError, match=field):
        AchievementCredential.model_validate_json(json.dumps(said))


def test_the_registered_claims_repeat_what_the_credential_says(token: str, key: SigningKey) -> None:
    claims = jwt.decode(token, key.public, algorithms=["EdDSA"], options={"verify_nbf": False})
    registered = {name: claims.pop(name) for name in ("iss", "jti", "sub", "nbf")}
    one = AchievementCredential.model_validate_json(json.dumps(claims))
    assert registered == {
        "iss": one.issuer.id,
        "jti": one.id,
        "sub": one.credential_subject.id,
        "nbf": datetime.fromisoformat(one.valid_from.replace("Z", "+00:00")).timestamp(),
    }


def test_a_list_of_revocations_has_the_standards_fields_and_counts_bits_from_the_left() -> None:
    said = status_list(BASE, [1, 8], 20, NOW)
    one = StatusListCredential.model_validate_json(json.dumps(said))
    bits = gzip.decompress(decode(one.credential_subject.encoded_list[1:]))
    assert len(bits) * 8 == 131_072
    assert bits[:3] == bytes([0b01000000, 0b10000000, 0])
    assert one.id == StatusEntry.model_validate(entry()).status_list_credential


def entry() -> dict[str, Any]:
    status: dict[str, Any] = credential(BASE, course(), HOLDER, NOW)["credentialStatus"]
    return status
