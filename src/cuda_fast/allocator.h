// Device memory that is kept for the next array instead of being given back: the driver takes some hundred
// microseconds for either.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

namespace needle::fast {

// Return device memory for kernels of this thread's stream, null for 0 bytes. Throws OutOfMemory.
void *Allocate(size_t bytes);
// Take memory back. Kernels that were started before may still use it: only later kernels of the same stream
// will get it.
void Free(void *memory, size_t bytes) noexcept;
// Say that kernels of this thread's stream use memory that another stream's kernels may have been given.
void RecordUse(const void *memory);

// Memory for the time between two kernels: given back at the end of a scope.
class Temporary {
 public:
  explicit Temporary(size_t bytes) : bytes_(bytes), memory_(Allocate(bytes)) {}
  ~Temporary() { Free(memory_, bytes_); }
  Temporary(const Temporary &) = delete;
  Temporary &operator=(const Temporary &) = delete;

  void *Get() const { return memory_; }
  float *Floats() const { return static_cast<float *>(memory_); }

 private:
  size_t bytes_;
  void *memory_;
};

struct MemoryUse {
  size_t allocated_bytes;  // in arrays
  size_t kept_bytes;       // kept for the next ones
};
MemoryUse CurrentMemoryUse();
// Give the kept memory back to the driver.
void EmptyCache();

}  // namespace needle::fast
