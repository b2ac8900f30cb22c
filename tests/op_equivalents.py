"""What ops of needle are in NumPy and PyTorch, where that takes more than a line."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Shape = tuple[int, ...]


def kept_places(setting: Any, ndim: int) -> tuple[slice, ...]:
    """Return an index of the elements that a dilation has, or leaves, beside its zeros."""
    axes, zeros = setting
    there = {axis % ndim for axis in axes if axis < ndim}
    return tuple(slice(None, None, zeros + 1 if axis in there else 1) for axis in range(ndim))


def dilated(new_zeros: Callable[[Shape], Any], setting: Any, a: Any) -> Any:
    kept = kept_places(setting, a.ndim)
    out = new_zeros(tuple(side * (part.step or 1) for side, part in zip(a.shape, kept, strict=True)))
    out[kept] = a
    return out


def numpy_pad(widths: Any, a: np.ndarray) -> np.ndarray:
    kept = [
        slice(max(-left, 0), side - max(-right, 0))
        for side, (left, right) in zip(a.shape, widths, strict=True)
    ]
    return np.pad(a[tuple(kept)], [(max(left, 0), max(right, 0)) for left, right in widths])


def axes_of(setting: Any, a: Any) -> tuple[int, ...]:
    if setting is None:
        return tuple(range(a.ndim))
    return setting if isinstance(setting, tuple) else (setting,)


def plain(setting: Any) -> float:
    return setting.item() if hasattr(setting, "item") else setting


def numpy_put(setting: Any, a: np.ndarray) -> np.ndarray:
    index, shape = setting
    out = np.zeros(shape, dtype=a.dtype)
    for place, element in zip(np.arange(out.size).reshape(shape)[index].flat, a.flat, strict=True):
        out.flat[place] += element
    return out


def torch_put(torch: Any, setting: Any, a: Any) -> Any:
    index, shape = setting
    places = torch.tensor(np.arange(math.prod(shape)).reshape(shape)[index]).reshape(-1)
    return torch.zeros(math.prod(shape), dtype=a.dtype).index_add(0, places, a.reshape(-1)).reshape(shape)


def numpy_conv(setting: Any, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    stride, padding = setting
    margin = (padding, padding)
    padded = np.pad(a, ((0, 0), margin, margin, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, b.shape[:2], axis=(1, 2))
    return np.einsum("nrckij,ijko->nrco", windows[:, ::stride, ::stride], b)


def torch_conv(torch: Any, setting: Any, a: Any, b: Any) -> Any:
    stride, padding = setting
    # PyTorch refuses some kernels whose axes are of length 1 and not in order
    images, kernel = a.permute(0, 3, 1, 2), b.permute(3, 2, 0, 1).contiguous()
    found = torch.nn.functional.conv2d(images, kernel, stride=stride, padding=padding)
    return found.permute(0, 2, 3, 1)


def torch_reduce(name: str) -> Callable[..., Any]:
    def reduce(torch: Any, setting: Any, a: Any) -> Any:
        axes = axes_of(setting, a)
        return getattr(torch, name)(a, dim=axes) if axes else a * 1

    return reduce
