// The kernels of the CUDA backend, simple ones. A launcher (`Compact`) is called on the host, and starts a
// kernel (`CompactKernel`) on the device. Unless it says otherwise, a kernel takes compact arrays: row-major,
// one element after the other, from the first on. It writes `out` in full, and `out` is none of its inputs.
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

// Return the place, in an array, of the k-th element of a view, in row-major order.
__device__ int64_t PlaceOf(size_t k, const CudaVec &shape, const CudaVec &strides, size_t offset) {
  int64_t place = offset;
  for (int axis = static_cast<int>(shape.size) - 1; axis >= 0; --axis) {
    place += static_cast<int64_t>(k % shape.data[axis]) * strides.data[axis];
    k /= shape.data[axis];
  }
  return place;
}

// Copy a view of `a`, of `size` elements, into the compact `out`, in row-major order.
__global__ void CompactKernel(const scalar_t *a, scalar_t *out, size_t size, CudaVec shape, CudaVec strides,
                              size_t offset) {
  size_t k = ThreadPlace();
  if (k < size) out[k] = a[PlaceOf(k, shape, strides, offset)];
}

void Compact(const CudaArray &a, CudaArray *out, const Dims &shape, const Dims &strides, size_t offset) {
  CudaDims dim = CudaOneDim(out->size);
  CompactKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size, VecToCuda(shape), VecToCuda(strides),
                                         offset);
}

// Copy the compact `a`, of `size` elements, into a view of `out`, in row-major order.
__global__ void EwiseSetitemKernel(const scalar_t *a, scalar_t *out, size_t size, CudaVec shape,
                                   CudaVec strides, size_t offset) {
  size_t k = ThreadPlace();
  if (k < size) out[PlaceOf(k, shape, strides, offset)] = a[k];
}

// What lies outside the view of `*out` stays as it is.
void EwiseSetitem(const CudaArray &a, CudaArray *out, const Dims &shape, const Dims &strides, size_t offset) {
  CudaDims dim = CudaOneDim(a.size);
  EwiseSetitemKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, a.size, VecToCuda(shape), VecToCuda(strides),
                                              offset);
}

// Write one number to every element of a view of `out`, which has `size` elements.
__global__ void ScalarSetitemKernel(scalar_t val, scalar_t *out, size_t size, CudaVec shape, CudaVec strides,
                                    size_t offset) {
  size_t k = ThreadPlace();
  if (k < size) out[PlaceOf(k, shape, strides, offset)] = val;
}

// `size` is how many elements the view of `*out` has. What lies outside it stays as it is.
void ScalarSetitem(size_t size, scalar_t val, CudaArray *out, const Dims &shape, const Dims &strides,
                   size_t offset) {
  CudaDims dim = CudaOneDim(size);
  ScalarSetitemKernel<<<dim.grid, dim.block>>>(val, out->ptr, size, VecToCuda(shape), VecToCuda(strides),
                                               offset);
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

__global__ void EwiseMulKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] * b[i];
}

void EwiseMul(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseMulKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void ScalarMulKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] * val;
}

void ScalarMul(const CudaArray &a, scalar_t val, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  ScalarMulKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

__global__ void EwiseDivKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] / b[i];
}

void EwiseDiv(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseDivKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void ScalarDivKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] / val;
}

void ScalarDiv(const CudaArray &a, scalar_t val, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  ScalarDivKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

__global__ void ScalarPowerKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = powf(a[i], val);
}

void ScalarPower(const CudaArray &a, scalar_t val, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  ScalarPowerKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

__global__ void EwiseMaximumKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = fmaxf(a[i], b[i]);
}

void EwiseMaximum(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseMaximumKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void ScalarMaximumKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = fmaxf(a[i], val);
}

void ScalarMaximum(const CudaArray &a, scalar_t val, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  ScalarMaximumKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

// out = 1 where a == b, 0 elsewhere
__global__ void EwiseEqKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] == b[i];
}

void EwiseEq(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseEqKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void ScalarEqKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] == val;
}

void ScalarEq(const CudaArray &a, scalar_t val, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  ScalarEqKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

// out = 1 where a >= b, 0 elsewhere
__global__ void EwiseGeKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] >= b[i];
}

void EwiseGe(const CudaArray &a, const CudaArray &b, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseGeKernel<<<dim.grid, dim.block>>>(a.ptr, b.ptr, out->ptr, out->size);
}

__global__ void ScalarGeKernel(const scalar_t *a, scalar_t val, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = a[i] >= val;
}

void ScalarGe(const CudaArray &a, scalar_t val, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  ScalarGeKernel<<<dim.grid, dim.block>>>(a.ptr, val, out->ptr, out->size);
}

__global__ void EwiseLogKernel(const scalar_t *a, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = logf(a[i]);
}

void EwiseLog(const CudaArray &a, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseLogKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size);
}

__global__ void EwiseExpKernel(const scalar_t *a, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = expf(a[i]);
}

void EwiseExp(const CudaArray &a, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseExpKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size);
}

__global__ void EwiseTanhKernel(const scalar_t *a, scalar_t *out, size_t size) {
  size_t i = ThreadPlace();
  if (i < size) out[i] = tanhf(a[i]);
}

