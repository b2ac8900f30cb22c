"""Talk to a scoring server: the login, and requests whose every failure is a sentence."""

import json
import os
import re
from dataclasses import dataclass
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Retry

from grader.errors import GraderError, NotAServer, Rejected, Unreachable

API = "/api/v1"
_CONNECT = 5.0  # seconds for each of at most four tries, and for each piece of a body
_SILENCE = 30.0  # seconds without a word after a request, which is then sent once more
_BLOB_SILENCE = 75.0  # the same after a blob, which takes a server longer
_RETRY = Retry(
    total=3,
    read=1,
    backoff_factor=0.4,
    status_forcelist=(502, 503, 504),
    allowed_methods=None,  # all of them: an attempt is answered once however often it is sent
    respect_retry_after_header=False,
    raise_on_status=False,
)
_CONNECT_ONLY = Retry(total=3, read=0, status=0, other=0, backoff_factor=0.4, allowed_methods=None)


@dataclass(frozen=True)
class Login:
    url: str
    key: str


def login_file(root: Path) -> Path:
    return root / ".grader" / "login.json"


def save_login(root: Path, login: Login) -> None:
    """Write the login where only its owner can read it."""
    path = login_file(root)
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": login.url, "key": login.key}, file)
    unfinished.replace(path)


def load_login(root: Path) -> Login:
    """Return the saved login; NEEDLE_GRADER_URL and NEEDLE_GRADER_KEY stand in for what the file says.

    Raises: GraderError when there is none, or when others could read it.
    """
    url, key = (os.environ.get(f"NEEDLE_GRADER_{name}", "").strip() for name in ("URL", "KEY"))
    if url and key:
        return Login(url, key)
    saved = _read_login(login_file(root))
    return Login(url or saved.url, key or saved.key)


def _read_login(path: Path) -> Login:
    try:
        said = json.loads(path.read_text())
        login = Login(str(said["url"]), str(said["key"]))
    except FileNotFoundError:
        raise GraderError(
            "You are not logged in to a course. Run `make login URL=https://...`; it asks for your key."
        ) from None
    except (ValueError, KeyError, TypeError, OSError):
        raise GraderError(f"{path}: this is no login. Run `make login URL=https://...` again.") from None
    if path.stat().st_mode & 0o077:
        raise GraderError(f"{path}: others can read your key. Run `chmod 600 {path}`.")
    return login


def check_url(url: str) -> str:
    """Return the address without a last slash. Raises: GraderError where a key would travel in the clear."""
    if any(mark in url for mark in "@?#"):
        raise GraderError("A key must never be part of the address. Give the address alone, as https://HOST.")
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise GraderError(f"{url}: this is no address. Expected https://HOST, or http://127.0.0.1:PORT.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise GraderError(
            f"{url}: your key would travel in the clear. Use https://; plain http is for 127.0.0.1 only."
        )
    return url.rstrip("/")


def _parts(url: str) -> SplitResult | None:
    """Return the parts of an address; None when it is none."""
    try:
        parts = urlsplit(url)
        if "[" in parts.netloc:
            ip_address(parts.hostname or "")
        return parts if parts.port != 0 and not re.search(r"[\s\x00-\x1f]", url) else None
    except ValueError:  # a port out of range, or brackets around something else than an IPv6 address
        return None


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _SameHost(requests.Session):
    """A session that follows no redirect to another host, since the key would go along."""

    def __init__(self, key: str, retry: Retry):
        super().__init__()
        self.headers["Authorization"] = f"Bearer {key}"
        self.trust_env = False  # a .netrc would replace the key, a proxy would see it
        for scheme in ("http://", "https://"):
            self.mount(scheme, HTTPAdapter(max_retries=retry))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        try:
            target = super().get_redirect_target(resp)
            other = _parts(urljoin(resp.url, target)) if target is not None else None
        except ValueError:
            target, other = "", None
        if target is None:
            return None
        origin = urlsplit(resp.url)
        if other is None or (origin.scheme, origin.netloc) != (other.scheme, other.netloc):
            resp.close()
            where = other.netloc if other else "an address that can't be read"
            said = f"{origin.netloc} sends us on to {where}. Your key was not sent there."
            raise Rejected(
                f"{said} If the course has moved, run `make login` with the new address.", resp.status_code
            )
        return target


class Client:
    """One person's connection to a scoring server."""

    def __init__(self, login: Login):
        self.url = check_url(login.url)
        if not re.fullmatch(r"[!-~]+", login.key):
            raise GraderError("Your key holds a space or an unusual letter, or is empty. Paste it once more.")
        self._session = _SameHost(login.key, _RETRY)
        self._once = _SameHost(login.key, _CONNECT_ONLY)

    def get(self, path: str) -> Any:
        return _content(self._send("GET", path))

    def post(self, path: str, content: object) -> Any:
        return _content(self._send("POST", path, json=content))

    def post_once(self, path: str, content: object) -> Any:
        """Post what is answered with a new key: a second reply to it could not hold the key again."""
        return _content(self._send("POST", path, session=self._once, json=content))

    def send_blob(self, method: str, path: str, blob: bytes, headers: dict[str, str] | None = None) -> Any:
        sent = {"Content-Type": "application/octet-stream", **(headers or {})}
        # a stream goes out in pieces, each with its own time
        # where bytes would have one for all of them
        return _content(self._send(method, path, _BLOB_SILENCE, data=BytesIO(blob), headers=sent))

    def download(self, path: str) -> bytes:
        return self._send("GET", path).content

    def _send(
        self,
        method: str,
        path: str,
        silence: float | None = None,
        session: requests.Session | None = None,
        **options: Any,
    ) -> requests.Response:
        limits = (_CONNECT, silence or _SILENCE)
        chosen = session or self._session
        try:
            response = chosen.request(method, self.url + API + path, timeout=limits, **options)
        except requests.RequestException as error:
            often = "once" if chosen is self._once else "twice"
            said = f"No answer from {self.url} ({_reason(error, limits[1], often)})."
            raise Unreachable(
                f"{said} Is the address right, and are you online? If so, try again later."
            ) from None
        if not response.ok:
            raise _refusal(response)
        return response


def _content(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise _refusal(response) from None


def is_refusal(error: Unreachable | Rejected) -> bool:
    """Tell whether the server itself said no, so that it has surely stored nothing."""
    return isinstance(error, Rejected) and not isinstance(error, NotAServer) and error.status < 500


def _reason(error: requests.RequestException, silence: float, often: str) -> str:
    """Return why there is no answer; an error of exhausted retries holds the last one as its reason."""
    inner = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.ReadTimeout) or isinstance(inner, ReadTimeoutError):
        return f"it was silent for {silence:g} seconds, {often}"
    if isinstance(error, requests.Timeout):
        return "timed out"
    return "the connection failed" if isinstance(error, requests.ConnectionError) else type(error).__name__


def _refusal(response: requests.Response) -> Rejected:
    """Return the server's own sentence, or who else answered in its place."""
    try:
        return Rejected(str(response.json()["error"]), response.status_code)
    except (ValueError, KeyError, TypeError):
        said = f"{urlsplit(response.url).netloc} answered {response.status_code} {response.reason}"
        return NotAServer(f"{said}, and not as a scoring server does.", response.status_code)
