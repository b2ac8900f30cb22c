"""Read registry.yaml: where each dataset comes from and how to tell that it is whole."""

import re
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from errors import RegistryError


@dataclass(frozen=True)
class File:
    """One file of a dataset; what is not known of it is None."""

    name: str
    remote: str | None = None  # its name at the mirrors, where it differs
    packed: str | None = None
    content: str | None = None
    bytes: int | None = None  # of the content
    packed_bytes: int | None = None
    least_bytes: int = 1


@dataclass(frozen=True)
class Dataset:
    """A dataset, its mirrors and its files."""

    name: str
    title: str
    folder: str
    terms: str
    source: str
    mirrors: list[str]
    files: list[File]
    archive: File | None = None


def load(path: Path) -> dict[str, Dataset]:
    """Read a registry. Raises: RegistryError"""
    import yaml  # here, so that a Python without it gets a sentence from get.py

    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        cause = " ".join(str(error).split())
        raise RegistryError(
            f"{path}: can't be read ({cause}). Expected the YAML file of datasets."
        ) from error
    if not isinstance(tree, dict):
        raise RegistryError(f"{path}: holds no datasets. Expected `name:` and its fields, for each.")
    return {name: _dataset(f"{path}: {name}", name, entry) for name, entry in tree.items()}


def _dataset(where: str, name: str, entry: Any) -> Dataset:
    entry = {"name": name} | _mapping(where, entry)
    for key in ("mirrors", "files"):
        if not isinstance(entry.get(key), list) or not entry[key]:
            raise RegistryError(
                f"{where}: `{key}` is {entry.get(key)!r}. Expected a list with one entry or more."
            )
    entry["files"] = [_record(File, f"{where}: files", each) for each in entry["files"]]
    if "archive" in entry:
        entry["archive"] = _record(File, f"{where}: archive", entry["archive"])
    dataset = _record(Dataset, where, entry)
    for mirror in dataset.mirrors:
        if not str(mirror).startswith(("https://", "http://")):
            raise RegistryError(
                f"{where}: mirrors: {mirror!r} is no address. Expected https://... or http://..."
            )
    for checksum in (
        each for file in dataset.files for each in (file.packed, file.content) if each is not None
    ):
        if not re.fullmatch("[0-9a-f]{32}", str(checksum)):
            raise RegistryError(f"{where}: files: {checksum!r} is no MD5. Expected 32 hexadecimal digits.")
    names = [dataset.folder, *(file.name for file in dataset.files)]
    for odd in (each for each in names if each in (".", "..") or Path(each).name != each):
        raise RegistryError(f"{where}: {odd!r} is a path. Expected a plain file name.")
    return dataset


def _record(kind: type, where: str, entry: Any) -> Any:
    """Make a record from a mapping that has just its fields."""
    entry = _mapping(where, entry)
    allowed = {each.name: each for each in fields(kind)}
    for key in entry.keys() - allowed.keys():
        raise RegistryError(f"{where}: `{key}` is unknown. Expected one of: {', '.join(allowed)}.")
    for name, each in allowed.items():
        if name not in entry and each.default is MISSING:
            raise RegistryError(f"{where}: `{name}` is missing. Add it.")
    return kind(**entry)


def _mapping(where: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise RegistryError(f"{where}: found {entry!r}. Expected `field: value` pairs.")
    return entry
