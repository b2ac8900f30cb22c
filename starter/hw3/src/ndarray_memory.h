// Where an array's memory comes from, and what is thrown when there is no more.
#pragma once

#include <cstddef>
#include <new>
#include <string>

namespace needle {

// Becomes a Python MemoryError.
class OutOfMemory : public std::bad_alloc {
 public:
  OutOfMemory(const std::string &where, size_t bytes)
      : text_(where + ": no memory for " + std::to_string(bytes) +
              " bytes. Expected as much to be free. Make smaller arrays, or delete some first.") {}
  const char *what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

namespace cpu {

// Return memory at an address that ALIGNMENT divides. Throws OutOfMemory.
void *AllocateAligned(size_t bytes);
void FreeAligned(void *memory, size_t bytes);

}  // namespace cpu
}  // namespace needle
