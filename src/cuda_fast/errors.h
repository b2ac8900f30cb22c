// What the driver says becomes an exception that names the call or the kernel.
#pragma once

#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace needle::cuda_fast {

// Throw what the driver says of `where`, unless it says that all is well.
inline void Require(cudaError_t error, const std::string &where) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // forget it: the next call is not to blame
  throw std::runtime_error(where + ": " + cudaGetErrorString(error) + " (" + cudaGetErrorName(error) +
                           "). Expected it to succeed. An error of an earlier kernel may show only here: set "
                           "CUDA_LAUNCH_BLOCKING=1 to see which.");
}

}  // namespace needle::cuda_fast
