// Programs with one mistake each. A comment `// <- name` marks a line that a message must name.
#include <cassert>

#include "programs.h"

constexpr int SIZE = 100;

__global__ void NoCheckKernel(const float *a, float *out, int size) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = a[i % size];  // <- write past the end
}

PROGRAM(write_past_the_end) {
  DeviceArray<float> a(Count(SIZE)), out(SIZE);
  NoCheckKernel<<<4, 32>>>(a.ptr, out.ptr, SIZE);
  return out.Values();
}

__device__ float At(const float *row, int i) {
  return row[i];  // <- read in a function
}

__global__ void CallKernel(const float *a, float *out, int size) {
  out[threadIdx.x] = 1;
  out[threadIdx.x] += At(a + 10, threadIdx.x + size - 10 - 3);  // <- call of the function
}

PROGRAM(read_past_the_end_in_a_function) {
  DeviceArray<float> a(Count(SIZE)), out(SIZE);
  CallKernel<<<1, 10>>>(a.ptr, out.ptr, SIZE);
  return out.Values();
}

__global__ void NegativeKernel(float *a, int) {
  a[static_cast<int>(threadIdx.x) - 1] = 1;  // <- negative
}

PROGRAM(negative_index) {
  DeviceArray<float> out(SIZE);
  NegativeKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void WrappedKernel(float *a, int) {
  a[threadIdx.x - 1] = 1;  // <- wrapped
}

PROGRAM(unsigned_index_that_wraps_around) {
  DeviceArray<float> out(SIZE);
  WrappedKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void WideKernel(float4 *a) {
  a[threadIdx.x] = make_float4(1, 2, 3, 4);  // <- wide
}

PROGRAM(wide_write_past_the_end) {
  DeviceArray<float> a(10);
  WideKernel<<<1, 3>>>((float4 *)a.ptr);
  return a.Values();
}

__global__ void IncrementKernel(float *a, int size) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < size) a[i] += 1;  // <- increment
}

PROGRAM(use_after_free) {
  float *ptr = nullptr;
  Check(cudaMalloc(&ptr, SIZE * sizeof(float)));
  Check(cudaFree(ptr));
  IncrementKernel<<<1, 32>>>(ptr, SIZE);
  return {};
}

PROGRAM(null_pointer) {
  IncrementKernel<<<1, 32>>>(nullptr, SIZE);
  return {};
}

PROGRAM(pointer_of_the_host) {
  std::vector<float> a(SIZE);
  IncrementKernel<<<1, 32>>>(a.data(), SIZE);
  return {};
}

PROGRAM(host_reads_device_memory) {
  DeviceArray<float> a(Count(SIZE));
  double first = a.ptr[0];  // <- host
  return {first, 1.0 * cudaGetLastError()};
}

__global__ void SharedPastKernel(float *a, int) {
  __shared__ float near[32], far[32];
  far[threadIdx.x] = 1;
  near[threadIdx.x + 1] = a[threadIdx.x];  // <- shared past the end
}

