// What calls of the fast kernels ask of this backend, and their arguments.
#pragma once

#include <algorithm>

#include "../fast/arguments.h"
#include "../ndarray_backend_cpu.h"

namespace needle::fast {

struct CpuBackend {
  using Array = cpu::AlignedArray;
  static constexpr bool kLeavesWrongIndicesOut = false;

  static void Use(const Array &) {}

  /// Call work(), without Python's lock if it goes over many elements.
  template <class Work>
  static void Run(size_t elements, Work work) {
    constexpr size_t kMany = 20'000;  // below, giving the lock up and taking it again would show
    if (elements < kMany) {
      work();
      return;
    }
    pybind11::gil_scoped_release release;
    work();
  }

  static void Copy(const float *from, size_t count, float *to, const std::string &) {
    std::copy_n(from, count, to);
  }

  static float Read(const float *number, const std::string &) { return *number; }
};

using Arguments = ArgumentsFor<CpuBackend>;

}  // namespace needle::fast
