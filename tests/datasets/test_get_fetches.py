"""Fetching: mirrors, checksums, files that are there already, and what a failure leaves."""

import gzip
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "datasets" / "get.py"


def spoil(mirror, kind):
    """Make the mirror's bad/ folder fail in one way; return that folder's address and what is said of it."""
    if kind == "absent":
        return f"{mirror.address}bad/", "the mirror answered 404"
    if kind == "unreachable":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{free.getsockname()[1]}/", "no connection"
    for name in ("pictures.gz", "words.txt"):
        mirror.files[f"bad/{name}"] = b"an error page" * 20
        if kind == "cut":
            mirror.cut.add(f"bad/{name}")
    return f"{mirror.address}bad/", {"corrupt": "its checksum differs", "cut": "the download broke off"}[kind]


FAILURES = ["absent", "unreachable", "corrupt", "cut"]


@pytest.mark.parametrize("kind", FAILURES)
def test_next_mirror_is_tried_and_the_failure_named(kind, mirror, published, write_registry, get, tmp_path):
    bad, reason = spoil(mirror, kind)
    mirror.files |= {f"good/{name}": content for name, content in published.items()}
    outcome = get("small", "--registry", write_registry([bad, f"{mirror.address}good/"]))
    assert outcome.status == 0
    assert reason in outcome.err
    assert f"small: real, in {tmp_path / 'data' / 'small'} (2 files, " in outcome.out
    assert {path.name: path.read_bytes() for path in (tmp_path / "data" / "small").iterdir()} == published


@pytest.mark.parametrize("kind", FAILURES)
def test_without_a_good_mirror_nothing_is_left_and_the_stand_in_is_offered(
    kind, mirror, write_registry, get, tmp_path
):
    bad, reason = spoil(mirror, kind)
    outcome = get("small", "--registry", write_registry([bad]))
    assert outcome.status == 1
    last = outcome.err.splitlines()[-1]
    assert reason in last
    assert "no mirror gave pictures.gz" in last
    assert "make data DATASET=small SYNTHETIC=1" in last
    assert list((tmp_path / "data").iterdir()) == []


