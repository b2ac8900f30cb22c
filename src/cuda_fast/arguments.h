// The arguments of the fast kernels' entries: views of this module's arrays, checked.
#pragma once

#include "../fast_arguments.h"
#include "../ndarray_backend_cuda.h"
#include "allocator.h"

namespace needle::cuda_fast {

namespace py = pybind11;
using fast::DefineFast;
using fast::Dims;
using fast::GiveArray;
using fast::GiveNone;
using fast::kMostDims;

using Arguments = fast::ArgumentsFor<cuda::CudaArray>;

/// Where a view's first element lies, and its strides.
struct View {
  cuda::CudaArray *array;
  Dims strides;
  int64_t offset;

  float *First() const { return array->ptr + offset; }
};

/// Take an array, strides and offset. Kernels of this thread's stream will use it.
inline View NextView(Arguments &in, const char *name) {
  cuda::CudaArray &array = in.NextArray(name);
  RecordUse(array.ptr);
  const Dims strides = in.NextDims("strides");
  return {&array, strides, in.NextInt("offset")};
}

}  // namespace needle::cuda_fast
