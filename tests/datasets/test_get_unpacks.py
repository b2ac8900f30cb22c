"""A dataset that comes as one tar archive."""

import io
import json
import tarfile

import pytest
from errors import UnsafeArchiveError
from unpack import unpack

FILES = {"small/batch_1": b"first" * 100, "small/batch_2": b"second" * 100, "small/readme.html": b"<p>"}
PLAIN = [{"name": "batch_1", "least_bytes": 400}, {"name": "batch_2", "least_bytes": 400}]


def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def archive(files=FILES, extra=()):
    """Pack files under small/, and odd members after them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(member("small", tarfile.DIRTYPE))
        for name, content in files.items():
            info = member(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in extra:
            tar.addfile(info)
    return buffer.getvalue()


@pytest.fixture
def registry(mirror, write_registry):
    return write_registry([mirror.address], files=PLAIN, archive={"name": "small.tar.gz"})


def test_archive_is_unpacked_and_its_files_are_known_again(mirror, registry, get, tmp_path):
    mirror.files["small.tar.gz"] = archive()
    assert get("small", "--registry", registry).status == 0
    folder = tmp_path / "data" / "small"
    assert (folder / "batch_2").read_bytes() == FILES["small/batch_2"]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["small"]
    facts = json.loads(get("small", "--check", "--json", "--registry", registry).out)
    assert (facts["state"], facts["unverified"]) == ("real", [])


def test_later_damage_is_seen_by_the_checksums_noted_when_unpacked(mirror, registry, get, tmp_path):
    mirror.files["small.tar.gz"] = archive()
    get("small", "--registry", registry)
    (tmp_path / "data" / "small" / "batch_1").write_bytes(b"FIRST" * 100)
    checked = get("small", "--check", "--json", "--registry", registry)
    assert json.loads(checked.out)["corrupt"] == ["batch_1"]
    assert get("small", "--registry", registry).status == 0
    assert (tmp_path / "data" / "small" / "batch_1").read_bytes() == FILES["small/batch_1"]


def test_archive_that_lacks_a_file_is_refused(mirror, registry, get, tmp_path):
    mirror.files["small.tar.gz"] = archive({"small/batch_1": b"first" * 100})
    outcome = get("small", "--registry", registry)
    assert outcome.status == 1
    assert "small.tar.gz: lacks batch_2." in outcome.err
    assert list((tmp_path / "data").iterdir()) == []


ODD = [
    member("../outside"),
    member("small/../../outside"),
    member("small/.."),
    member("/outside"),
    member("other/batch_1"),
    member("small/deep/er"),
    member("batch_1"),
    member("small/link", tarfile.SYMTYPE, "/etc/passwd"),
    member("small/hard", tarfile.LNKTYPE, "small/batch_1"),
    member("small/pipe", tarfile.FIFOTYPE),
    member("small/device", tarfile.CHRTYPE),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda info: info.name)
def test_archive_with_an_odd_member_is_refused_and_nothing_is_written(odd, mirror, registry, get, tmp_path):
    mirror.files["small.tar.gz"] = archive(extra=[odd])
    before = sorted(tmp_path.rglob("*"))
    outcome = get("small", "--registry", registry)
    assert outcome.status == 1
    assert f"holds {odd.name!r}. Expected only plain files in small/." in outcome.err
    assert sorted(set(tmp_path.rglob("*")) - set(before)) == [tmp_path / "data"]


@pytest.mark.parametrize("content", [b"", b"no tar at all", archive()[:150]], ids=["empty", "text", "cut"])
def test_what_is_no_tar_archive_is_refused(content, tmp_path):
    (tmp_path / "small.tar.gz").write_bytes(content)
    with pytest.raises(UnsafeArchiveError, match="is no whole tar archive"):
        unpack(tmp_path / "small.tar.gz", "small", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["small.tar.gz"]
