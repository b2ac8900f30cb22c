// The compiler puts a call before every load and store (-fsanitize=thread, without its library); these are
// the functions that it calls. They are quick where all is well, and outside of kernels.
#include "checks.h"

#include "api_state.h"
#include "block.h"
#include "memory.h"
#include "scheduler.h"

#define CUDASIM_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define CUDASIM_INLINE inline __attribute__((always_inline))

namespace cudasim {

struct Access {
  uintptr_t address;
  size_t bytes;
  AccessKind kind;
  uintptr_t pc;
};

static Mistake MistakeOf(FaultKind kind, const Access &access) {
  Mistake mistake = {};
  mistake.kind = kind;
  mistake.address = access.address;
  mistake.bytes = access.bytes;
  mistake.access = access.kind;
  mistake.segment = current.self;
  mistake.pc = access.pc;
  return mistake;
}

[[noreturn]] static __attribute__((noinline)) void Fail(FaultKind kind, const Access &access) {
  Stop(MistakeOf(kind, access));
}

// A read of what was never written. Perhaps another thread is about to write it: then it is a race.
static __attribute__((noinline)) void FailLater(const Access &access) {
  StopLater(MistakeOf(FaultKind::kNeverWritten, access));
}

[[noreturn]] static __attribute__((noinline)) void FailRace(const Access &access, uint32_t other, uint32_t at,
                                                            AccessKind other_kind) {
  Mistake race = MistakeOf(FaultKind::kRace, access);
  race.other = SegmentOf(other);
  race.other_access = other_kind;
  race.other_pc = UnpackPc(at);
  Stop(race);
}

static CUDASIM_INLINE void CheckWriter(const Cell &cell, uint32_t bytes, const Access &access) {
  if (CUDASIM_UNLIKELY(Concurrent(cell.writer, cell.written_at))) {
    if (!(cell.flags >> WRITER_SHIFT & bytes)) return;
    const bool atomic = cell.flags & ATOMIC;
    if (atomic && access.kind == AccessKind::kAtomic) return;
    FailRace(access, cell.writer, cell.written_at, atomic ? AccessKind::kAtomic : AccessKind::kWrite);
  }
}

static CUDASIM_INLINE void CheckReaders(const Cell &cell, uint32_t bytes, const Access &access) {
  for (int i = 0; i < 2; ++i)
    if (CUDASIM_UNLIKELY(Concurrent(cell.readers[i], cell.read_at[i])) &&
        cell.flags >> (READER_SHIFT + 4 * i) & bytes)
      FailRace(access, cell.readers[i], cell.read_at[i], AccessKind::kRead);
}

static CUDASIM_INLINE void SetReader(Cell *cell, int i, uint32_t bytes, uint32_t at) {
  const uint32_t before = cell->readers[i] == current.self ? 0 : 0xfu << (READER_SHIFT + 4 * i);
  cell->readers[i] = current.self;
  cell->read_at[i] = at;
  cell->flags = (cell->flags & ~before) | bytes << (READER_SHIFT + 4 * i);
}

// Say how far apart two threads are for a third that writes later: 0 in the same warp and not in order, 1 in
// other warps of a block, 2 in other blocks.
static int Distance(uint32_t first, uint32_t second) {
  const uint32_t low = first < second ? first : second, high = first < second ? second : first;
  if (low < current.block_first) return high >= current.block_first ? 2 : 0;
  return (low - current.epoch_first) / WARP == (high - current.epoch_first) / WARP ? 0 : 1;
}

// Of the readers, keep two that are as far apart as possible: whoever writes later is far from one of them.
static CUDASIM_INLINE void RecordRead(Cell *cell, uint32_t bytes, uint32_t at) {
  if (cell->readers[0] == current.self || !Concurrent(cell->readers[0], cell->read_at[0]))
    SetReader(cell, 0, bytes, at);
  else if (cell->readers[1] == current.self || !Concurrent(cell->readers[1], cell->read_at[1]) ||
           Distance(cell->readers[0], current.self) > Distance(cell->readers[0], cell->readers[1]))
    SetReader(cell, 1, bytes, at);
}

// An atomic operation after the thread's own plain write does not hide that write from the others.
static CUDASIM_INLINE void RecordWrite(Cell *cell, uint32_t bytes, uint32_t at, bool atomic) {
  const bool again = cell->writer == current.self;
  const uint32_t before = again ? cell->flags & WRITER : 0;
  if (atomic && again && !(cell->flags & ATOMIC) && (cell->written_at & LAST_CLOCK) == current.clock) return;
  cell->writer = current.self;
  cell->written_at = at;
  cell->flags = (cell->flags & ~(WRITER | ATOMIC)) | before | bytes << WRITER_SHIFT | bytes << DEFINED_SHIFT |
                (atomic ? ATOMIC : 0);
}

// `bytes` has a bit for each of the cell's bytes that are accessed.
static CUDASIM_INLINE void CheckCell(Cell *cell, uint32_t bytes, bool must_be_defined, const Access &access) {
  const uint32_t flags = cell->flags;
  if (CUDASIM_UNLIKELY((flags & bytes) != bytes)) Fail(FaultKind::kOutOfBounds, access);
  if (must_be_defined && CUDASIM_UNLIKELY((flags >> DEFINED_SHIFT & bytes) != bytes)) FailLater(access);
  CheckWriter(*cell, bytes, access);
  const uint32_t at = Pack(access.pc);
  if (access.kind == AccessKind::kRead) return RecordRead(cell, bytes, at);
  if (CUDASIM_UNLIKELY(flags & READ_ONLY)) Fail(FaultKind::kReadOnly, access);
  CheckReaders(*cell, bytes, access);
  RecordWrite(cell, bytes, at, access.kind == AccessKind::kAtomic);
}

// Check cells one after the other; `first` is that of the first byte.
static CUDASIM_INLINE void CheckCells(Cell *first, bool must_be_defined, const Access &access) {
  size_t skipped = access.address % 4;
  for (size_t left = access.bytes; left > 0;) {
    const size_t count = left < 4 - skipped ? left : 4 - skipped;
    CheckCell(first++, ((1u << count) - 1) << skipped, must_be_defined, access);
    left -= count;
    skipped = 0;
  }
}

static CUDASIM_INLINE void CountStep(const Access &access) {
  if (CUDASIM_UNLIKELY(--current.steps_left < 0)) Fail(FaultKind::kEndless, access);
}

// A kernel's arguments lie where the launch put them, and kernels read them from there.
static bool InArguments(const Access &access) {
  return access.address - reinterpret_cast<uintptr_t>(launching->closure) < launching->closure_bytes &&
         access.kind == AccessKind::kRead;
}

// An access outside of the arena and of the thread's own stack.
static __attribute__((noinline)) void CheckElsewhere(const Access &access) {
  if (!OnFiber() || InArguments(access)) return;
  Cell *cell = CellOf(access.address);
  if (!cell) Fail(FaultKind::kHostMemory, access);
  const Region *region = FindRegion(access.address);
  if (access.address + access.bytes > region->begin + region->bytes) Fail(FaultKind::kOutOfBounds, access);
  CheckCells(cell, access.kind != AccessKind::kWrite, access);
}

// The host can't be stopped here: the memory is there, and the next call or launch throws.
static __attribute__((noinline)) void CheckHost(const Access &access) {
  const Found found = FindAllocation(access.address);
  if (found.holding == Holding::kLive && found.allocation->managed) return;
  Pend(MistakeOf(FaultKind::kDeviceMemory, access));
}

template <size_t bytes>
static CUDASIM_INLINE void Check(void *pointer, AccessKind kind, uintptr_t pc) {
  const Access access{reinterpret_cast<uintptr_t>(pointer), bytes, kind, pc};
  const uintptr_t offset = access.address - arena.begin;
  if (offset >= arena.bytes) {
    if (access.address - current.stack_low >= STACK_BYTES) CheckElsewhere(access);
    return;
  }
  if (CUDASIM_UNLIKELY(!OnFiber())) return CheckHost(access);
  CountStep(access);
  constexpr size_t alignment = bytes < 8 ? bytes : 8;
  if (CUDASIM_UNLIKELY(access.address % alignment)) Fail(FaultKind::kMisaligned, access);
  CheckCells(arena.cells + offset / 4, kind != AccessKind::kWrite, access);
}

// A structure may have holes that nobody writes: one byte that was written is enough.
static bool AnyDefined(const Cell *cell, uintptr_t address, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i)
    if (cell[(address % 4 + i) / 4].flags >> DEFINED_SHIFT & 1u << (address + i) % 4) return true;
  return bytes == 0;
}

