// The arguments of whole layers' kernels: sizes, and arrays that kernels of this thread's stream will use.
#pragma once

#include "../fast_sizes.h"
#include "arguments.h"

namespace needle::cuda_fast {

using fast::GiveArrays;
using Owned = std::unique_ptr<cuda::CudaArray>;

class Sizes : public fast::SizesFor<cuda::CudaArray> {
 public:
  using SizesFor::SizesFor;

  const float *Next(const char *name, std::initializer_list<int64_t> shape) const {
    const float *memory = SizesFor::Next(name, shape);
    RecordUse(memory);
    return memory;
  }
};

}  // namespace needle::cuda_fast
