// Correct kernels whose threads work together: each gives what it gives on a device, and raises no alarm.
#include "device_functions.cuh"
#include "programs.h"

__global__ void IndexKernel(int *out) {
  int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  out[block * (blockDim.x * blockDim.y * blockDim.z) + thread] = 1000 * block + thread;
}

PROGRAM(indices_in_three_dimensions) {
  dim3 gridDim(2, 3, 2), blockDim(4, 2, 3);
  DeviceArray<int> out(2 * 3 * 2 * 4 * 2 * 3);
  IndexKernel<<<gridDim, blockDim>>>(out.ptr);
  return out.Values();
}

template <int N>
__global__ void TransposeKernel(const float *a, float *out, int rows, int columns) {
  __shared__ float tile[N][N + 1];
  int row = blockIdx.y * N + threadIdx.y, column = blockIdx.x * N + threadIdx.x;
  if (row < rows && column < columns) tile[threadIdx.y][threadIdx.x] = a[row * columns + column];
  __syncthreads();
  row = blockIdx.x * N + threadIdx.y;
  column = blockIdx.y * N + threadIdx.x;
  if (row < columns && column < rows) out[row * rows + column] = tile[threadIdx.x][threadIdx.y];
}

PROGRAM(transpose_through_shared_memory) {
  DeviceArray<float> a(Count(7 * 13)), out(7 * 13);
  TransposeKernel<4><<<dim3((13 + 3) / 4, (7 + 3) / 4), dim3(4, 4)>>>(a.ptr, out.ptr, 7, 13);
  return out.Values();
}

extern __shared__ float workspace[];

__global__ void ReverseKernel(float *a, int *counts) {
  extern __shared__ __align__(16) float buffer[];
  int *marks = (int *)&buffer[blockDim.x];
  buffer[threadIdx.x] = a[threadIdx.x];
  marks[threadIdx.x] = threadIdx.x;
  __syncthreads();
  a[threadIdx.x] = workspace[blockDim.x - 1 - threadIdx.x];
  counts[threadIdx.x] = marks[(threadIdx.x + 1) % blockDim.x];
}

PROGRAM(dynamic_shared_memory) {
  DeviceArray<float> a(Count(48));
  DeviceArray<int> counts(48);
  ReverseKernel<<<1, 48, 48 * (sizeof(float) + sizeof(int))>>>(a.ptr, counts.ptr);
  Numbers values = a.Values();
  for (double count : counts.Values()) values.push_back(count);
  return values;
}

__global__ void TreeKernel(const float *a, float *out, int size) {
  __shared__ float sums[128];
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x) sum += a[i];
  sums[threadIdx.x] = sum;
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) out[blockIdx.x] = sums[0];
}

PROGRAM(reduction_in_a_tree) {
  DeviceArray<float> a(Count(1000)), out(3);
  TreeKernel<<<3, 128>>>(a.ptr, out.ptr, 1000);
  return out.Values();
}

__global__ void ShuffleReductionKernel(const float *a, float *out, int size) {
  __shared__ float sums[32];
  const int lane = threadIdx.x % warpSize, warp = threadIdx.x / warpSize;
  float sum = WarpSum(threadIdx.x < size ? a[threadIdx.x] : 0);
  if (lane == 0) sums[warp] = sum;
  __syncthreads();
  if (warp == 0) {
    sum = WarpSum(lane < blockDim.x / warpSize ? sums[lane] : 0);
    if (lane == 0) *out = sum;
  }
}

PROGRAM(reduction_with_shuffles) {
  DeviceArray<float> a(Count(200)), out(1);
  ShuffleReductionKernel<<<1, 256>>>(a.ptr, out.ptr, 200);
  return out.Values();
}

__global__ void ShufflesKernel(int *out) {
  const unsigned all = 0xffffffff;
  const int lane = threadIdx.x;
  int *row = out + lane * 6;
  row[0] = __shfl_sync(all, lane, 5);
  row[1] = __shfl_sync(all, lane, 3, 8);
  row[2] = __shfl_up_sync(all, lane, 2);
  row[3] = __shfl_down_sync(all, lane, 2, 16);
  row[4] = __shfl_xor_sync(all, lane, 1);
  row[5] = static_cast<int>(__shfl_sync(all, 0.5 + lane, lane ^ 3) * 2);
}

PROGRAM(shuffles) {
  DeviceArray<int> out(32 * 6);
  ShufflesKernel<<<1, 32>>>(out.ptr);
  return out.Values();
}