void CheckRange(uintptr_t address, size_t bytes, AccessKind kind, uintptr_t pc) {
  const Access access{address, bytes, kind, pc};
  if (!InArena(address)) {
    if (address - current.stack_low >= STACK_BYTES) CheckElsewhere(access);
    return;
  }
  if (!OnFiber()) return CheckHost(access);
  CountStep(access);
  Cell *cell = CellOf(address);
  if (kind != AccessKind::kWrite && (cell->flags & ALLOCATED) && !AnyDefined(cell, address, bytes))
    FailLater(access);
  CheckCells(cell, false, access);
}

uint64_t BeginAtomic(const void *pointer, size_t bytes) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  const uintptr_t pc = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  if (OnFiber() && address % bytes) Fail(FaultKind::kMisaligned, {address, bytes, AccessKind::kAtomic, pc});
  CheckRange(address, bytes, AccessKind::kAtomic, pc);
  if (OnFiber()) RecordAtomic(address);
  uint64_t value = 0;
  __builtin_memcpy(&value, pointer, bytes);
  return value;
}

void EndAtomic(void *pointer, size_t bytes, uint64_t value) {
  __builtin_memcpy(pointer, &value, bytes);
}

}  // namespace cudasim

using cudasim::AccessKind;

#define CUDASIM_PC reinterpret_cast<uintptr_t>(__builtin_return_address(0))
#define CUDASIM_EXPORT extern "C" __attribute__((visibility("hidden"))) void

