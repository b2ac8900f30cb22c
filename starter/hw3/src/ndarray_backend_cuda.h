// The CUDA backend: its array, how kernels are launched on it, and the launchers of ndarray_backend_cuda.cu.
//
// A view is a shape, strides and an offset, all counted in elements: element (i, j, ...) of it lies at
// offset + i * strides[0] + j * strides[1] + ... of the array. A stride may be 0 or negative. Whoever calls a
// launcher has checked that every element lies inside its array, and that `*out` is not empty.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace needle {
namespace cuda {

using scalar_t = float;
using Dims = std::vector<int64_t>;  // a shape, or strides

constexpr unsigned BASE_THREAD_NUM = 256;  // threads in a block
constexpr unsigned TILE = 4;               // rows and columns of what one thread computes in Matmul
constexpr size_t MAX_VEC_SIZE = 8;         // axes of a view

// Throw what the driver says of a call, or of a launch before it, unless it says that all is well.
void Require(cudaError_t error, const std::string &where);

// Device memory for `size` numbers, not initialized.
struct CudaArray {
  explicit CudaArray(size_t size);                                              // throws OutOfMemory
  CudaArray(scalar_t *ptr, size_t size, void (*release)(void *), void *owner);  // another library's memory
  ~CudaArray();
  CudaArray(const CudaArray &) = delete;
  CudaArray &operator=(const CudaArray &) = delete;

  scalar_t *ptr;
  size_t size;

 private:
  void (*release_)(void *) = nullptr;
  void *owner_ = nullptr;
};

// How many blocks, and how many threads in each.
struct CudaDims {
  dim3 block, grid;
};

// Return blocks for `size` threads in a row. The last block may have more threads than are left.
inline CudaDims CudaOneDim(size_t size) {
  CudaDims dim;
  dim.block = dim3(BASE_THREAD_NUM, 1, 1);
  dim.grid = dim3(static_cast<unsigned>((size + BASE_THREAD_NUM - 1) / BASE_THREAD_NUM), 1, 1);
  return dim;
}

// A shape or strides as a kernel takes them: by value.
struct CudaVec {
  uint32_t size;
  int32_t data[MAX_VEC_SIZE];
};

CudaVec VecToCuda(const Dims &dims);  // throws std::invalid_argument for more axes, or numbers, than fit

void CopyFromHost(const scalar_t *host, CudaArray *out);
void CopyToHost(const CudaArray &a, size_t begin, size_t count, scalar_t *host);

void Fill(CudaArray *out, scalar_t val);
void Compact(const CudaArray &a, CudaArray *out, const Dims &shape, const Dims &strides, size_t offset);
void EwiseSetitem(const CudaArray &a, CudaArray *out, const Dims &shape, const Dims &strides, size_t offset);
void ScalarSetitem(size_t size, scalar_t val, CudaArray *out, const Dims &shape, const Dims &strides,
                   size_t offset);

void EwiseAdd(const CudaArray &a, const CudaArray &b, CudaArray *out);
void ScalarAdd(const CudaArray &a, scalar_t val, CudaArray *out);
void EwiseMul(const CudaArray &a, const CudaArray &b, CudaArray *out);
void ScalarMul(const CudaArray &a, scalar_t val, CudaArray *out);
void EwiseDiv(const CudaArray &a, const CudaArray &b, CudaArray *out);
void ScalarDiv(const CudaArray &a, scalar_t val, CudaArray *out);
void EwisePower(const CudaArray &a, const CudaArray &b, CudaArray *out);
void ScalarPower(const CudaArray &a, scalar_t val, CudaArray *out);
void EwiseMaximum(const CudaArray &a, const CudaArray &b, CudaArray *out);
void ScalarMaximum(const CudaArray &a, scalar_t val, CudaArray *out);
void EwiseEq(const CudaArray &a, const CudaArray &b, CudaArray *out);
void ScalarEq(const CudaArray &a, scalar_t val, CudaArray *out);
void EwiseGe(const CudaArray &a, const CudaArray &b, CudaArray *out);
void ScalarGe(const CudaArray &a, scalar_t val, CudaArray *out);
void EwiseLog(const CudaArray &a, CudaArray *out);
void EwiseExp(const CudaArray &a, CudaArray *out);
void EwiseTanh(const CudaArray &a, CudaArray *out);

void Matmul(const CudaArray &a, const CudaArray &b, CudaArray *out, uint32_t m, uint32_t n, uint32_t p);

void ReduceMax(const CudaArray &a, CudaArray *out, size_t reduce_size);
void ReduceSum(const CudaArray &a, CudaArray *out, size_t reduce_size);

}  // namespace cuda
}  // namespace needle
