"""Stand-ins and real data in one folder: neither is ever taken for the other."""

import json

import pytest


@pytest.fixture
def registry(mirror, write_registry, monkeypatch):
    """Register the small dataset with a stand-in of its own."""
    import get as script

    def synthesize(name, folder):
        (folder / "pictures.gz").write_bytes(b"made up")
        (folder / "words.txt").write_bytes(b"made up too")

    monkeypatch.setattr(script, "synthesize", synthesize)
    return write_registry([mirror.address])


@pytest.fixture
def state(get, registry):
    def look():
        outcome = get("small", "--check", "--json", "--registry", registry)
        facts = json.loads(outcome.out)
        assert outcome.status == (0 if facts["state"] in ("real", "synthetic") else 1)
        return facts["state"]

    return look


def test_stand_in_says_what_it_is_and_is_made_once(get, registry, state, tmp_path):
    outcome = get("small", "--synthetic", "--registry", registry)
    assert outcome.status == 0
    assert "small: synthetic stand-in, in" in outcome.out
    marker = tmp_path / "data" / "small" / "SYNTHETIC.txt"
    assert marker.read_text().startswith("A synthetic stand-in for Small things")
    written = marker.stat().st_mtime_ns
    assert get("small", "--synthetic", "--registry", registry).status == 0
    assert marker.stat().st_mtime_ns == written
    assert state() == "synthetic"


def test_real_data_is_never_overwritten(get, registry, mirror, published, state, tmp_path):
    mirror.files |= published
    get("small", "--registry", registry)
    outcome = get("small", "--synthetic", "--registry", registry)
    assert outcome.status == 1
    assert "--synthetic never overwrites real data" in outcome.err
    assert state() == "real"
    assert (tmp_path / "data" / "small" / "words.txt").read_bytes() == published["words.txt"]


def test_files_of_unknown_origin_are_not_overwritten_by_a_stand_in(get, registry, tmp_path):
    own = tmp_path / "data" / "small" / "words.txt"
    own.parent.mkdir(parents=True)
    own.write_text("my own words")
    outcome = get("small", "--synthetic", "--registry", registry)
    assert outcome.status == 1
    assert "holds files that are no stand-in (words.txt)" in outcome.err
    assert own.read_text() == "my own words"


def test_real_data_replaces_the_stand_in_only_when_all_of_it_has_come(
    get, registry, mirror, published, state, tmp_path
):
    get("small", "--synthetic", "--registry", registry)
    mirror.files["pictures.gz"] = published["pictures.gz"]
    failed = get("small", "--registry", registry)
    assert failed.status == 1
    assert "synthetic stand-in, in" in failed.out
    assert state() == "synthetic"
    mirror.files |= published
    assert "small: real" in get("small", "--registry", registry).out
    assert state() == "real"
    assert sorted(path.name for path in (tmp_path / "data" / "small").iterdir()) == sorted(published)


def test_damaged_stand_in_is_corrupt_and_made_again(get, registry, state, tmp_path):
    get("small", "--synthetic", "--registry", registry)
    (tmp_path / "data" / "small" / "words.txt").write_bytes(b"made u")
    assert state() == "corrupt"
    assert get("small", "--synthetic", "--registry", registry).status == 0
    assert state() == "synthetic"


def test_real_and_synthetic_files_together_are_corrupt(get, registry, published, state, tmp_path):
    get("small", "--synthetic", "--registry", registry)
    (tmp_path / "data" / "small" / "words.txt").write_bytes(published["words.txt"])
    assert state() == "corrupt"
    assert "real and synthetic files are mixed" in get("small", "--check", "--registry", registry).out


def test_real_files_beside_a_forgotten_marker_are_real(get, registry, published, state, tmp_path):
    get("small", "--synthetic", "--registry", registry)
    for name, content in published.items():
        (tmp_path / "data" / "small" / name).write_bytes(content)
    assert state() == "real"


def test_stand_in_that_lost_a_file_is_missing_it(get, registry, state, tmp_path):
    get("small", "--synthetic", "--registry", registry)
    (tmp_path / "data" / "small" / "words.txt").unlink()
    assert state() == "missing"


def test_interrupted_stand_in_leaves_nothing(get, registry, monkeypatch, tmp_path):
    import get as script

    def interrupted(name, folder):
        (folder / "pictures.gz").write_bytes(b"ma")
        raise KeyboardInterrupt

    monkeypatch.setattr(script, "synthesize", interrupted)
    outcome = get("small", "--synthetic", "--registry", registry)
    assert outcome.status == 130
    assert list((tmp_path / "data").iterdir()) == []
