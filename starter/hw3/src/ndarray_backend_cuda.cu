// The kernels of the CUDA backend, simple ones. A launcher (`Compact`) is called on the host, and starts a
// kernel (`CompactKernel`) on the device. Unless it says otherwise, a kernel takes compact arrays: row-major,
// one element after the other, from the first on. It writes `out` in full, and `out` is none of its inputs.
#include <stdexcept>

#include "ndarray_backend_cuda.h"

namespace needle {
namespace cuda {

// The place, among all threads of a launch in one dimension, of the thread that asks.
__device__ size_t ThreadPlace() {
  return static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__global__ void FillKernel(scalar_t *out, scalar_t val, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = val;  // the last block may run past the end
}

void Fill(CudaArray *out, scalar_t val) {
  CudaDims dim = CudaOneDim(out->size);
  FillKernel<<<dim.grid, dim.block>>>(out->ptr, val, out->size);
}

// Copy a view of `a`, of `size` elements, into the compact `out`, in row-major order.
__global__ void CompactKernel(const scalar_t *a, scalar_t *out, size_t size, CudaVec shape, CudaVec strides,
                              size_t offset) {}

void Compact(const CudaArray &a, CudaArray *out, const Dims &shape, const Dims &strides, size_t offset) {
  throw std::logic_error("not started: hw3/cuda_compact");
}

// Copy the compact `a`, of `size` elements, into a view of `out`, in row-major order.
__global__ void EwiseSetitemKernel(const scalar_t *a, scalar_t *out, size_t size, CudaVec shape,
                                   CudaVec strides, size_t offset) {}

// What lies outside the view of `*out` stays as it is.
void EwiseSetitem(const CudaArray &a, CudaArray *out, const Dims &shape, const Dims &strides, size_t offset) {
  throw std::logic_error("not started: hw3/cuda_ewise_setitem");
}

// Write one number to every element of a view of `out`, which has `size` elements.
__global__ void ScalarSetitemKernel(scalar_t val, scalar_t *out, size_t size, CudaVec shape, CudaVec strides,
                                    size_t offset) {}

// `size` is how many elements the view of `*out` has. What lies outside it stays as it is.
void ScalarSetitem(size_t size, scalar_t val, CudaArray *out, const Dims &shape, const Dims &strides,
                   size_t offset) {
  throw std::logic_error("not started: hw3/cuda_scalar_setitem");
}

__global__ void EwiseAddKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] + b[i];
}

void EwiseAdd(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseAddKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void ScalarAddKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] + val;
}

void ScalarAdd(const CudaArray &a, scalar_t val, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  ScalarAddKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

__global__ void EwisePowerKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = powf(a[i], b[i]);
}

void EwisePower(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwisePowerKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void EwiseMulKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {}

void EwiseMul(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_arithmetic");
}

__global__ void ScalarMulKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {}

void ScalarMul(const CudaArray &a, scalar_t val, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_arithmetic");
}

__global__ void EwiseDivKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {}

void EwiseDiv(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_arithmetic");
}

__global__ void ScalarDivKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {}

void ScalarDiv(const CudaArray &a, scalar_t val, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_arithmetic");
}

__global__ void ScalarPowerKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {}

void ScalarPower(const CudaArray &a, scalar_t val, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_arithmetic");
}

__global__ void EwiseMaximumKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {}

void EwiseMaximum(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_comparisons");
}

__global__ void ScalarMaximumKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {}

void ScalarMaximum(const CudaArray &a, scalar_t val, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_comparisons");
}

// out = 1 where a == b, 0 elsewhere
__global__ void EwiseEqKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {}

void EwiseEq(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_comparisons");
}

__global__ void ScalarEqKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {}

void ScalarEq(const CudaArray &a, scalar_t val, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_comparisons");
}

// out = 1 where a >= b, 0 elsewhere
__global__ void EwiseGeKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {}

void EwiseGe(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_comparisons");
}

__global__ void ScalarGeKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {}

void ScalarGe(const CudaArray &a, scalar_t val, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_comparisons");
}

__global__ void EwiseLogKernel(const scalar_t *a, scalar_t *out, size_t size) {}

void EwiseLog(const CudaArray &a, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_functions");
}

__global__ void EwiseExpKernel(const scalar_t *a, scalar_t *out, size_t size) {}

void EwiseExp(const CudaArray &a, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_functions");
}

__global__ void EwiseTanhKernel(const scalar_t *a, scalar_t *out, size_t size) {}

void EwiseTanh(const CudaArray &a, CudaArray *out) {
  throw std::logic_error("not started: hw3/cuda_functions");
}

// out = a @ b        a: (m, n)   b: (n, p)   out: (m, p), of any sizes
__global__ void MatmulKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, uint32_t m, uint32_t n,
                             uint32_t p) {}

void Matmul(const CudaArray &a, const CudaArray &b, CudaArray *out, uint32_t m, uint32_t n, uint32_t p) {
  throw std::logic_error("not started: hw3/cuda_matmul");
}

// out[i] = the largest of the reduce_size elements of `a` from i * reduce_size on
__global__ void ReduceMaxKernel(const scalar_t *a, scalar_t *out, size_t reduce_size) {}

// reduce_size is 1 at least.
void ReduceMax(const CudaArray &a, CudaArray *out, size_t reduce_size) {
  throw std::logic_error("not started: hw3/cuda_reduce_max");
}

// out[i] = the sum of the reduce_size elements of `a` from i * reduce_size on
__global__ void ReduceSumKernel(const scalar_t *a, scalar_t *out, size_t reduce_size) {}

void ReduceSum(const CudaArray &a, CudaArray *out, size_t reduce_size) {
  throw std::logic_error("not started: hw3/cuda_reduce_sum");
}

}  // namespace cuda
}  // namespace needle