__global__ void VotesKernel(unsigned *out) {
  const int lane = threadIdx.x;
  unsigned *row = out + lane * 5;
  row[0] = __ballot_sync(0xffffffff, lane % 3 == 0);
  row[1] = __any_sync(0xffffffff, lane == 31) * 2 + __any_sync(0xffffffff, lane == 32);
  row[2] = __all_sync(0xffffffff, lane < 32) * 2 + __all_sync(0xffffffff, lane < 31);
  row[4] = 0;
  if (lane < 10) {
    row[3] = __activemask();
    row[4] = __ballot_sync(0x3ff, lane % 2);
  } else {
    row[3] = __activemask();
  }
  __syncwarp();
}

PROGRAM(votes) {
  DeviceArray<unsigned> out(32 * 5);
  VotesKernel<<<1, 32>>>(out.ptr);
  return out.Values();
}

__global__ void BlockVotesKernel(int *out) {
  const int i = threadIdx.x;
  int *row = out + i * 3;
  row[0] = __syncthreads_count(i % 2);
  row[1] = __syncthreads_and(i < 50) * 2 + __syncthreads_and(i < 49);
  row[2] = __syncthreads_or(i == 49) * 2 + __syncthreads_or(i == 50);
}

PROGRAM(votes_of_a_block) {
  DeviceArray<int> out(50 * 3);
  BlockVotesKernel<<<1, 50>>>(out.ptr);
  return out.Values();
}

__global__ void HistogramKernel(const int *values, unsigned *bins, int size) {
  __shared__ unsigned counts[8];
  if (threadIdx.x < 8) counts[threadIdx.x] = 0;
  __syncthreads();
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < size) atomicAdd(&counts[values[i] % 8], 1);
  __syncthreads();
  if (threadIdx.x < 8) atomicAdd(&bins[threadIdx.x], counts[threadIdx.x]);
}

PROGRAM(histogram) {
  DeviceArray<int> values(Count<int>(1001));
  DeviceArray<unsigned> bins(8);
  bins.Clear();
  HistogramKernel<<<8, 128>>>(values.ptr, bins.ptr, 1001);
  return bins.Values();
}

__device__ float AtomicMaximum(float *address, float value) {
  int *bits = (int *)address, old = __float_as_int(-1e30f), expected;
  do {
    expected = old;
    old = atomicCAS(bits, expected, __float_as_int(fmaxf(value, __int_as_float(expected))));
  } while (old != expected);
  return __int_as_float(old);
}

__global__ void AtomicsKernel(int *ints, unsigned long long *longs, float *floats, double *doubles) {
  const int i = threadIdx.x;
  atomicAdd(&ints[0], i);
  atomicSub(&ints[1], 1);
  atomicMax(&ints[2], i);
  atomicMin(&ints[3], -i);
  atomicOr(&ints[4], 1 << i % 8);
  atomicAnd(&ints[5], ~(1 << i % 3));
  atomicXor(&ints[6], i);
  if (atomicExch(&ints[7], 1) == 0) atomicAdd(&ints[8], 100);
  atomicInc((unsigned *)&ints[9], 9);
  atomicDec((unsigned *)&ints[10], 9);
  atomicAdd(&longs[0], 1ull << 40);
  atomicAdd(&floats[0], 0.5);
  AtomicMaximum(&floats[1], i * 0.25f);
  atomicAdd(&doubles[0], 0.125);
}

PROGRAM(atomics) {
  DeviceArray<int> ints(std::vector<int>{0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0});
  DeviceArray<unsigned long long> longs(1);
  DeviceArray<float> floats(std::vector<float>{0, -1e30f});
  DeviceArray<double> doubles(1);
  longs.Clear();
  doubles.Clear();
  AtomicsKernel<<<1, 64>>>(ints.ptr, longs.ptr, floats.ptr, doubles.ptr);
  Numbers values = ints.Values();
  for (const Numbers &more : {longs.Values(), floats.Values(), doubles.Values()})
    values.insert(values.end(), more.begin(), more.end());
  return values;
}

template <class T, int TILE>
__global__ __launch_bounds__(TILE *TILE) void TiledKernel(const T *__restrict__ a, const T *__restrict__ b,
                                                          T *__restrict__ out, int m, int n, int p) {
  __shared__ T a_tile[TILE][TILE], b_tile[TILE][TILE];
  const int row = blockIdx.y * TILE + threadIdx.y, column = blockIdx.x * TILE + threadIdx.x;
  T sum = 0;
#pragma unroll
  for (int start = 0; start < n; start += TILE) {
    const int k = start + threadIdx.x, l = start + threadIdx.y;
    a_tile[threadIdx.y][threadIdx.x] = row < m && k < n ? a[row * n + k] : T(0);
    b_tile[threadIdx.y][threadIdx.x] = l < n && column < p ? b[l * p + column] : T(0);
    __syncthreads();
    for (int i = 0; i < TILE; ++i) sum += a_tile[threadIdx.y][i] * b_tile[i][threadIdx.x];
    __syncthreads();
  }
  if (row < m && column < p) out[row * p + column] = sum;
}

