// What the translator puts in the place of launches, shared arrays and device variables.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "qualifiers.h"
#include "runtime_api.h"
#include "vector_types.h"

namespace cudasim {

// What stands between <<< and >>>.
struct Configuration {
  Configuration(dim3 grid, dim3 block, size_t shared_bytes = 0, cudaStream_t stream = nullptr)
      : grid(grid), block(block), shared_bytes(shared_bytes), stream(stream) {}

  dim3 grid, block;
  size_t shared_bytes;
  cudaStream_t stream;
};

// An argument of a kernel, if it is a pointer: messages tell arrays by their parameters' names.
struct PointerArgument {
  const void *pointer;   // null for an argument of another type
  size_t element_bytes;  // 1 if unknown
};

struct Launching {
  const char *kernel;
  const char *parameters;  // their names, with commas between; empty if unknown
  Configuration configuration;
  const PointerArgument *arguments;
  size_t argument_count;
  const void *closure;  // what `run` needs
  size_t closure_bytes;
  void (*run)(const void *closure);  // runs one thread of the kernel
};

// Run a kernel to its end. Throws Fault; what a device would refuse to start is left for cudaGetLastError.
void Run(const Launching &launching);

template <class T>
PointerArgument AsPointer(const T &argument) {
  if constexpr (!std::is_pointer_v<T>)
    return {nullptr, 1};
  else if constexpr (std::is_void_v<std::remove_pointer_t<T>> || std::is_function_v<std::remove_pointer_t<T>>)
    return {reinterpret_cast<const void *>(argument), 1};
  else
    return {const_cast<const void *>(static_cast<const volatile void *>(argument)),
            sizeof(std::remove_pointer_t<T>)};
}

template <class Call, class... A>
void Launch(const char *kernel, const char *parameters, Call call, const Configuration &configuration,
            A &&...arguments) {
  using Closure = std::pair<Call, std::tuple<std::decay_t<A>...>>;
  const Closure closure(call, std::tuple<std::decay_t<A>...>(std::forward<A>(arguments)...));
  const auto pointers = std::apply(
      [](const auto &...each) { return std::array<PointerArgument, sizeof...(each)>{AsPointer(each)...}; },
      closure.second);
  Run({kernel, parameters, configuration, pointers.data(), pointers.size(), &closure, sizeof(closure),
       [](const void *memory) {
         const Closure &closure = *static_cast<const Closure *>(memory);
         std::apply(closure.first, closure.second);
       }});
}

struct SharedArray {
  const void *function;  // an address that is this function's, or this instantiation's, alone
  const char *name;
  int line;
  size_t bytes, element_bytes;
  size_t sides[3];  // of an array in up to three dimensions, 0 where there is none
};

// Return the block's memory for a shared array.
void *SharedMemory(const SharedArray &array);

// Return the block's memory whose size the launch gave.
void *DynamicSharedMemory(const char *name, size_t element_bytes);

template <class T>
__attribute__((always_inline)) inline T &Shared(const void *function, const char *name, int line) {
  using Element = std::remove_all_extents_t<T>;
  static_assert(sizeof(T) <= 48 * 1024, "a __shared__ array is larger than the 48 KB that a block may have");
  static_assert(std::is_trivially_default_constructible_v<Element>,
                "a __shared__ variable can't have a constructor");
  return *static_cast<T *>(SharedMemory({function,
                                         name,
                                         line,
                                         sizeof(T),
                                         sizeof(Element),
                                         {std::extent_v<T, 0>, std::extent_v<T, 1>, std::extent_v<T, 2>}}));
}

// An `extern __shared__ T name[];` outside of any function.
template <class T>
struct DynamicShared {
  const char *name;

  operator T *() const { return static_cast<T *>(DynamicSharedMemory(name, sizeof(T))); }
  template <class Other>
  explicit operator Other *() const {
    return reinterpret_cast<Other *>(static_cast<T *>(*this));
  }
};

// A __device__ or __constant__ variable: made known when the program starts.
struct Variable {
  Variable(const volatile void *begin, size_t bytes, const char *name, bool constant);
};

}  // namespace cudasim
