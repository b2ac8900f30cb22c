// What the reference's CUDA backend offers beside the kernels that hw3 teaches: the module's submodule
// `fast`.
#pragma once

#include <pybind11/pybind11.h>

#include "allocator.h"  // the module's arrays take their memory from there

namespace needle::cuda_fast {

/// Add the submodule `fast`, after the module's Array.
void BindFast(pybind11::module_ &module);

void BindElementwise(pybind11::module_ &fast);
void BindReductions(pybind11::module_ &fast);
void BindMatmul(pybind11::module_ &fast);
void BindSequences(pybind11::module_ &fast);
void BindRecurrent(pybind11::module_ &fast);
void BindTraining(pybind11::module_ &fast);

}  // namespace needle::cuda_fast