#define CUDASIM_SIZE(bytes)                                                                     \
  CUDASIM_EXPORT __tsan_read##bytes(void *p) {                                                  \
    cudasim::Check<bytes>(p, AccessKind::kRead, CUDASIM_PC);                                    \
  }                                                                                             \
  CUDASIM_EXPORT __tsan_write##bytes(void *p) {                                                 \
    cudasim::Check<bytes>(p, AccessKind::kWrite, CUDASIM_PC);                                   \
  }                                                                                             \
  CUDASIM_EXPORT __tsan_read_write##bytes(void *p) {                                            \
    cudasim::Check<bytes>(p, AccessKind::kRead, CUDASIM_PC);                                    \
    cudasim::Check<bytes>(p, AccessKind::kWrite, CUDASIM_PC);                                   \
  }                                                                                             \
  CUDASIM_EXPORT __tsan_unaligned_read##bytes(void *p) {                                        \
    cudasim::CheckRange(reinterpret_cast<uintptr_t>(p), bytes, AccessKind::kRead, CUDASIM_PC);  \
  }                                                                                             \
  CUDASIM_EXPORT __tsan_unaligned_write##bytes(void *p) {                                       \
    cudasim::CheckRange(reinterpret_cast<uintptr_t>(p), bytes, AccessKind::kWrite, CUDASIM_PC); \
  }                                                                                             \
  CUDASIM_EXPORT __tsan_unaligned_read_write##bytes(void *p) {                                  \
    cudasim::CheckRange(reinterpret_cast<uintptr_t>(p), bytes, AccessKind::kRead, CUDASIM_PC);  \
    cudasim::CheckRange(reinterpret_cast<uintptr_t>(p), bytes, AccessKind::kWrite, CUDASIM_PC); \
  }
CUDASIM_SIZE(1)
CUDASIM_SIZE(2)
CUDASIM_SIZE(4)
CUDASIM_SIZE(8)
CUDASIM_SIZE(16)

CUDASIM_EXPORT __tsan_read_range(void *p, size_t bytes) {
  cudasim::CheckRange(reinterpret_cast<uintptr_t>(p), bytes, AccessKind::kRead, CUDASIM_PC);
}

CUDASIM_EXPORT __tsan_write_range(void *p, size_t bytes) {
  cudasim::CheckRange(reinterpret_cast<uintptr_t>(p), bytes, AccessKind::kWrite, CUDASIM_PC);
}

CUDASIM_EXPORT __tsan_vptr_read(void **p) {
  cudasim::Check<8>(p, AccessKind::kRead, CUDASIM_PC);
}

CUDASIM_EXPORT __tsan_vptr_update(void **p, void *) {
  cudasim::Check<8>(p, AccessKind::kWrite, CUDASIM_PC);
}

CUDASIM_EXPORT __tsan_init() {}

// Functions call this when they begin: the place to see that a stack comes to its end.
CUDASIM_EXPORT __tsan_func_entry(void *) {
  const uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (here - cudasim::current.stack_low < cudasim::STACK_RESERVE)
    cudasim::Fail(cudasim::FaultKind::kLocalMemory, {here, 0, AccessKind::kWrite, CUDASIM_PC});
}

CUDASIM_EXPORT __tsan_func_exit() {}
