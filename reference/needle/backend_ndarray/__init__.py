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
    array,
    broadcast_to,
    compact,
    empty,
    exp,
    flip,
    full,
    log,
    matmul,
    max,
    maximum,
    negative,
    ones,
    permute,
    power,
    reshape,
    sqrt,
    sum,
    swapaxes,
    tanh,
    transpose,
    zeros,
)
from needle.backend_ndarray.interop import from_dlpack
from needle.backend_ndarray.ndarray import NDArray
