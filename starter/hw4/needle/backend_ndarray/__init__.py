"""needle's own arrays: strided views of float32 memory on a device, whose kernels are written by hand."""

from needle.backend_ndarray import arithmetic, multiplication, reductions
from needle.backend_ndarray.devices import (
    BackendDevice,
    all_devices,
    cpu,
    cpu_numpy,
    cuda,
    cuda_sim,
    default_device,
)
from needle.backend_ndarray.functions import (
    add,
    array,
    broadcast_to,
    compact,
    divide,
    empty,
    exp,
    expand_dims,
    full,
    log,
    matmul,
    max,
    maximum,
    multiply,
    negative,
    ones,
    ones_like,
    permute,
    power,
    reshape,
    sign,
    sqrt,
    subtract,
    sum,
    swapaxes,
    tanh,
    transpose,
    where,
    zeros,
    zeros_like,
)
from needle.backend_ndarray.interop import from_dlpack
from needle.backend_ndarray.ndarray import NDArray
from needle.backend_ndarray.padding import flip, pad
