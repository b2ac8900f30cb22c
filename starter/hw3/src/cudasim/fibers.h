// Stacks that threads of a kernel run on, and the change from one to another.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cudasim {

constexpr size_t STACK_BYTES = 256 << 10;
constexpr size_t STACK_RESERVE = 16 << 10;  // what a function may need beyond the frame that it begins with
constexpr size_t MAX_FIBERS = 1024;         // as many as a block has threads

extern uintptr_t stacks_begin;  // 0 until they are needed

struct Fiber {
  void *stack_pointer;  // while it does not run
  uintptr_t stack_low;
};

// Make sure that there is memory for stacks. Throws std::bad_alloc.
void ReserveStacks();

// Let a fiber begin anew, with `entry` as what it runs. `entry` never returns.
void Prepare(Fiber *fiber, size_t number, void (*entry)());

// Go on at `to`, and keep in *from what is needed to come back here.
void Switch(void **from, void *to) __asm__("cudasim_switch");

// Say whether the caller runs on a fiber: whether it is part of a kernel.
__attribute__((always_inline)) inline bool OnFiber() {
  return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - stacks_begin < STACK_BYTES * MAX_FIBERS;
}

}  // namespace cudasim
