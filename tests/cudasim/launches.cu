// Correct programs that ask much of the host: launches, streams, memory, and what a device refuses.
#include <cassert>

#include "programs.h"

template <class Op>
__global__ void ApplyKernel(const float *a, float *out, Op op, int size = 10) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < size) out[i] = op(__ldg(a + i));
}

struct AddTo {
  float value;
  __host__ __device__ float operator()(float x) const { return x + value; }
};

namespace inner {
__global__ void AddOneKernel(float *a) {
  a[threadIdx.x] += 1;
}
}  // namespace inner

PROGRAM(launches_of_every_kind) {
  DeviceArray<float> a(Count(10)), out(10);
  out.Clear();
  ApplyKernel<<<2, 8>>>((const float *)a.ptr, out.ptr, AddTo{0.5f});  // arguments say which template
  ApplyKernel<AddTo><<<2, 8>>>(out.ptr, a.ptr, AddTo{100}, 5);
  void (*kernel)(float *) = inner::AddOneKernel;
  kernel<<<1, 10>>>(a.ptr);
  (*kernel)<<<1, 10>>>(a.ptr);
  for (int i = 0; i < 2; ++i) inner::AddOneKernel<<<1, 10>>>(a.ptr), ::inner::AddOneKernel<<<1, 3>>>(a.ptr);
  return a.Values();
}

__global__ void DoubleKernel(float *a) {
  for (int i = threadIdx.x; i < 64; i += blockDim.x) a[i] *= 2;
}

PROGRAM(streams_and_events) {
  cudaStream_t stream;
  cudaEvent_t start, end;
  Check(cudaStreamCreate(&stream));
  Check(cudaEventCreate(&start));
  Check(cudaEventCreate(&end));
  const std::vector<float> values = Count(64);
  DeviceArray<float> a(64), copy(64);
  Check(cudaEventRecord(start, stream));
  Check(cudaMemcpyAsync(a.ptr, values.data(), 64 * sizeof(float), cudaMemcpyHostToDevice, stream));
  DoubleKernel<<<1, 32, 0, stream>>>(a.ptr);
  Check(cudaMemcpyAsync(copy.ptr, a.ptr, 64 * sizeof(float), cudaMemcpyDeviceToDevice, stream));
  Check(cudaEventRecord(end, stream));
  Check(cudaStreamSynchronize(stream));
  Check(cudaDeviceSynchronize());
  float milliseconds = -1;
  Check(cudaEventElapsedTime(&milliseconds, start, end));
  Check(cudaEventDestroy(start));
  Check(cudaEventDestroy(end));
  Check(cudaStreamDestroy(stream));
  Numbers numbers = copy.Values();
  numbers.push_back(milliseconds >= 0);
  return numbers;
}

PROGRAM(managed_and_registered_memory) {
  float *managed = nullptr;
  Check(cudaMallocManaged(&managed, 10 * sizeof(float)));
  for (int i = 0; i < 10; ++i) managed[i] = i;
  std::vector<float> host = Count(10);
  Check(cudaHostRegister(host.data(), 10 * sizeof(float), cudaHostRegisterDefault));
  inner::AddOneKernel<<<1, 10>>>(managed);
  inner::AddOneKernel<<<1, 5>>>(host.data());
  Check(cudaHostUnregister(host.data()));
  Numbers numbers(host.begin(), host.end());
  numbers.insert(numbers.end(), managed, managed + 10);
  cudaFree(managed);
  return numbers;
}

__global__ void AssertKernel(float *a) {
  assert(threadIdx.x < blockDim.x);
  a[threadIdx.z * blockDim.x + threadIdx.x] = 1;
}

static Numbers ErrorOf(dim3 grid, dim3 block, size_t shared_bytes) {
  DeviceArray<float> a(2048);
  AssertKernel<<<grid, block, shared_bytes>>>(a.ptr);
  const double peeked = cudaPeekAtLastError(), taken = cudaGetLastError(), after = cudaGetLastError();
  return {peeked, taken, after};
}

PROGRAM(launch_of_too_many_threads) {
  return ErrorOf(1, 1025, 0);
}
PROGRAM(launch_of_no_threads) {
  return ErrorOf(1, 0, 0);
}
PROGRAM(launch_of_a_deep_block) {
  return ErrorOf(1, dim3(1, 1, 65), 0);
}
PROGRAM(launch_of_no_blocks) {
  return ErrorOf(0, 32, 0);
}
PROGRAM(launch_of_a_tall_grid) {
  return ErrorOf(dim3(1, 65536), 32, 0);
}
PROGRAM(launch_of_a_deep_grid) {
  return ErrorOf(dim3(1, 1, 65536), 32, 0);
}
PROGRAM(launch_with_too_much_shared_memory) {
  return ErrorOf(1, 32, 48 * 1024 + 1);
}
PROGRAM(launch_at_all_limits) {
  return ErrorOf(1, dim3(16, 1, 64), 48 * 1024);
}

PROGRAM(device_properties) {
  int count = 0, device = -1, warp = 0;
  size_t free = 0, total = 0;
  cudaDeviceProp properties;
  Check(cudaGetDeviceCount(&count));
  Check(cudaGetDevice(&device));
  Check(cudaGetDeviceProperties(&properties, device));
  Check(cudaDeviceGetAttribute(&warp, cudaDevAttrWarpSize, device));
  DeviceArray<char> kept(1000);
  Check(cudaMemGetInfo(&free, &total));
  return {1.0 * count, 1.0 * warp, 1.0 * properties.maxThreadsPerBlock, 1.0 * properties.sharedMemPerBlock,
          1.0 * (total - free)};
}

PROGRAM(more_memory_than_there_is) {
  float *ptr = nullptr;
  const double error = cudaMalloc(&ptr, size_t{1} << 40);
  return {error, 1.0 * cudaGetLastError(), 1.0 * (ptr == nullptr)};
}

__global__ void NothingKernel() {}

PROGRAM(a_kernel_asks_for_shared_memory) {
  constexpr auto kAttribute = cudaFuncAttributeMaxDynamicSharedMemorySize;
  const double granted = cudaFuncSetAttribute(NothingKernel, kAttribute, 48 << 10);
  const double refused = cudaFuncSetAttribute(NothingKernel, kAttribute, (48 << 10) + 1);
  return {granted, refused, 1.0 * cudaGetLastError()};
}

PROGRAM(a_kernel_without_arguments) {
  NothingKernel<<<3, 1024>>>();
  return {1.0 * cudaGetLastError()};
}
