"""The certificate: ask for it, fetch it, check one, take one back."""

import argparse
import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import requests

from grader.client import Client, check_url, load_login
from grader.commands.places import existing, instructors_client
from grader.credentials import (
    GIVE_A_NAME,
    KEPT_KEY,
    UNNAMED,
    Certificate,
    is_revoked,
    read_file,
    read_keys,
    read_list,
    verify,
)
from grader.errors import CredentialError, GraderError, Unreachable
from grader.workspace.folder import Workspace

_PATIENCE = 20.0  # seconds


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    one = commands.add_parser("certificate", help="fetch your certificate, or read what is missing")
    one.add_argument("--into", type=Path, default=Path(), metavar="DIR", help="by default here")
    one.set_defaults(command=_certificate)
    actions = one.add_subparsers(metavar="ACTION")
    action = actions.add_parser("revoke", help="take somebody's certificate back (instructor)")
    action.add_argument("email")
    action.add_argument("--reason", required=True, help="what the public page says")
    action.set_defaults(command=_revoke)
    action = actions.add_parser(
        "reissue", help="replace it by one of the newest name and average (instructor)"
    )
    action.add_argument("email")
    action.set_defaults(command=_reissue)

    one = commands.add_parser("verify", help="check a certificate, its .jwt or its .pdf")
    one.add_argument("file", type=Path)
    key = one.add_mutually_exclusive_group()
    key.add_argument("--key", type=Path, metavar="FILE", help="the course's public key, as a JWK set")
    key.add_argument("--url", help="the course's server: asks it for its key, and whether it was revoked")
    one.set_defaults(command=_verify)


def _certificate(options: argparse.Namespace) -> int:
    workspace = Workspace.find(Path.cwd())
    client = Client(load_login(workspace.root))
    standing = client.get("/certificate")
    held = standing["certificate"]
    if standing["missing"] and (held is None or held["revoked_at"]):
        raise GraderError(f"No certificate yet: {'; '.join(standing['missing'])}.")
    issued = client.post("/certificate", {})
    options.into.mkdir(parents=True, exist_ok=True)
    keep_key(workspace.root, client)
    (options.into / "certificate.jwt").write_text(issued["credential"] + "\n", encoding="ascii")
    (options.into / "certificate.pdf").write_bytes(client.download("/certificate/document"))
    print(f"Certificate of {issued['name']}, average {issued['average']:.2f}: {issued['url']}")
    print(f"Written: {options.into / 'certificate.pdf'} and {options.into / 'certificate.jwt'}.")
    if issued["name"] == UNNAMED:
        print(f"To have your name on it, end the server and start it with: {GIVE_A_NAME}")
    return 0


def keep_key(root: Path, client: Client) -> None:
    """Keep the course's public key in the workspace: certificates can then be checked without a network."""
    path = root / KEPT_KEY
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"keys": [client.get("/certificates/key")]}) + "\n", encoding="utf-8")


def _revoke(options: argparse.Namespace) -> int:
    said = {"email": options.email, "reason": options.reason}
    revoked = instructors_client().post("/certificates/revoke", said)
    print(f"The certificate of {revoked['name']} is revoked; {revoked['url']} says so.")
    return 0


def _reissue(options: argparse.Namespace) -> int:
    issued = instructors_client().post("/certificates/reissue", {"email": options.email})
    print(f"A new certificate for {issued['name']}, average {issued['average']:.2f}: {issued['url']}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    how = "`grader certificate` fetches yours; somebody else's they send you"
    token = read_file(existing(options.file, f"a certificate, as .pdf or .jwt: {how}"))
    url = check_url(options.url) if options.url else None
    keys = read_keys(*_published(url) if url else _kept(options.key))
    certificate = verify(token, keys, datetime.now(timezone.utc))
    if url:
        listed = read_list(_fetched(url, "/certificates/status").text, keys)
        if is_revoked(listed, certificate.place):
            raise CredentialError(f"This certificate was revoked. {certificate.id} says when and why.")
    _show(certificate, asked=url is not None)
    return 0


def _show(certificate: Certificate, asked: bool) -> None:
    print("The signature is right. The credential says:")
    for what, said in (
        ("Name", certificate.name),
        ("Course", certificate.course),
        ("Average", f"{certificate.average:.2f} of 100"),
        ("Date", f"{certificate.issued_at:%Y-%m-%d}"),
        ("Issued by", certificate.issuer),
        ("Page", certificate.id),
    ):
        print(f"  {what:10} {said}")
    if certificate.self_issued:
        print("It is self-issued: made by the learner's own server, and checked by nobody else.")
    print("It is not revoked." if asked else "Whether it was revoked is told by its page, or with --url.")


def _published(url: str) -> tuple[Any, str]:
    try:
        return _fetched(url, "/.well-known/jwks.json").json(), url
    except ValueError:
        raise CredentialError(f"{url}: its key is no JSON. Is this the course's server?") from None


def _fetched(url: str, path: str) -> requests.Response:
    try:
        response = requests.get(url + path, timeout=_PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        said = f"No answer from {url} ({type(error).__name__})"
        raise Unreachable(f"{said}. Without a network, give the course's key with --key FILE.") from None
    if response.status_code != 200:
        raise CredentialError(f"{url}{path} answered {response.status_code}. Is this the course's server?")
    return response


def _kept(given: Path | None) -> tuple[Any, str]:
    """Return the key that was given, or that the workspace keeps. Raises: CredentialError for neither."""
    path = given
    if path is None:
        try:
            path = Workspace.find(Path.cwd()).root / KEPT_KEY
        except GraderError:
            path = None
    if path is None or not path.is_file():
        said = f"{path}: there is no such file" if given else "No key of a course is kept here"
        more = "Give the course's key with --key FILE, or its server's address with --url."
        raise CredentialError(f"{said}, and without it no signature can be checked. {more}")
    try:
        return json.loads(path.read_text(encoding="utf-8")), str(path)
    except ValueError:
        raise CredentialError(f"{path}: this is no JSON. Expected the course's key, as a JWK set.") from None
