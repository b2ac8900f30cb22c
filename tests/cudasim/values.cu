// Correct kernels with values of many kinds: variables, structures, bytes, functions, local arrays.
#include "programs.h"

__constant__ float factors[4];
__device__ int calls = 10;
__device__ float table[2][3] = {{1, 2, 3}, {4, 5, 6}};

__global__ void VariablesKernel(float *out) {
  out[threadIdx.x] = factors[threadIdx.x % 4] + table[1][threadIdx.x % 3];
  atomicAdd(&calls, 1);
}

PROGRAM(variables) {
  const std::vector<float> values{10, 20, 30, 40};
  Check(cudaMemcpyToSymbol(factors, values.data(), 3 * sizeof(float)));
  Check(cudaMemcpyToSymbol(factors, &values[3], sizeof(float), 3 * sizeof(float)));
  DeviceArray<float> out(8);
  VariablesKernel<<<1, 8>>>(out.ptr);
  int counted = 0;
  Check(cudaMemcpyFromSymbol(&counted, calls, sizeof(int)));
  Numbers numbers = out.Values();
  numbers.push_back(counted);
  return numbers;
}

struct Pair {
  char mark;
  double value;
};

struct Options {
  int size;
  float factors[6];
};

__global__ void StructuresKernel(const float4 *a, float4 *out, Pair *pairs, Options options) {
  const int i = threadIdx.x;
  float4 four = a[i];
  four.w = options.factors[i % 6] * options.size;
  out[i] = four;
  pairs[i].mark = 'a';
  pairs[i].value = four.x;
  Pair copy = pairs[i];
  copy.value += copy.mark == 'a';
  pairs[i] = copy;
  reinterpret_cast<float2 *>(out)[2 * i] = make_float2(four.y, pairs[i].value);
}

PROGRAM(structures) {
  DeviceArray<float> a(Count(4 * 8)), out(4 * 8);
  DeviceArray<char> pairs(8 * sizeof(Pair));
  StructuresKernel<<<1, 8>>>((const float4 *)a.ptr, (float4 *)out.ptr, (Pair *)pairs.ptr,
                             Options{2, {1, 2, 3, 4, 5, 6}});
  return out.Values();
}

__global__ void BytesKernel(unsigned char *bytes, short *shorts, size_t size) {
  for (size_t i = threadIdx.x; i < size; i += blockDim.x) {
    bytes[i] = i * 3;
    shorts[i] = bytes[i] - 100;
  }
}

PROGRAM(bytes_of_one_word_by_different_threads) {
  DeviceArray<unsigned char> bytes(77);
  DeviceArray<short> shorts(77);
  BytesKernel<<<1, 20>>>(bytes.ptr, shorts.ptr, 77);
  Numbers values = bytes.Values();
  for (double number : shorts.Values()) values.push_back(number);
  return values;
}

__global__ void MathKernel(float *out) {
  const float x = 0.25f + threadIdx.x;
  float *row = out + threadIdx.x * 12;
  row[0] = __expf(x);
  row[1] = rsqrtf(x);
  row[2] = __fdividef(1, x);
  row[3] = fmaxf(x, 1.0f);
  row[4] = max(1, static_cast<int>(x)) + min(2.5, x);
  row[5] = __saturatef(x - 0.5f);
  row[6] = __float2int_rn(x * 10);
  row[7] = __popc(threadIdx.x + 5) + __clz(1) + __ffs(8);
  row[8] = __int_as_float(__float_as_int(x));
  row[9] = tanhf(x) + exp(x) + pow(x, 2.0f) + abs(-x);
  row[10] = __fmaf_rn(x, 2, 1);
  row[11] = __brev(1u) >> 31;
}

PROGRAM(math) {
  DeviceArray<float> out(12 * 3);
  MathKernel<<<1, 3>>>(out.ptr);
  return out.Values();
}

__device__ int Fibonacci(int n) {
  return n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);
}

__global__ void LocalKernel(int *out) {
  int digits[40];
  for (int i = 0; i < 40; ++i) digits[i] = i * threadIdx.x;
  out[threadIdx.x] = Fibonacci(threadIdx.x) + digits[(threadIdx.x * 7) % 40];
}

PROGRAM(local_arrays_and_recursion) {
  DeviceArray<int> out(12);
  LocalKernel<<<1, 12>>>(out.ptr);
  return out.Values();
}
