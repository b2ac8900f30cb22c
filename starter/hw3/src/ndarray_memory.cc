// Memory for the CPU backend's arrays, straight from the system.
#include "ndarray_memory.h"

#include <cstdlib>

#include "ndarray_backend_cpu.h"

namespace needle {
namespace cpu {

void *AllocateAligned(size_t bytes) {
  void *memory = nullptr;
  if (posix_memalign(&memory, ALIGNMENT, bytes) != 0) throw OutOfMemory("Array", bytes);
  return memory;
}

void FreeAligned(void *memory, size_t) {
  free(memory);
}

}  // namespace cpu
}  // namespace needle
