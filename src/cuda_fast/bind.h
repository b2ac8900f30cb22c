// What the reference's CUDA backend offers beside the kernels that hw3 teaches: the module's submodule
// `fast`.
#pragma once

#include <pybind11/pybind11.h>

#include "allocator.h"  // the module's arrays take their memory from there

namespace needle::fast {

/// Add the submodule `fast`, after the module's Array.
void BindFast(pybind11::module_ &module);

void BindElementwise(pybind11::module_ &fast);
void BindReductions(pybind11::module_ &fast);
void BindMatmul(pybind11::module_ &fast);

}  // namespace needle::fast