def test_failure_at_the_second_file_leaves_nothing_of_the_first(
    mirror, published, write_registry, get, tmp_path
):
    mirror.files["pictures.gz"] = published["pictures.gz"]
    assert get("small", "--registry", write_registry([mirror.address])).status == 1
    assert "pictures.gz" in mirror.asked
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("name", ["pictures.gz", "words.txt"])
def test_half_file_is_not_taken_for_whole_and_only_it_is_fetched(
    name, mirror, published, write_registry, get, tmp_path
):
    mirror.files |= published
    registry = write_registry([mirror.address])
    get("small", "--registry", registry)
    half = tmp_path / "data" / "small" / name
    half.write_bytes(published[name][: len(published[name]) // 2])
    mirror.asked.clear()
    checked = get("small", "--check", "--json", "--registry", registry)
    assert (checked.status, json.loads(checked.out)["state"]) == (1, "corrupt")
    assert json.loads(checked.out)["corrupt"] == [name]
    assert get("small", "--registry", registry).status == 0
    assert mirror.asked == [name]
    assert half.read_bytes() == published[name]


def test_data_packed_differently_is_accepted_by_its_content(mirror, published, write_registry, get, tmp_path):
    folder = tmp_path / "data" / "small"
    folder.mkdir(parents=True)
    repacked = gzip.compress(gzip.decompress(published["pictures.gz"]), 1, mtime=7)
    assert repacked != published["pictures.gz"]
    (folder / "pictures.gz").write_bytes(repacked)
    (folder / "words.txt").write_bytes(published["words.txt"])
    outcome = get("small", "--registry", write_registry([mirror.address]))
    assert outcome.status == 0
    assert "small: real" in outcome.out
    assert mirror.asked == []


def unknown(name, **known):
    return {"files": [{"name": name, **known}]}


@pytest.mark.parametrize("known", [{}, {"bytes": 2800}, {"least_bytes": 2000}])
def test_file_without_a_known_checksum_is_accepted_if_whole_and_called_unverified(
    known, mirror, published, write_registry, get
):
    mirror.files |= published
    registry = write_registry([mirror.address], **unknown("pictures.gz", **known))
    outcome = get("small", "--registry", registry)
    assert outcome.status == 0
    assert "no checksum is known for pictures.gz" in outcome.out
    facts = json.loads(get("small", "--check", "--json", "--registry", registry).out)
    assert (facts["state"], facts["unverified"]) == ("real", ["pictures.gz"])


@pytest.mark.parametrize("known", [{"bytes": 2801}, {"least_bytes": 2801}, {"content": "0" * 32}])
def test_file_of_the_wrong_size_or_content_is_refused(
    known, mirror, published, write_registry, get, tmp_path
):
    mirror.files |= published
    outcome = get("small", "--registry", write_registry([mirror.address], **unknown("pictures.gz", **known)))
    assert outcome.status == 1
    assert "a corrupt file came, it isn't whole" in outcome.err
    assert list((tmp_path / "data").iterdir()) == []


def test_other_name_at_the_mirror_is_asked_for(mirror, published, write_registry, get, tmp_path):
    mirror.files["set.words.txt"] = published["words.txt"]
    registry = write_registry([mirror.address], **unknown("words.txt", remote="set.words.txt"))
    assert get("small", "--registry", registry).status == 0
    assert (tmp_path / "data" / "small" / "words.txt").read_bytes() == published["words.txt"]


def test_read_only_data_is_accepted_and_untouched(mirror, published, write_registry, get, tmp_path):
    mirror.files |= published
    registry = write_registry([mirror.address])
    get("small", "--registry", registry)
    data = tmp_path / "data"
    places = [data, data / "small", *(data / "small").iterdir()]
    before = {place: place.stat().st_mtime_ns for place in places}
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    outcome = get("small", "--registry", registry)
    for place in places:
        place.chmod(0o755)
    assert (outcome.status, outcome.err) == (0, "")
    assert {place: place.stat().st_mtime_ns for place in places} == before


@pytest.mark.parametrize("arguments", [["small"], ["mnist", "--synthetic"]])
def test_folder_that_cannot_be_made_gets_a_sentence(arguments, mirror, write_registry, get, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    outcome = get(*arguments, "--registry", write_registry([mirror.address], name=arguments[0]))
    assert outcome.status == 1
    assert f"{tmp_path / 'data'}: can't be written" in outcome.err.splitlines()[-1]
    assert "--dir or NEEDLE_DATA_DIR" in outcome.err.splitlines()[-1]


def test_dir_comes_before_the_environment(mirror, published, write_registry, get, tmp_path):
    mirror.files |= published
    get("small", "--dir", tmp_path / "elsewhere", "--registry", write_registry([mirror.address]))
    assert (tmp_path / "elsewhere" / "small" / "words.txt").exists()
    assert not (tmp_path / "data").exists()


def test_unknown_name_is_refused_and_the_known_ones_listed(get):
    outcome = get("mnits")
    assert outcome.status == 1
    expected = "no dataset is named 'mnits'. Expected mnist, fashion-mnist, cifar10, ptb."
    assert outcome.err.strip().endswith(expected)


def test_list_shows_every_dataset(get):
    assert get("--list").out.count("missing") == 4
    assert [each["state"] for each in json.loads(get("--list", "--json").out)] == ["missing"] * 4


def test_check_of_missing_data_fails_and_says_how_to_get_it(get):
    outcome = get("mnist", "--check")
    assert outcome.status == 1
    assert "Run: make data DATASET=mnist (SYNTHETIC=1" in outcome.out


def test_python_without_the_packages_gets_a_sentence(tmp_path):
    bare = subprocess.run(
        [sys.executable, "-S", SCRIPT, "mnist", "--check"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        timeout=30,
    )
    assert bare.returncode == 1
    assert bare.stderr.startswith("get.py: this Python has no package yaml.")
    assert "Traceback" not in bare.stderr
