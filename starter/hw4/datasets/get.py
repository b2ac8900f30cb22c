"""Fetch a dataset, or make its synthetic stand-in: python datasets/get.py mnist [--synthetic].

Exit status: 0 the dataset is there, 1 it isn't (one sentence says why), 2 wrong usage, 130 interrupted.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from errors import DatasetError, RefusedError, RegistryError
from presence import SYNTHETIC, Presence, look, write_receipt
from registry import load
from staging import staged

HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    options = parse(arguments)
    try:
        return run(options)
    except DatasetError as error:
        print(error, file=sys.stderr)
    except ModuleNotFoundError as error:
        print(
            f"get.py: this Python has no package {error.name}. Expected the course's environment. "
            f"Run `make setup`, then `make data DATASET=...`.",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("get.py: interrupted; nothing half written was left. Run it again.", file=sys.stderr)
        return 130
    return 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="get.py", description="Fetch a dataset or make its stand-in.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", help="the dataset")
    what.add_argument("--list", action="store_true", help="show every dataset and what is there of it")
    parser.add_argument("--synthetic", action="store_true", help="make the stand-in, without a network")
    parser.add_argument("--check", action="store_true", help="only look at what is there")
    parser.add_argument("--json", action="store_true", help="print what is there as JSON")
    parser.add_argument("--dir", type=Path, help="the folder of data (default: NEEDLE_DATA_DIR, or data/)")
    parser.add_argument("--registry", type=Path, default=HERE / "registry.yaml", help="another registry")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    """Fetch, make or look, then always say what is there. Raises: DatasetError"""
    registry = load(options.registry)
    data = data_folder(options.dir)
    if options.list:
        report([look(dataset, data) for dataset in registry.values()], options.json, many=True)
        return 0
    if options.name not in registry:
        raise RegistryError(f"get.py: no dataset is named {options.name!r}. Expected {', '.join(registry)}.")
    dataset = registry[options.name]
    found = look(dataset, data)
    try:
        if not options.check:
            found = make_stand_in(found) if options.synthetic else fetch_real(found)
    finally:  # after a failure too: what was there still is
        report([found], options.json, many=False)
    return 0 if found.state in ("real", "synthetic") else 1


def data_folder(given: Path | None) -> Path:
    """Return the folder of all data: the one given, the environment's, or data/ in the workspace."""
    named = os.environ.get("NEEDLE_DATA_DIR")
    return (given or (Path(named) if named else HERE.parent / "data")).expanduser().absolute()


def fetch_real(found: Presence) -> Presence:
    """Fetch what isn't there as real data; a stand-in stays until all of it has come."""
    if found.state == "real":
        return found
    import download  # here: it needs pooch, and looking doesn't

    dataset = found.dataset
    print(
        f"{dataset.name}: {dataset.title}. Terms: {dataset.terms}. Source: {dataset.source}.", file=sys.stderr
    )
    with staged(found.folder) as folder:
        download.fetch(dataset, found.having("missing", "synthetic", "corrupt"), folder)
    return look(dataset, found.folder.parent)


def make_stand_in(found: Presence) -> Presence:
    """Make the synthetic stand-in where there is no real data. Raises: RefusedError"""
    if found.state == "synthetic":
        return found
    dataset = found.dataset
    own = found.having("verified", "unverified")
    if not (found.folder / SYNTHETIC).exists():
        own += found.having("corrupt")  # perhaps a variant that someone made
    if own:
        raise RefusedError(
            f"{found.folder}: holds files that are no stand-in ({', '.join(own)}). Expected none: "
            f"--synthetic never overwrites real data. Move them away, or name another folder with --dir or "
            f"NEEDLE_DATA_DIR."
        )
    print(f"{dataset.name}: making the synthetic stand-in", file=sys.stderr)
    with staged(found.folder) as folder:
        synthesize(dataset.name, folder)
        heading = f"A synthetic stand-in for {dataset.title}: made by a program, not the published data."
        write_receipt(folder / SYNTHETIC, heading, [file.name for file in dataset.files])
    return look(dataset, found.folder.parent)


def synthesize(name: str, folder: Path) -> None:
    """Write a dataset's stand-in. Raises: RegistryError"""
    import synthetic_cifar10  # here: they need NumPy, and looking doesn't
    import synthetic_mnist
    import synthetic_ptb

    writers = {
        "mnist": synthetic_mnist.write_digits,
        "fashion-mnist": synthetic_mnist.write_garments,
        "cifar10": synthetic_cifar10.write,
        "ptb": synthetic_ptb.write,
    }
    if name not in writers:
        raise RegistryError(f"{name}: has no synthetic stand-in. Expected one of: {', '.join(writers)}.")
    writers[name](folder)


def report(found: list[Presence], as_json: bool, many: bool) -> None:
    """Print what is there, for people or for other programs."""
    if as_json:
        facts = [as_facts(each) for each in found]
        print(json.dumps(facts if many else facts[0]))
    else:
        print("\n".join(sentence(each) for each in found))


def as_facts(found: Presence) -> dict[str, object]:
    """Return what was found in the form of --json."""
    return {
        "name": found.dataset.name,
        "state": found.state,
        "dir": str(found.folder),
        "missing": found.having("missing"),
        "corrupt": found.having("corrupt"),
        "unverified": found.having("unverified"),
    }


def sentence(found: Presence) -> str:
    """Say what was found and, when it isn't whole, what to do."""
    name, size = found.dataset.name, f"{len(found.verdicts)} files, {found.bytes / 1e6:.1f} MB"
    if found.state == "real":
        unknown = found.having("unverified")
        doubt = f"; no checksum is known for {', '.join(unknown)}" if unknown else ""
        return f"{name}: real, in {found.folder} ({size}{doubt})"
    if found.state == "synthetic":
        return f"{name}: synthetic stand-in, in {found.folder} ({size}); figures differ from published ones"
    advice = f"make data DATASET={name} (SYNTHETIC=1 for a stand-in without a network)"
    if found.state == "missing":
        missing = found.having("missing")
        what = (
            f"lacks {', '.join(missing)}" if len(missing) < len(found.verdicts) else "has none of its files"
        )
        return f"{name}: missing, {found.folder} {what}. Run: {advice}"
    bad = ", ".join(found.having("corrupt")) or "real and synthetic files are mixed"
    return f"{name}: corrupt, in {found.folder}: {bad}. Run: {advice}"


if __name__ == "__main__":
    sys.exit(main())