PROGRAM(shared_array_runs_into_the_next) {
  DeviceArray<float> out(SIZE);
  SharedPastKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void DynamicPastKernel(float *a, int) {
  extern __shared__ float rows[];
  rows[threadIdx.x] = a[threadIdx.x];  // <- dynamic past the end
}

PROGRAM(dynamic_shared_memory_too_small) {
  DeviceArray<float> a(Count(SIZE));
  DynamicPastKernel<<<1, 32, 31 * sizeof(float)>>>(a.ptr, SIZE);
  return {};
}

__device__ int settings[3];

__global__ void VariablePastKernel(float *a, int) {
  a[threadIdx.x] = settings[threadIdx.x];  // <- variable past the end
}

PROGRAM(variable_past_its_end) {
  DeviceArray<float> out(SIZE);
  VariablePastKernel<<<1, 4>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

PROGRAM(array_never_written) {
  DeviceArray<float> a(SIZE);
  IncrementKernel<<<1, 32>>>(a.ptr, SIZE);
  return a.Values();
}

__global__ void SharedUndefinedKernel(float *a, int) {
  __shared__ float found[4][8];
  if (blockIdx.x == 0) found[threadIdx.x / 8][threadIdx.x % 8] = 1;
  __syncthreads();
  a[blockIdx.x * 32 + threadIdx.x] += found[3][threadIdx.x % 8];  // <- shared never written
}

PROGRAM(shared_array_never_written_by_this_block) {
  DeviceArray<float> out(SIZE);
  SharedUndefinedKernel<<<2, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void ReturnKernel(float *a, int size) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= size) return;
  __syncthreads();  // <- barrier after return
  a[i] = i;
}

PROGRAM(barrier_after_some_threads_returned) {
  DeviceArray<float> out(SIZE);
  ReturnKernel<<<2, 64>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void BranchKernel(float *a, int) {
  if (threadIdx.x < 48)
    __syncthreads();  // <- first branch
  else
    __syncthreads();  // <- second branch
  a[threadIdx.x] = 1;
}

PROGRAM(barriers_in_two_branches) {
  DeviceArray<float> out(SIZE);
  BranchKernel<<<1, 64>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void LoopBarrierKernel(float *a, int) {
  for (int i = 0; i < threadIdx.x; ++i) __syncthreads();  // <- barrier in a loop
  a[threadIdx.x] = 1;
}

PROGRAM(barrier_in_a_loop_of_unequal_lengths) {
  DeviceArray<float> out(SIZE);
  LoopBarrierKernel<<<1, 3>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void HalfShuffleKernel(float *a, int) {
  float value = threadIdx.x;
  if (threadIdx.x < 16)
    value += __shfl_down_sync(0xffffffff, value, 8);  // <- shuffle of one half
  else
    __syncthreads();  // <- barrier of the other half
  a[threadIdx.x] = value;
}

PROGRAM(shuffle_that_half_of_the_lanes_reach) {
  DeviceArray<float> out(SIZE);
  HalfShuffleKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void OutsideMaskKernel(float *a, int) {
  a[threadIdx.x] = __ballot_sync(0xff, 1);  // <- outside the mask
}

PROGRAM(lane_outside_its_mask) {
  DeviceArray<float> out(SIZE);
  OutsideMaskKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void NoBarrierKernel(float *a, int) {
  __shared__ float row[64];
  row[threadIdx.x] = a[threadIdx.x];       // <- fill
  a[threadIdx.x] = row[63 - threadIdx.x];  // <- use
}

PROGRAM(missing_barrier) {
  DeviceArray<float> a(Count(SIZE));
  NoBarrierKernel<<<1, 64>>>(a.ptr, SIZE);
  return {};
}

__global__ void SecondBarrierKernel(const float *a, float *out, int tiles) {
  __shared__ float tile[8][8];
  float sum = 0;
  for (int i = 0; i < tiles; ++i) {
    tile[threadIdx.y][threadIdx.x] = a[(i * 8 + threadIdx.y) * 8 + threadIdx.x];  // <- fill of a tile
    __syncthreads();
    for (int k = 0; k < 8; ++k) sum += tile[k][threadIdx.x];  // <- use of a tile
  }
  out[threadIdx.y * 8 + threadIdx.x] = sum;
}

PROGRAM(missing_second_barrier_in_a_loop) {
  DeviceArray<float> a(Count(3 * 64)), out(64);
  SecondBarrierKernel<<<1, dim3(8, 8)>>>(a.ptr, out.ptr, 3);
  return out.Values();
}

__global__ void SameIndexKernel(float *a, int) {
  __shared__ float best;
  best = threadIdx.x;  // <- all write
  __syncthreads();
  a[threadIdx.x] = best;
}

PROGRAM(all_threads_write_one_shared_variable) {
  DeviceArray<float> out(SIZE);
  SameIndexKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void SumKernel(float *a, int) {
  a[0] += blockIdx.x;  // <- sum
}

PROGRAM(blocks_add_to_one_element) {
  DeviceArray<float> out(SIZE);
  SumKernel<<<3, 1>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void NeighbourKernel(float *a, int) {
  a[threadIdx.x] = a[threadIdx.x + 1] + 1;  // <- neighbour
}

PROGRAM(threads_read_what_a_neighbour_writes) {
  DeviceArray<float> out(SIZE);
  NeighbourKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void WriteAfterReadersKernel(float *a, int) {
  float first = a[0];                       // <- many readers
  if (threadIdx.x == 40) a[0] = first + 1;  // <- one writer
  a[threadIdx.x + 1] = first;
}

PROGRAM(one_writes_what_many_read) {
  DeviceArray<float> out(SIZE);
  WriteAfterReadersKernel<<<1, 64>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void BlocksReadKernel(const float *a, float *b, int) {
  b[blockIdx.x] += a[blockIdx.x];                      // <- read of another block
  if (blockIdx.x == 2) const_cast<float *>(a)[0] = 1;  // <- write of another block
}

PROGRAM(a_block_writes_what_another_read) {
  DeviceArray<float> a(Count(SIZE)), b(Count(SIZE));
  BlocksReadKernel<<<3, 1>>>(a.ptr, b.ptr, SIZE);
  return {};
}

__global__ void PlainBesideAtomicKernel(float *a, int size) {
  __shared__ int count;
  if (threadIdx.x == 0) count = 0;  // <- plain write
  atomicAdd(&count, 1);             // <- atomic
  __syncthreads();
  if (threadIdx.x < size) a[threadIdx.x] = count;
}

PROGRAM(missing_barrier_before_atomics) {
  DeviceArray<float> out(SIZE);
  PlainBesideAtomicKernel<<<1, 64>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void WarpSynchronousKernel(float *a, int) {
  __shared__ float sums[32];
  sums[threadIdx.x] = a[threadIdx.x];
  __syncthreads();
  for (int half = 16; half > 0; half /= 2)
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];  // <- warp
  a[threadIdx.x] = sums[0];
}

PROGRAM(warp_without_syncwarp) {
  DeviceArray<float> out(SIZE);
  WarpSynchronousKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__device__ unsigned finished;

__global__ void NoFenceKernel(float *sums, int) {
  sums[blockIdx.x] = blockIdx.x;  // <- handed on
  if (atomicAdd(&finished, 1) < gridDim.x - 1) return;
  float sum = 0;
  for (int i = 0; i < gridDim.x; ++i) sum += sums[i];  // <- taken over
  sums[0] = sum;
}

PROGRAM(missing_fence) {
  DeviceArray<float> out(SIZE);
  NoFenceKernel<<<4, 1>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void MisalignedKernel(float *a, int) {
  *reinterpret_cast<float2 *>(a + 1) = make_float2(1, 2);  // <- misaligned
}

PROGRAM(misaligned_pointer) {
  DeviceArray<float> out(SIZE);
  MisalignedKernel<<<1, 1>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__constant__ float factors[4] = {1, 2, 3, 4};

__global__ void ConstantKernel(float *a, int) {
  const_cast<float &>(factors[threadIdx.x]) = a[threadIdx.x];  // <- constant
}

PROGRAM(write_to_constant_memory) {
  DeviceArray<float> out(SIZE);
  ConstantKernel<<<1, 4>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

PROGRAM(copy_beyond_the_end) {
  DeviceArray<float> a(SIZE);
  const std::vector<float> values = Count(SIZE + 1);
  Check(cudaMemcpy(a.ptr, values.data(), (SIZE + 1) * sizeof(float), cudaMemcpyHostToDevice));
  return {};
}

PROGRAM(copy_in_the_wrong_direction) {
  DeviceArray<float> a(SIZE);
  std::vector<float> values = Count(SIZE);
  Check(cudaMemcpy(values.data(), a.ptr, SIZE * sizeof(float), cudaMemcpyHostToDevice));
  return {};
}

__global__ void EndlessKernel(float *a, int) {
  for (int half = blockDim.x / 2; half >= 0; half /= 2) {
    if (threadIdx.x < half) a[threadIdx.x] += a[threadIdx.x + half];
    __syncthreads();  // <- endless
  }
}

PROGRAM(loop_without_end) {
  DeviceArray<float> out(SIZE);
  EndlessKernel<<<1, 2>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__device__ int Deep(int n) {  // <- deep
  volatile int here[100];
  here[n % 100] = n;
  return n < 0 ? 0 : Deep(n + 1) + here[n % 100];
}

__global__ void DeepKernel(float *a, int) {
  a[threadIdx.x] = Deep(1);
}

PROGRAM(recursion_without_end) {
  DeviceArray<float> out(SIZE);
  DeepKernel<<<1, 1>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void LargeKernel(float *a, int) {
  __shared__ float first[8000];
  __shared__ float second[8000];  // <- large
  first[0] = a[0];
  second[0] = first[0];
}

PROGRAM(shared_arrays_too_large) {
  DeviceArray<float> out(SIZE);
  LargeKernel<<<1, 1>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void AssertedKernel(float *a, int size) {
  assert(threadIdx.x + 70 < size);  // <- assertion
  a[threadIdx.x] = 1;
}

PROGRAM(assertion_that_fails) {
  DeviceArray<float> out(SIZE);
  AssertedKernel<<<1, 32>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void TrapKernel(float *a, int) {
  if (a[threadIdx.x] == 0 && threadIdx.x == 2) __trap();  // <- trap
}

PROGRAM(trap) {
  DeviceArray<float> out(SIZE);
  TrapKernel<<<1, 4>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void OtherThreadsLocalKernel(float *a, int) {
  __shared__ float *theirs;
  float mine = a[threadIdx.x];
  if (threadIdx.x == 0) theirs = &mine;
  __syncthreads();
  a[threadIdx.x] = *theirs;  // <- local
  __syncthreads();
  a[threadIdx.x] += mine;
}

PROGRAM(local_variable_of_another_thread) {
  DeviceArray<float> out(SIZE);
  OtherThreadsLocalKernel<<<1, 4>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

__global__ void NestingKernel(float *a, int size) {
  IncrementKernel<<<1, 1>>>(a, size);
}

PROGRAM(kernel_launched_by_a_kernel) {
  DeviceArray<float> out(SIZE);
  NestingKernel<<<1, 1>>>(out.Clear().ptr, SIZE);
  return out.Values();
}

// After each fault, the same process must run this.
PROGRAM(after_a_fault) {
  DeviceArray<float> a(Count(10));
  IncrementKernel<<<1, 16>>>(a.ptr, 10);
  return a.Values();
}
