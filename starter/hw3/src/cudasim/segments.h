// What runs now, as the checks of every access need it, and which accesses are ordered.
//
// A segment is what one thread does between two barriers of its block. Segments are numbered in the order in
// which they may begin: those of a block between two barriers have successive numbers, one for each thread.
// Hence a comparison of numbers tells whether a barrier, or the end of a launch, lies between two accesses.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" __attribute__((visibility("hidden"))) void __tsan_init();

namespace cudasim {

constexpr unsigned WARP = 32;

struct Current {
  uint32_t self = 0;          // the segment that runs
  uint32_t launch_first = 0;  // the first segment of the launch; those before it have ended
  uint32_t block_first = 0;   // ... of the block
  uint32_t epoch_first = 0;   // ... since the block's last barrier
  uint32_t clock = 0;         // how often the thread has met its warp in __syncwarp() since then
  uintptr_t stack_low = 0;    // the stack that it runs on
  bool other_order = false;   // __syncwarp(), or a fence and atomics, may order what barriers do not
  int64_t steps_left = 0;     // before it counts as one that never ends
};
extern Current current;

// A place in the program and a clock, in 32 bits.
constexpr int CLOCK_BITS = 7;
constexpr uint32_t LAST_CLOCK = (1u << CLOCK_BITS) - 1;

// Places are kept as distances from here: all code of a library lies close together.
inline uintptr_t Anchor() {
  return reinterpret_cast<uintptr_t>(&__tsan_init);
}

inline uint32_t Pack(uintptr_t pc) {
  const intptr_t distance = static_cast<intptr_t>(pc - Anchor());
  constexpr intptr_t reach = intptr_t{1} << (31 - CLOCK_BITS);
  const uint32_t place = distance < reach && distance > -reach ? static_cast<uint32_t>(distance) : 0;
  return place << CLOCK_BITS | current.clock;
}

inline uintptr_t UnpackPc(uint32_t at) {  // 0 if unknown
  const int32_t distance = static_cast<int32_t>(at) >> CLOCK_BITS;
  return distance ? Anchor() + distance : 0;
}

// Say whether something other than a barrier of the block orders an access of segment `id` before what is
// done now: __syncwarp(), or a fence and atomics.
bool OrderedOtherwise(uint32_t id, uint32_t at);

// Say whether an earlier access and one made now could as well happen in the other order.
inline bool Concurrent(uint32_t id, uint32_t at) {
  if (id == current.self || id < current.launch_first) return false;
  if (id >= current.block_first && id < current.epoch_first) return false;
  return !current.other_order || !OrderedOtherwise(id, at);
}

// What a thread may do before it counts as one that never ends: so many accesses.
constexpr int64_t STEPS = int64_t{1} << 30;
constexpr int64_t BARRIER_STEPS = 4096;  // a barrier takes as long, with all that wait there

void BeginLaunch(unsigned threads_of_a_block);
void BeginBlock(uint64_t number);
void BeginEpoch();  // all threads of the block have met

struct Segment {
  uint64_t block;
  unsigned thread;
  unsigned epoch;
};
Segment SegmentOf(uint32_t id);

// Note that lanes of the warp that begins with a thread met in __syncwarp().
void OrderLanes(unsigned first_thread, unsigned lanes);
uint32_t ClockOf(unsigned thread);

void RecordFence();
void RecordAtomic(uintptr_t address);

}  // namespace cudasim
