// Words for what checked execution finds.
#pragma once

#include <cstdint>
#include <string>

#include "include/cudasim/fault.h"
#include "segments.h"

namespace cudasim {

enum class AccessKind { kRead, kWrite, kAtomic };

// What a check knows when it finds a mistake. Without constructors: it is made where a stack is abandoned.
struct Mistake {
  FaultKind kind;
  uintptr_t address;
  size_t bytes;
  AccessKind access;
  uint32_t segment;      // who
  uintptr_t pc;          // 0 if `file` and `line` say where
  uintptr_t callers[6];  // where the function that makes the access returns to, and its caller, ...
  const char *file;
  int line;
  const char *text;  // of an assertion
  Segment other;     // the other access of a race
  AccessKind other_access;
  uintptr_t other_pc;
};

// Say of a mistake what, who, where and what usually causes it.
Fault Describe(const Mistake &mistake);

// A fault of the thread that runs, at a place in the source.
Fault MakeFault(FaultKind kind, unsigned thread, const std::string &text, const char *file, int line);

// (1, 0, 0)
std::string Text(uint3 index);

// "thread (3, 0, 0)"
std::string ThreadText(unsigned thread);

// A path as a person writes it: from the current folder on, if it lies there.
std::string ShortPath(const std::string &path);

}  // namespace cudasim