void EwiseTanh(const CudaArray &a, CudaArray *out) {
  CudaDims dim = CudaOneDim(out->size);
  EwiseTanhKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size);
}

constexpr uint32_t SIDE = 8;            // threads of a block in Matmul: SIDE rows of SIDE
constexpr uint32_t SPAN = SIDE * TILE;  // rows and columns of `out` that a block computes

// out = a @ b        a: (m, n)   b: (n, p)   out: (m, p), of any sizes
__global__ void MatmulKernel(const scalar_t *a, const scalar_t *b, scalar_t *out, uint32_t m, uint32_t n,
                             uint32_t p) {
  // A block computes SPAN x SPAN elements of out, each of its threads TILE x TILE of them. It goes through
  // the n columns of a, and rows of b, SIDE at a time: all threads together bring such a strip of each into
  // shared memory, from where every number is then read SPAN times.
  __shared__ scalar_t a_strip[SPAN][SIDE];
  __shared__ scalar_t b_strip[SIDE][SPAN];
  const uint32_t first_row = blockIdx.y * SPAN, first_column = blockIdx.x * SPAN;
  const uint32_t row = threadIdx.y * TILE, column = threadIdx.x * TILE;  // of the SPAN
  scalar_t sums[TILE][TILE] = {};
  for (uint32_t start = 0; start < n; start += SIDE) {
    for (uint32_t at = threadIdx.y * SIDE + threadIdx.x; at < SPAN * SIDE; at += SIDE * SIDE) {
      uint32_t i = first_row + at / SIDE, k = start + at % SIDE;
      a_strip[at / SIDE][at % SIDE] = i < m && k < n ? a[static_cast<size_t>(i) * n + k] : 0;
      uint32_t l = start + at / SPAN, j = first_column + at % SPAN;
      b_strip[at / SPAN][at % SPAN] = l < n && j < p ? b[static_cast<size_t>(l) * p + j] : 0;
    }
    __syncthreads();  // the strips are complete
    for (uint32_t k = 0; k < SIDE; ++k)
      for (uint32_t i = 0; i < TILE; ++i)
        for (uint32_t j = 0; j < TILE; ++j) sums[i][j] += a_strip[row + i][k] * b_strip[k][column + j];
    __syncthreads();  // nobody reads them any more
  }
  for (uint32_t i = 0; i < TILE; ++i)
    for (uint32_t j = 0; j < TILE; ++j)
      if (first_row + row + i < m && first_column + column + j < p)
        out[static_cast<size_t>(first_row + row + i) * p + first_column + column + j] = sums[i][j];
}

void Matmul(const CudaArray &a, const CudaArray &b, CudaArray *out, uint32_t m, uint32_t n, uint32_t p) {
  dim3 block(SIDE, SIDE), grid((p + SPAN - 1) / SPAN, (m + SPAN - 1) / SPAN);
  MatmulKernel<<<grid, block>>>(a.ptr, b.ptr, out->ptr, m, n, p);
}

// out[i] = the largest of the reduce_size elements of `a` from i * reduce_size on
__global__ void ReduceMaxKernel(const scalar_t *a, scalar_t *out, size_t reduce_size) {
  // A block computes one element of out. Each of its threads takes every BASE_THREAD_NUM-th of the elements;
  // then half of the threads take over what the other half found, again and again, until one is left.
  __shared__ scalar_t found[BASE_THREAD_NUM];
  const scalar_t *row = a + static_cast<size_t>(blockIdx.x) * reduce_size;
  scalar_t largest = row[0];
  for (size_t k = threadIdx.x; k < reduce_size; k += BASE_THREAD_NUM) largest = fmaxf(largest, row[k]);
  found[threadIdx.x] = largest;
  for (uint32_t half = BASE_THREAD_NUM / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) found[threadIdx.x] = fmaxf(found[threadIdx.x], found[threadIdx.x + half]);
  }
  if (threadIdx.x == 0) out[blockIdx.x] = found[0];
}

// reduce_size is 1 at least.
void ReduceMax(const CudaArray &a, CudaArray *out, size_t reduce_size) {
  ReduceMaxKernel<<<static_cast<unsigned>(out->size), BASE_THREAD_NUM>>>(a.ptr, out->ptr, reduce_size);
}

// out[i] = the sum of the reduce_size elements of `a` from i * reduce_size on
__global__ void ReduceSumKernel(const scalar_t *a, scalar_t *out, size_t reduce_size) {
  // threads as in ReduceMaxKernel
  __shared__ scalar_t found[BASE_THREAD_NUM];
  const scalar_t *row = a + static_cast<size_t>(blockIdx.x) * reduce_size;
  scalar_t sum = 0;
  for (size_t k = threadIdx.x; k < reduce_size; k += BASE_THREAD_NUM) sum += row[k];
  found[threadIdx.x] = sum;
  for (uint32_t half = BASE_THREAD_NUM / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) found[threadIdx.x] += found[threadIdx.x + half];
  }
  if (threadIdx.x == 0) out[blockIdx.x] = found[0];
}

void ReduceSum(const CudaArray &a, CudaArray *out, size_t reduce_size) {
  ReduceSumKernel<<<static_cast<unsigned>(out->size), BASE_THREAD_NUM>>>(a.ptr, out->ptr, reduce_size);
}

}  // namespace cuda
}  // namespace needle
