"""The registry: ours is whole, and a mistake in one is reported with its place."""

import os
from pathlib import Path

import pytest
import yaml
from errors import RegistryError
from presence import look
from registry import load

REGISTRY = Path(__file__).parents[2] / "datasets" / "registry.yaml"


def test_our_registry_can_tell_real_files_of_every_dataset():
    registry = load(REGISTRY)
    assert list(registry) == ["mnist", "fashion-mnist", "cifar10", "ptb"]
    for dataset in registry.values():
        pieces = [dataset.archive] if dataset.archive else dataset.files
        assert all(file.packed or file.content for file in pieces)


MISTAKES = [
    ({"files": []}, "small: `files` is []. Expected a list"),
    ({"mirrors": "http://one"}, "`mirrors` is 'http://one'. Expected a list"),
    ({"mirrors": ["ftp://one/"]}, "mirrors: 'ftp://one/' is no address"),
    ({"licence": "MIT"}, "`licence` is unknown. Expected one of: name, title"),
    ({"files": [{"packed": "0" * 32}]}, "small: files: `name` is missing"),
    ({"files": ["words.txt"]}, "small: files: found 'words.txt'. Expected `field: value` pairs"),
    ({"files": [{"name": "../words.txt"}]}, "'../words.txt' is a path. Expected a plain file name"),
    ({"files": [{"name": "words.txt", "content": 12345678}]}, "12345678 is no MD5"),
    ({"folder": ".."}, "'..' is a path"),
]


@pytest.mark.parametrize(("change", "message"), MISTAKES, ids=lambda value: str(value)[:30])
def test_mistake_is_reported_with_its_place(change, message, write_registry, get):
    outcome = get("small", "--registry", write_registry(["http://127.0.0.1:9/"], **change))
    assert outcome.status == 1
    assert "registry.yaml: small: " in outcome.err
    assert message in outcome.err


@pytest.mark.parametrize("text", ["a: [", "just words", "", "small: 3"])
def test_what_is_no_registry_is_refused(text, tmp_path):
    (tmp_path / "registry.yaml").write_text(text)
    with pytest.raises(RegistryError, match="Expected"):
        load(tmp_path / "registry.yaml")


def test_absent_field_is_named(tmp_path):
    entry = {"mirrors": ["http://127.0.0.1:9/"], "files": [{"name": "words.txt"}]}
    (tmp_path / "registry.yaml").write_text(yaml.safe_dump({"small": entry}))
    with pytest.raises(RegistryError, match="small: `title` is missing"):
        load(tmp_path / "registry.yaml")


DATA = Path(os.environ.get("NEEDLE_DATA_DIR", os.devnull)).absolute()
HERE = [each for each in load(REGISTRY).values() if (DATA / each.folder).is_dir()]

if HERE:  # no test of real data where there is none

    @pytest.mark.parametrize("dataset", HERE, ids=lambda dataset: dataset.name)
    def test_data_of_this_machine_is_recognised(dataset):
        found = look(dataset, DATA)
        assert found.state in ("real", "synthetic")
        if all(file.content for file in dataset.files):
            assert found.having("unverified") == []
