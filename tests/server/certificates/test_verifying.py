"""A credential checked without the server: no change of it, and no other key, is believed."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from certified_course import BASE, NOW, keys_of
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from grader.credentials import decode, encode, read_keys, thumbprint, verify
from grader.errors import CredentialError
from grader.server.certificates.signing import SigningKey


def test_a_signed_credential_says_what_was_signed(token: str, key: SigningKey) -> None:
    found = verify(token, keys_of(key), NOW)
    assert (found.name, found.course, found.average) == ("Zoë Ł", "Tiny <b>", 93.2)
    assert (found.place, found.issued_at, found.self_issued) == (7, NOW, False)


def test_no_character_of_a_credential_can_be_changed(token: str, key: SigningKey) -> None:
    keys = keys_of(key)
    for at, old in enumerate(token):
        other = "A" if old != "A" else "B"
        with pytest.raises(CredentialError, match=r"[Dd]o not trust"):
            verify(token[:at] + other + token[at + 1 :], keys, NOW)
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        if last != token[-1]:
            with pytest.raises(CredentialError):
                verify(token[:-1] + last, keys, NOW)


def test_another_courses_key_is_refused(token: str) -> None:
    other = SigningKey(Ed25519PrivateKey.generate())
    with pytest.raises(CredentialError, match="another key than this course's"):
        verify(token, keys_of(other), NOW)


def test_a_signature_by_another_key_under_the_courses_name_does_not_fit(token: str, key: SigningKey) -> None:
    claims = json.loads(decode(token.split(".")[1]))
    kid = jwt.get_unverified_header(token)["kid"]
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", {"kid": kid})
    with pytest.raises(CredentialError, match="changed after it was signed"):
        verify(forged, keys_of(key), NOW)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "NONE", "nOnE", "RS256", "", None])
def test_only_ed25519_is_believed(token: str, key: SigningKey, algorithm: Any) -> None:
    claims, kid = token.split(".")[1], jwt.get_unverified_header(token)["kid"]
    header = encode(json.dumps({"alg": algorithm, "typ": "JWT", "kid": kid}).encode())
    with pytest.raises(CredentialError, match=r"[Dd]o not trust"):
        verify(f"{header}.{claims}.{token.split('.')[2]}", keys_of(key), NOW)
    with pytest.raises(CredentialError, match=r"[Dd]o not trust"):
        verify(f"{header}.{claims}.", keys_of(key), NOW)


def test_the_public_key_is_no_shared_secret(token: str, key: SigningKey) -> None:
    claims, jwk = token.split(".")[1], key.jwk(BASE)
    header = encode(json.dumps({"alg": "HS256", "kid": jwk["kid"]}).encode())
    signed = hmac.new(decode(jwk["x"]), f"{header}.{claims}".encode(), hashlib.sha512).digest()
    with pytest.raises(CredentialError, match="'HS256'"):
        verify(f"{header}.{claims}.{encode(signed)}", keys_of(key), NOW)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exp": NOW.timestamp() - 1}, "expired"),
        ({"nbf": (NOW + timedelta(days=1)).timestamp()}, "in the future"),
        ({"nbf": "soon"}, "can't be read"),
        ({"sub": None}, "no credential of a course"),
        ({"credentialSubject": {}}, "no certificate of a course"),
        ({"credentialSubject": []}, "no certificate of a course"),
        ({"validFrom": 3}, "no certificate of a course"),
    ],
)
def test_a_signed_credential_that_is_no_certificate_now_is_refused(
    token: str, key: SigningKey, changes: dict[str, Any], said: str
) -> None:
    claims = json.loads(decode(token.split(".")[1])) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    signed = jwt.encode(claims, key._key, "EdDSA", {"kid": jwt.get_unverified_header(token)["kid"]})
    with pytest.raises(CredentialError, match=said):
        verify(signed, keys_of(key), NOW)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 100_000, "ndl_" + "A" * 40, "é.é.é", "[]"])
def test_what_is_no_credential_is_refused_with_a_sentence(key: SigningKey, text: str) -> None:
    with pytest.raises(CredentialError, match="no signed credential"):
        verify(text, keys_of(key), NOW)


@pytest.mark.parametrize(
    "said", [None, [], {}, {"keys": []}, {"keys": 3}, {"keys": [{"kty": "oct", "k": "AA"}]}]
)
def test_a_key_file_without_an_ed25519_key_is_refused(said: object) -> None:
    with pytest.raises(CredentialError, match="no Ed25519 key"):
        read_keys(said, "here")


def test_a_thumbprint_is_that_of_the_standards_example() -> None:
    x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"  # RFC 8037, appendix A.3
    assert (
        thumbprint({"kty": "OKP", "crv": "Ed25519", "x": x}) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )
