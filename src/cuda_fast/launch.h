// The one place where a fast kernel starts: on this thread's stream, its errors turned into exceptions.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "errors.h"
#include "streams.h"

namespace needle::fast {

inline std::string LaunchText(const char *name, dim3 grid, dim3 block, size_t shared_bytes) {
  const auto text = [](dim3 d) {
    return std::to_string(d.x) + " x " + std::to_string(d.y) + " x " + std::to_string(d.z);
  };
  return std::string(name) + ": a launch of " + text(grid) + " blocks of " + text(block) + " threads, with " +
         std::to_string(shared_bytes) + " bytes of dynamic shared memory";
}

// Return how many blocks `count` things need, of which a block takes `each`. Throws where a launch can't have
// as many.
inline unsigned BlocksFor(int64_t count, int64_t each) {
  const int64_t blocks = (count + each - 1) / each;
  if (blocks > INT32_MAX)
    throw std::invalid_argument("a kernel needs " + std::to_string(blocks) + " blocks. Expected at most " +
                                std::to_string(INT32_MAX) + ". Compute on parts of the arrays.");
  return static_cast<unsigned>(blocks);
}

// Start kernel(arguments...). No blocks: nothing to do.
template <class... Parameters, class... Arguments>
void Launch(const char *name, void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared_bytes,
            const Arguments &...arguments) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
  kernel<<<grid, block, shared_bytes, CurrentStream()>>>(arguments...);
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) Require(error, LaunchText(name, grid, block, shared_bytes));
}

}  // namespace needle::fast
