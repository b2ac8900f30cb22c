"""Checkpoints: all that a training needs to go on as if it had never stopped, in one file.

The file is one of `needle.save`: the model's state, the arrays that the optimizer keeps for each parameter,
and, as the bytes of a JSON text, its numbers, the state of NumPy's generator and what was done.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

import needle as ndl
from needle.errors import FileFormatError, NeedleError, StateError

REST = (
    "rest"  # the tensor of the text's bytes; text has no dtype, and float32 can't hold all of these numbers
)


def save_checkpoint(path: str | Path, model: ndl.nn.Module, opt: ndl.optim.Optimizer, done: Any) -> None:
    """Write a training's state to a file, which is there in full or, when that fails, as it was before.

    `done` says how far the training came, in what JSON has: the number of epochs, or a list of their figures.
    """
    rest = {
        "done": done,
        "optimizer": type(opt).__name__,
        "numbers": {name: value for name, value in vars(opt).items() if isinstance(value, int | float)},
        "generator": _generator_state(),
        "tensors": _hold_tensors(opt),
    }
    state = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    text = np.frombuffer(json.dumps(rest).encode(), dtype=np.uint8)
    ndl.save({**state, **_arrays(opt), REST: ndl.Tensor(text, requires_grad=False)}, path)


def load_checkpoint(path: str | Path, model: ndl.nn.Module, opt: ndl.optim.Optimizer) -> Any:
    """Put a training's state back into a model and an optimizer made as they were, and return its `done`.

    Raises: FileFormatError for a file that is no checkpoint, StateError for one of another model or
    optimizer; nothing is changed then.
    """
    state = ndl.load(path)
    rest = _rest(path, state)
    arrays = {name: state.pop(name) for name in list(state) if name.startswith("optimizer.")}
    _require_same(path, rest, arrays, opt)
    model.load_state_dict({name.removeprefix("model."): tensor for name, tensor in state.items()})
    vars(opt).update(rest["numbers"])
    for held in _held(opt).values():
        held.clear()
    for name, tensor in arrays.items():
        _, attribute, number = name.split(".")
        param = opt.params[int(number)]
        placed = ndl.Tensor(tensor, device=param.device)
        kept = placed.detach() if attribute in rest["tensors"] else placed.realize_cached_data()
        vars(opt)[attribute][param] = kept
    np.random.set_state((*rest["generator"],))
    return rest["done"]


def add_checkpoint_options(parser: argparse.ArgumentParser) -> None:
    """Let a program be asked to keep a checkpoint, and to go on from it."""
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="save a checkpoint after each epoch")
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint, as if never stopped"
    )


def done_before(options: argparse.Namespace, model: ndl.nn.Module, opt: ndl.optim.Optimizer) -> Any:
    """Return what was done as the options' checkpoint says, put back as it was; without --resume, None.

    Raises: SystemExit, in words, where there is no checkpoint that fits.
    """
    if not options.resume:
        return None
    if options.checkpoint is None:
        raise SystemExit("--resume: found no --checkpoint. Expected one to go on from. Name its file.")
    try:
        return load_checkpoint(options.checkpoint, model, opt)
    except FileNotFoundError:
        raise SystemExit(
            f"{options.checkpoint}: not found. Expected a checkpoint to go on from. Leave out --resume "
            "to begin."
        ) from None
    except (NeedleError, OSError) as error:
        raise SystemExit(str(error)) from None


def _generator_state() -> list[Any]:
    name, words, *rest = np.random.get_state()
    return [name, words.tolist(), *rest]


def _held(opt: ndl.optim.Optimizer) -> dict[str, dict[Any, Any]]:
    """Return what an optimizer holds for each parameter, such as Adam's m and v."""
    return {name: value for name, value in vars(opt).items() if isinstance(value, dict)}


def _arrays(opt: ndl.optim.Optimizer) -> dict[str, ndl.Tensor]:
    """Return what is held by names such as optimizer.m.0, of the first parameter. Raises: StateError"""
    number_of = {param: number for number, param in enumerate(opt.params)}
    found = {}
    for attribute, held in _held(opt).items():
        for param, array in held.items():
            if param not in number_of:
                raise StateError(
                    f"save_checkpoint: {type(opt).__name__}.{attribute} holds something for {param!r}. "
                    f"Expected its parameters alone. Keep `{attribute}` so."
                )
            tensor = array if isinstance(array, ndl.Tensor) else ndl.Tensor.make_const(array)
            found[f"optimizer.{attribute}.{number_of[param]}"] = tensor.detach()
    return found


def _hold_tensors(opt: ndl.optim.Optimizer) -> list[str]:
    """Name the attributes that hold Tensors, where ours hold arrays."""
    held = _held(opt).items()
    return [name for name, kept in held if any(isinstance(array, ndl.Tensor) for array in kept.values())]


def _rest(path: str | Path, state: dict[str, ndl.Tensor]) -> dict[str, Any]:
    """Take the text out of a file's tensors, and read it. Raises: FileFormatError"""
    try:
        rest = json.loads(state.pop(REST).numpy().astype(np.uint8).tobytes())
        if {"done", "optimizer", "numbers", "generator", "tensors"} <= rest.keys():
            return rest
    except (KeyError, ValueError, AttributeError):
        pass
    raise FileFormatError(
        f"{path}: holds tensors, but not how far a training came. Expected a checkpoint. Name a file that "
        "save_checkpoint wrote."
    )


def _require_same(
    path: str | Path, rest: dict[str, Any], arrays: dict[str, ndl.Tensor], opt: ndl.optim.Optimizer
) -> None:
    """Refuse what was saved of another optimizer. Raises: StateError"""
    shapes = [param.shape for param in opt.params]
    expected = {
        f"optimizer.{name}.{number}": shape for name in _held(opt) for number, shape in enumerate(shapes)
    }
    misfits = sorted(name for name, tensor in arrays.items() if expected.get(name) != tensor.shape)
    if rest["optimizer"] != type(opt).__name__ or not rest["numbers"].keys() <= vars(opt).keys() or misfits:
        found = f", with {misfits[0]} of shape {arrays[misfits[0]].shape}" if misfits else ""
        raise StateError(
            f"{path}: was saved with {rest['optimizer']}{found}. Expected {type(opt).__name__} of "
            f"{len(shapes)} parameters like these. Make the model and the optimizer as they were."
        )
