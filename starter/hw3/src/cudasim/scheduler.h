// Runs a launch: blocks one after another, the threads of a block on fibers, in an order that never changes.
#pragma once

#include <string>

#include "include/cudasim/fault.h"
#include "include/cudasim/launch.h"
#include "report.h"

namespace cudasim {

// The launch that runs, null outside of one.
extern const Launching *launching;

// Stop the launch; Run() throws what is found. Only on a fiber.
[[noreturn]] void Stop(const Mistake &mistake);

// Stop the launch at the block's next barrier or end, unless a race is found before.
void StopLater(const Mistake &mistake);

// A shared array of the launch that runs.
struct SharedUse {
  SharedArray array;
  uintptr_t begin;
};
const SharedUse *FindShared(uintptr_t address);

uint3 BlockIndex(uint64_t number);
uint3 ThreadIndex(unsigned thread);

}  // namespace cudasim
