// From an address in the program to the line of source that it was compiled from.
#pragma once

#include <cstdint>
#include <string>

namespace cudasim {

struct SourceLine {
  std::string file;  // empty if unknown
  int line = 0;
  bool in_kernel = false;  // in the kernel itself, not in a function that it calls
  int called_from =
      0;  // the line of the kernel, in the same file, that calls the function which holds `line`
};

// `kernel` is the name of the kernel that runs.
SourceLine FindLine(uintptr_t pc, const std::string &kernel);

}  // namespace cudasim
