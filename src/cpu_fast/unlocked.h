// Lets Python's other threads run while a long kernel does.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>

namespace needle::fast {

/// Call work(), without Python's lock if it goes over many elements.
template <class Work>
void RunUnlocked(size_t elements, Work work) {
  constexpr size_t kMany = 20'000;  // below, giving the lock up and taking it again would show
  if (elements < kMany) {
    work();
    return;
  }
  pybind11::gil_scoped_release release;
  work();
}

}  // namespace needle::fast
