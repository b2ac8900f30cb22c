// What calls of the fast kernels ask of this backend, and their arguments.
#pragma once

#include "../fast/arguments.h"
#include "../ndarray_backend_cuda.h"
#include "allocator.h"
#include "errors.h"
#include "streams.h"

namespace needle::fast {

struct CudaBackend {
  using Array = cuda::CudaArray;
  static constexpr bool kLeavesWrongIndicesOut = true;

  /// Say that kernels of this thread's stream will use the array.
  static void Use(const Array &array) { RecordUse(array.ptr); }

  /// Call work(), which starts kernels and does not wait for them.
  template <class Work>
  static void Run(size_t, Work work) {
    work();
  }

  static void Copy(const float *from, size_t count, float *to, const std::string &where) {
    const size_t bytes = count * sizeof(float);
    Require(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, CurrentStream()), where);
  }

  static float Read(const float *number, const std::string &where) {
    float found = 0;
    Require(cudaMemcpy(&found, number, sizeof(float), cudaMemcpyDeviceToHost), where);
    return found;
  }
};

using Arguments = ArgumentsFor<CudaBackend>;

}  // namespace needle::fast