PROGRAM(matmul_in_tiles) {
  const int m = 10, n = 21, p = 13;
  DeviceArray<double> a(Count<double>(m * n)), b(Count<double>(n * p)), out(m * p);
  TiledKernel<double, 4><<<dim3((p + 3) / 4, (m + 3) / 4), dim3(4, 4)>>>(a.ptr, b.ptr, out.ptr, m, n, p);
  return out.Values();
}

__global__ void DoubleBufferKernel(const float *a, float *out, int tiles) {
  __shared__ float buffer[2][64];
  float sum = 0;
  buffer[0][threadIdx.x] = a[threadIdx.x];
  for (int tile = 0; tile < tiles; ++tile) {
    __syncthreads();
    if (tile + 1 < tiles) buffer[(tile + 1) % 2][threadIdx.x] = a[(tile + 1) * 64 + threadIdx.x];
    sum += buffer[tile % 2][63 - threadIdx.x];
  }
  out[threadIdx.x] = sum;
}

PROGRAM(two_buffers) {
  DeviceArray<float> a(Count(64 * 5)), out(64);
  DoubleBufferKernel<<<1, 64>>>(a.ptr, out.ptr, 5);
  return out.Values();
}

__global__ void ScanKernel(const int *a, int *out) {
  __shared__ int from[2][100];
  int now = 0;
  from[0][threadIdx.x] = a[threadIdx.x];
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    from[1 - now][threadIdx.x] =
        from[now][threadIdx.x] + (threadIdx.x >= step ? from[now][threadIdx.x - step] : 0);
    now = 1 - now;
    __syncthreads();
  }
  out[threadIdx.x] = from[now][threadIdx.x];
}

PROGRAM(scan) {
  DeviceArray<int> a(Count<int>(100)), out(100);
  ScanKernel<<<1, 100>>>(a.ptr, out.ptr);
  return out.Values();
}

__global__ void GridStrideKernel(float *a, size_t size) {
  for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x) a[i] *= 2;
}

__global__ void EarlyReturnKernel(float *a, int size) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= size) return;
  a[i] += 1;
}

PROGRAM(grid_stride_and_early_return) {
  DeviceArray<float> a(Count(777));
  GridStrideKernel<<<4, 32>>>(a.ptr, a.size);
  EarlyReturnKernel<<<(777 + 63) / 64, 64>>>(a.ptr, 777);
  return a.Values();
}

// Warps exchange numbers through shared memory, ordered by __syncwarp() alone. The last warp is incomplete.
__global__ void WarpExchangeKernel(int *out) {
  __shared__ int numbers[80];
  const int lane = threadIdx.x % 32, first = threadIdx.x - lane;
  const int lanes = min(32, (int)blockDim.x - first);
  int sum = 0;
  for (int round = 0; round < 3; ++round) {
    numbers[threadIdx.x] = threadIdx.x * 10 + round;
    __syncwarp();
    sum += numbers[first + (lane + 1) % lanes];
    __syncwarp();
  }
  if (lane < 4) {
    numbers[threadIdx.x] = sum;
    __syncwarp(0xf);
    sum = numbers[first + 3 - lane];
  }
  out[threadIdx.x] = sum;
}

PROGRAM(warps_exchange_through_shared_memory) {
  DeviceArray<int> out(80);
  WarpExchangeKernel<<<1, 80>>>(out.ptr);
  return out.Values();
}

__device__ unsigned blocks_done;

// Each block hands its sum on; the last one to finish adds them up.
__global__ void LastBlockKernel(const float *a, volatile float *sums, float *out) {
  __shared__ bool is_last;
  if (threadIdx.x == 0) {
    sums[blockIdx.x] = a[blockIdx.x] * 2;
    __threadfence();
    is_last = atomicInc(&blocks_done, gridDim.x) == gridDim.x - 1;
  }
  __syncthreads();
  if (!is_last) return;
  if (threadIdx.x == 1) {
    float sum = 0;
    for (int i = 0; i < gridDim.x; ++i) sum += sums[i];
    *out = sum;
    blocks_done = 0;
  }
}

PROGRAM(the_last_block_adds_up) {
  DeviceArray<float> a(Count(20)), sums(20), out(1);
  for (int i = 0; i < 2; ++i) LastBlockKernel<<<20, 32>>>(a.ptr, sums.ptr, out.ptr);
  return out.Values();
}
