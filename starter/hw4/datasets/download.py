"""Fetch a dataset's files from the first mirror that has them whole."""

import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pooch
import requests
from errors import UnreachableError
from presence import FETCHED, judge, write_receipt
from registry import Dataset, File
from unpack import unpack

SECONDS = 30  # without a byte from a mirror


def fetch(dataset: Dataset, names: list[str], folder: Path) -> None:
    """Fetch the named files into a folder, or the archive that holds them all.

    Raises: UnreachableError, UnsafeArchiveError
    """
    pooch.get_logger().setLevel("ERROR")  # it would advise to record the checksum that came
    if dataset.archive is None:
        for file in dataset.files:
            if file.name in names:
                fetch_file(dataset, file, folder)
        return
    archive = fetch_file(dataset, dataset.archive, folder.parent)
    unpack(archive, dataset.folder, folder)
    absent = [file.name for file in dataset.files if not (folder / file.name).is_file()]
    if absent:
        raise UnreachableError(
            f"{dataset.archive.name}: lacks {', '.join(absent)}. Expected the whole dataset."
        )
    heading = f"Checksums of the files as they came from {dataset.archive.name}."
    write_receipt(folder / FETCHED, heading, [file.name for file in dataset.files])


def fetch_file(dataset: Dataset, file: File, folder: Path) -> Path:
    """Fetch one file, from one mirror after another. Raises: UnreachableError"""
    failures = []
    for mirror in dataset.mirrors:
        address = urljoin(mirror, file.remote or file.name)
        size = f" ({file.packed_bytes / 1e6:.0f} MB)" if file.packed_bytes else ""
        print(f"{dataset.name}: fetching {address}{size}", file=sys.stderr)
        failure = attempt(address, file, folder)
        if failure is None:
            return folder / file.name
        failures.append(f"{urlsplit(address).netloc}: {failure}")
        print(f"{dataset.name}: no luck: {failure}", file=sys.stderr)
    raise UnreachableError(
        f"{dataset.name}: no mirror gave {file.name} ({'; '.join(failures)}). Expected one that does. Try "
        f"again later, or use the synthetic stand-in: make data DATASET={dataset.name} SYNTHETIC=1 "
        f"(that is get.py {dataset.name} --synthetic)."
    )


def attempt(address: str, file: File, folder: Path) -> str | None:
    """Fetch one file from one address; return what went wrong, if anything."""
    # What lies there unpacked is published unpacked, so its content's checksum is the file's.
    checksum = file.packed or (None if file.name.endswith(".gz") else file.content)
    fetcher = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=1 << 16, timeout=SECONDS)
    try:
        pooch.retrieve(address, checksum and f"md5:{checksum}", file.name, folder, downloader=fetcher)
    except requests.HTTPError as error:
        return f"the mirror answered {error.response.status_code}"
    except requests.Timeout:
        return f"no answer in {SECONDS} s"
    except requests.ConnectionError:
        return "no connection"
    except requests.RequestException as error:
        return f"the download broke off ({type(error).__name__})"
    except ValueError:  # pooch's word for another checksum; it has removed the file
        return "a corrupt file came, its checksum differs"
    if judge(file, folder, {}, {}) == "corrupt":
        (folder / file.name).unlink()
        return "a corrupt file came, it isn't whole"
    return None
