// The extension module ndarray_backend_cpu: arrays in this machine's memory.
#include <cstring>

#include "ndarray_backend_cpu.h"
#include "ndarray_dlpack.h"
#include "ndarray_memory.h"
#ifdef NEEDLE_FAST
#include "cpu_fast/bind.h"
#endif

namespace needle {
namespace cpu {

AlignedArray::AlignedArray(size_t count) : ptr(nullptr), size(count) {
  if (count > SIZE_MAX / 8) throw OutOfMemory("Array", SIZE_MAX);
  ptr = static_cast<scalar_t *>(AllocateAligned(count * sizeof(scalar_t)));
}

AlignedArray::AlignedArray(scalar_t *memory, size_t count, void (*release)(void *), void *owner)
    : ptr(memory), size(count), release_(release), owner_(owner) {}

AlignedArray::~AlignedArray() {
  if (release_)
    release_(owner_);
  else
    FreeAligned(ptr, size * sizeof(scalar_t));
}

void CopyFromHost(const scalar_t *host, AlignedArray *out) {
  memcpy(out->ptr, host, out->size * sizeof(scalar_t));
}

void CopyToHost(const AlignedArray &a, size_t begin, size_t count, scalar_t *host) {
  memcpy(host, a.ptr + begin, count * sizeof(scalar_t));
}

static DLDevice DLPackDevice() {
  return {DLPACK_CPU, 0};
}

static void WaitForKernels() {}  // none runs on after its call

}  // namespace cpu

namespace backend = cpu;
using Array = cpu::AlignedArray;

static void Finish(const char *) {}  // a kernel of this backend has ended when it returns

}  // namespace needle

#include "ndarray_module.h"

namespace needle {

// Tiles begin where ALIGNMENT divides the address; another library's memory may begin anywhere.
static void MatmulOfTiles(const Array &a, const Array &b, Array *out, size_t m, size_t n, size_t p) {
  for (const Array *array : {&a, &b, static_cast<const Array *>(out)})
    if (reinterpret_cast<uintptr_t>(array->ptr) % cpu::ALIGNMENT != 0)
      throw std::invalid_argument(
          "matmul_tiled: an array lies in another library's memory. Expected one of "
          "this module's. Compact it first.");
  cpu::MatmulTiled(a, b, out, m, n, p);
}

}  // namespace needle

PYBIND11_MODULE(ndarray_backend_cpu, module) {
  module.doc() = "Kernels on arrays in this machine's memory.";
  module.attr("__device_name__") = "cpu";
  module.attr("__tile_size__") = needle::cpu::TILE;
  needle::DefineKernels(module);
  needle::DefineMatmul(module, "matmul_tiled", needle::cpu::TILE, needle::MatmulOfTiles);
#ifdef NEEDLE_FAST
  needle::fast::BindFast(module);
#endif
}
