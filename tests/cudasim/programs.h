// Small programs by name, which a test calls through run(). A program returns numbers; a test knows which.
#pragma once

#include <cuda_runtime.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using Numbers = std::vector<double>;

inline std::map<std::string, std::function<Numbers()>> &Programs() {
  static std::map<std::string, std::function<Numbers()>> programs;
  return programs;
}

struct Program {
  Program(const char *name, Numbers (*run)()) { Programs()[name] = run; }
};

#define PROGRAM(name)                         \
  static Numbers name();                      \
  static Program program_##name(#name, name); \
  static Numbers name()

inline void Check(cudaError_t error) {
  if (error != cudaSuccess) throw std::logic_error(cudaGetErrorName(error));
}

// An array on the device.
template <class T>
struct DeviceArray {
  explicit DeviceArray(size_t size) : size(size) { Check(cudaMalloc(&ptr, size * sizeof(T))); }
  explicit DeviceArray(const std::vector<T> &values) : DeviceArray(values.size()) {
    Check(cudaMemcpy(ptr, values.data(), size * sizeof(T), cudaMemcpyHostToDevice));
  }
  ~DeviceArray() { cudaFree(ptr); }
  DeviceArray(const DeviceArray &) = delete;

  DeviceArray &Clear() {
    Check(cudaMemset(ptr, 0, size * sizeof(T)));
    return *this;
  }

  Numbers Values() const {
    std::vector<T> values(size);
    Check(cudaMemcpy(values.data(), ptr, size * sizeof(T), cudaMemcpyDeviceToHost));
    return Numbers(values.begin(), values.end());
  }

  T *ptr = nullptr;
  size_t size;
};

template <class T = float>
std::vector<T> Count(size_t size) {
  std::vector<T> values(size);
  for (size_t i = 0; i < size; ++i) values[i] = static_cast<T>(i);
  return values;
}
