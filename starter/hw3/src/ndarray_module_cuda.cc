// The extension module of the CUDA backend: arrays in a GPU's memory or, under cudasim, in a simulated one's.
#include <stdexcept>
#include <string>

#include "ndarray_backend_cuda.h"
#include "ndarray_dlpack.h"
#include "ndarray_memory.h"
#ifdef NEEDLE_FAST
#include "cuda_fast/bind.h"
#endif

namespace needle {
namespace cuda {

void Require(cudaError_t error, const std::string &where) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // forget it: the next call is not to blame
  throw std::runtime_error(where + ": " + cudaGetErrorString(error) + " (" + cudaGetErrorName(error) +
                           "). Expected it to succeed. Look at the grid and the block of its launch: neither "
                           "may be 0 anywhere, and a block has 1024 threads at most. An error of an earlier "
                           "kernel may show only here: set CUDA_LAUNCH_BLOCKING=1 to see which.");
}

CudaArray::CudaArray(size_t count) : ptr(nullptr), size(count) {
  if (count > SIZE_MAX / 8) throw OutOfMemory("Array", SIZE_MAX);
  const size_t bytes = count * sizeof(scalar_t);
#ifdef NEEDLE_FAST
  ptr = static_cast<scalar_t *>(fast::Allocate(bytes));
#else
  if (bytes == 0) return;
  const cudaError_t error = cudaMalloc(reinterpret_cast<void **>(&ptr), bytes);
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    throw OutOfMemory("Array", bytes);
  }
  Require(error, "Array");
#endif
}

CudaArray::CudaArray(scalar_t *memory, size_t count, void (*release)(void *), void *owner)
    : ptr(memory), size(count), release_(release), owner_(owner) {}

CudaArray::~CudaArray() {
  if (release_)
    release_(owner_);
  else
#ifdef NEEDLE_FAST
    fast::Free(ptr, size * sizeof(scalar_t));
#else
    cudaFree(ptr);
#endif
}

CudaVec VecToCuda(const Dims &dims) {
  if (dims.size() > MAX_VEC_SIZE)
    throw std::invalid_argument("a view has " + std::to_string(dims.size()) + " axes. Expected " +
                                std::to_string(MAX_VEC_SIZE) + " at most. Reshape it.");
  CudaVec vec = {};
  vec.size = static_cast<uint32_t>(dims.size());
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (dims[axis] > INT32_MAX || dims[axis] < INT32_MIN)
      throw std::invalid_argument("a view has the length or stride " + std::to_string(dims[axis]) +
                                  ". Expected numbers that fit into 32 bits. Split the array.");
    vec.data[axis] = static_cast<int32_t>(dims[axis]);
  }
  return vec;
}

void CopyFromHost(const scalar_t *host, CudaArray *out) {
  Require(cudaMemcpy(out->ptr, host, out->size * sizeof(scalar_t), cudaMemcpyHostToDevice), "from_numpy");
}

void CopyToHost(const CudaArray &a, size_t begin, size_t count, scalar_t *host) {
  Require(cudaMemcpy(host, a.ptr + begin, count * sizeof(scalar_t), cudaMemcpyDeviceToHost), "to_numpy");
}

static DLDevice DLPackDevice() {
#ifdef CUDASIM
  return {DLPACK_CPU, 0};  // simulated memory is this machine's
#else
  int device = 0;
  Require(cudaGetDevice(&device), "DLPack");
  return {DLPACK_CUDA, device};
#endif
}

static void WaitForKernels() {
  Require(cudaDeviceSynchronize(), "to_dlpack");
}

}  // namespace cuda

namespace backend = cuda;
using Array = cuda::CudaArray;

static void Finish(const char *name) {
  cuda::Require(cudaGetLastError(), name);
}

}  // namespace needle

#include "ndarray_module.h"

PYBIND11_MODULE(NEEDLE_MODULE, module) {
  module.doc() = "Kernels on arrays in a GPU's memory.";
#ifdef CUDASIM
  module.attr("__device_name__") = "cuda_sim";
#else
  module.attr("__device_name__") = "cuda";
#endif
  module.attr("__tile_size__") = needle::cuda::TILE;
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess) devices = 0;  // no driver answers
  module.attr("__devices__") = devices;
  needle::DefineKernels(module);
#ifdef NEEDLE_FAST
  needle::fast::BindFast(module);
#endif
}
