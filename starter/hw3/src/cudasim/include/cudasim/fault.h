// What is thrown when checked execution finds a mistake.
#pragma once

#include <stdexcept>
#include <string>

#include "vector_types.h"

namespace cudasim {

enum class FaultKind {
  kOutOfBounds,   // an access outside of every array, or in freed memory
  kHostMemory,    // a kernel reads or writes the host's memory
  kDeviceMemory,  // the host reads or writes the device's memory
  kMisaligned,    // an access at an address that its size does not divide
  kReadOnly,      // a kernel writes a __constant__ variable
  kNeverWritten,  // a read of memory that nothing was written to
  kRace,          // two threads, one of which writes, with no barrier between
  kBarrier,       // a barrier, a shuffle or a vote that not all of its threads reach
  kCopy,          // cudaMemcpy or cudaMemset beyond an array, or in the wrong direction
  kEndless,       // a thread that does not come to an end
  kLocalMemory,   // a thread's local variables, or its recursion, need more than it has
  kSharedMemory,  // a block's shared arrays are larger than a block may have
  kAssertion,     // assert() failed, or __trap() was called
  kNotSupported,  // something that cudasim can't do
};

// The text says it all; the fields are for programs.
class __attribute__((visibility("default"))) Fault : public std::runtime_error {
 public:
  explicit Fault(const std::string &text) : std::runtime_error(text) {}

  FaultKind kind = FaultKind::kNotSupported;
  std::string kernel;  // empty for a fault of the host
  uint3 block = {}, thread = {};
  std::string file;  // empty if unknown
  int line = 0;
};

}  // namespace cudasim
