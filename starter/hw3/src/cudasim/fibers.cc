#include "fibers.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

// cudasim_switch(void **from, void *to): push what a called function must keep, change stacks, pop.
#ifdef __APPLE__
#define CUDASIM_HEAD \
  ".text\n.private_extern cudasim_switch\n.globl cudasim_switch\n.p2align 4\ncudasim_switch:\n"
#else
#define CUDASIM_HEAD ".text\n.globl cudasim_switch\n.hidden cudasim_switch\n.p2align 4\ncudasim_switch:\n"
#endif

#if defined(__x86_64__)
__asm__(CUDASIM_HEAD
        "pushq %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
        "movq %rsp, (%rdi)\n"
        "movq %rsi, %rsp\n"
        "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n"
        "ret\n");
#elif defined(__aarch64__)
__asm__(
    CUDASIM_HEAD
    "sub sp, sp, #160\n"
    "stp x19, x20, [sp]\n stp x21, x22, [sp, #16]\n stp x23, x24, [sp, #32]\n"
    "stp x25, x26, [sp, #48]\n stp x27, x28, [sp, #64]\n stp x29, x30, [sp, #80]\n"
    "stp d8, d9, [sp, #96]\n stp d10, d11, [sp, #112]\n stp d12, d13, [sp, #128]\n stp d14, d15, [sp, #144]\n"
    "mov x9, sp\n str x9, [x0]\n"
    "mov sp, x1\n"
    "ldp x19, x20, [sp]\n ldp x21, x22, [sp, #16]\n ldp x23, x24, [sp, #32]\n"
    "ldp x25, x26, [sp, #48]\n ldp x27, x28, [sp, #64]\n ldp x29, x30, [sp, #80]\n"
    "ldp d8, d9, [sp, #96]\n ldp d10, d11, [sp, #112]\n ldp d12, d13, [sp, #128]\n ldp d14, d15, [sp, #144]\n"
    "add sp, sp, #160\n"
    "ret\n");
#else
#error "cudasim knows how to change stacks on x86-64 and aarch64 only"
#endif

namespace cudasim {

uintptr_t stacks_begin;

void ReserveStacks() {
  if (stacks_begin) return;
  void *memory = mmap(nullptr, STACK_BYTES * MAX_FIBERS, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  stacks_begin = reinterpret_cast<uintptr_t>(memory);
}

// The words that cudasim_switch pops, from the lowest address on: all registers 0, then where to go on.
void Prepare(Fiber *fiber, size_t number, void (*entry)()) {
  fiber->stack_low = stacks_begin + number * STACK_BYTES;
  uintptr_t *words = reinterpret_cast<uintptr_t *>(fiber->stack_low + STACK_BYTES);
#if defined(__x86_64__)
  words -= 8;  // six registers, the entry, and the return address that the entry never uses
  constexpr size_t entry_at = 6;
#else
  words -= 20;
  constexpr size_t entry_at = 11;  // x30
#endif
  std::memset(
      words, 0,
      reinterpret_cast<uintptr_t>(fiber->stack_low + STACK_BYTES) - reinterpret_cast<uintptr_t>(words));
  words[entry_at] = reinterpret_cast<uintptr_t>(entry);
  fiber->stack_pointer = words;
}

}  // namespace cudasim
