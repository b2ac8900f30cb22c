"""A release as it comes in: from a folder, an archive or an address, checked against its manifest."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from grader.errors import Rejected, Unreachable, WorkspaceError
from grader.workspace.archive import open_archive
from grader.workspace.folder import RELEASES, Manifest, check_path, digest, parse_manifest

Fetch = Callable[[str], bytes]

LARGEST = 100 * 2**20  # bytes of a download
_WHEEL = re.compile(r"^wheels/[A-Za-z0-9_.+-]+\.whl$")
_NAMED_WHEEL = re.compile(rb"^\./(wheels/\S+\.whl)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Release:
    """The files of one release by path, as its manifest says, and the grader's wheel if it came along."""

    manifest: Manifest
    files: dict[str, bytes]

    @property
    def id(self) -> str:
        return self.manifest.assignment

    @property
    def manifest_path(self) -> str:
        return f"{RELEASES}/{self.id}.json"

    @property
    def wheels(self) -> list[str]:
        return sorted(path for path in self.files if _WHEEL.match(path))

    @property
    def named_wheels(self) -> list[str]:
        """Return the wheels that requirements.txt asks for."""
        return [name.decode() for name in _NAMED_WHEEL.findall(self.files.get("requirements.txt", b""))]


def read_release(name: str, source: str, fetch: Fetch) -> Release:
    """Read the release of an assignment from a folder, a .tar.gz, a server's address or an archive's.

    Raises: WorkspaceError when it is another's, or not as its manifest says; Unreachable, Rejected.
    """
    if "://" in source:
        return check_release(name, _unwrapped(open_archive(fetch(release_url(name, source)))), source)
    path = Path(source).expanduser()
    if path.is_dir():
        return check_release(name, _read_folder(name, path), source)
    if path.is_file():
        return check_release(name, _unwrapped(open_archive(path)), source)
    raise WorkspaceError(
        f"{source}: there is nothing here. Expected a release: a folder, a .tar.gz or an address."
    )


def release_url(name: str, address: str) -> str:
    """Return where a release lies: the address itself or, if it is only a server's, the path for it there."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WorkspaceError(
            f"{address}: this is no address of a release. Expected one that begins with https://."
        )
    return address if parts.path.strip("/") else f"{address.rstrip('/')}/api/v1/assignments/{name}/release"


def check_release(name: str, files: dict[str, bytes], where: str) -> Release:
    """Return files as a release. Raises: WorkspaceError when they are not just what the manifest says."""
    manifest_path = f"{RELEASES}/{name}.json"
    if manifest_path not in files:
        found = sorted(Path(path).stem for path in files if path.startswith(f"{RELEASES}/"))
        said = (
            f"this is the release of {', '.join(found)}"
            if found
            else "this is no release: it has no manifest"
        )
        raise WorkspaceError(
            f"{where}: {said}. Expected the release of {name}. Give its folder, archive or address."
        )
    manifest = parse_manifest(files[manifest_path], f"{where}: {manifest_path}")
    if manifest.assignment != name:
        raise WorkspaceError(
            f"{where}: {manifest_path} is {manifest.assignment}'s. Expected {name}'s. Fetch it again."
        )
    _compare(manifest, {path: data for path, data in files.items() if path != manifest_path}, where)
    return Release(manifest, files)


def _compare(manifest: Manifest, files: dict[str, bytes], where: str) -> None:
    again = "Fetch the release again, and tell your instructor if that doesn't help."
    for path in files:
        if path not in manifest.files and not _WHEEL.match(path):
            raise WorkspaceError(f"{where}: {path} is not in the release's manifest. {again}")
    for path, released in manifest.files.items():
        if path.startswith(".grader/"):
            raise WorkspaceError(
                f"{where}: {path} would be written where the grader keeps its own files. {again}"
            )
        if path not in files:
            raise WorkspaceError(f"{where}: {path} is missing. Expected every file of the manifest. {again}")
        if digest(files[path]) != released.sha256:
            raise WorkspaceError(f"{where}: {path} is not the file that the manifest describes. {again}")


def _read_folder(name: str, folder: Path) -> dict[str, bytes]:
    """Read what the manifest names, and the wheel from wheels/ here or beside; no other file."""
    manifest_file = folder / RELEASES / f"{name}.json"
    manifests = [manifest_file] if manifest_file.is_file() else (folder / RELEASES).glob("*.json")
    files = {f"{RELEASES}/{file.name}": file.read_bytes() for file in manifests}
    if manifest_file.is_file():
        for path in parse_manifest(manifest_file.read_bytes(), str(manifest_file)).files:
            if (folder / path).is_file():
                files[path] = (folder / path).read_bytes()
    wheels = [*folder.glob("wheels/*.whl"), *folder.parent.glob("wheels/*.whl")]
    files.update({f"wheels/{file.name}": file.read_bytes() for file in reversed(wheels)})
    return files


def _unwrapped(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return an archive's files without the one folder that holds them all."""
    for path in files:
        check_path(path)
    tops = {path.partition("/")[0] for path in files}
    if len(tops) == 1 and tops != {".grader"}:
        return {path.partition("/")[2]: data for path, data in files.items() if "/" in path}
    return files


def download(url: str) -> bytes:
    """Fetch an address without a key. Raises: Unreachable; Rejected, also for a redirect to another host."""
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(5):
            target, data = _get(session, url)
            if target is None:
                return data
            here, there = urlsplit(url), urlsplit(target)
            if (here.scheme, here.netloc) != (there.scheme, there.netloc):
                raise Rejected(
                    f"{here.netloc} sends us on to {there.netloc}. Expected the release there. "
                    "If the course has moved, use its new address.",
                    302,
                )
            url = target
    raise Rejected(
        f"{url}: this address sends us round in circles. Ask your instructor for another one.", 302
    )


def _get(session: requests.Session, url: str) -> tuple[str | None, bytes]:
    """Return where an address redirects to, or its content."""
    try:
        with session.get(url, timeout=(5, 60), allow_redirects=False, stream=True) as response:
            if response.is_redirect:
                return urljoin(url, response.headers["location"]), b""
            data = bytearray()
            for chunk in response.iter_content(2**16):
                data += chunk
                if len(data) > LARGEST:
                    raise Rejected(
                        f"{url}: this is larger than {LARGEST >> 20} MiB. Expected a release.", 413
                    )
    except requests.RequestException as error:
        raise Unreachable(
            f"{url}: no answer ({type(error).__name__}). Are you online, and is the address right? "
            "With the release's archive you can go on without: FROM=ARCHIVE"
        ) from None
    if not response.ok:
        raise Rejected(_refusal(url, response, bytes(data)), response.status_code)
    return None, bytes(data)


def _refusal(url: str, response: requests.Response, data: bytes) -> str:
    try:
        return str(json.loads(data)["error"])
    except (ValueError, KeyError, TypeError):
        said = f"the server answered {response.status_code} {response.reason}"
        return f"{url}: {said}. Expected a release. Check the address."
