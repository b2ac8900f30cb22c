#include "segments.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "memory.h"

namespace cudasim {

Current current;

constexpr unsigned MAX_THREADS = 1024;
constexpr uint32_t LAST_FIRST = UINT32_MAX - STEPS / BARRIER_STEPS * MAX_THREADS - MAX_THREADS;
constexpr size_t MOST_EVENTS = 1 << 16;

static unsigned block_threads;
static uint32_t next_segment = 1;

struct BlockRecord {
  uint32_t first;  // its first segment
  uint64_t number;
};
static std::vector<BlockRecord> blocks;  // of this launch, so far

// known[t][lane] is what thread t knows of the clock of a lane of its warp.
static uint32_t clocks[MAX_THREADS], known[MAX_THREADS][WARP];
static bool clocks_used;

// An atomic operation. They are recorded in their order, from the launch's first fence on.
struct AtomicEvent {
  uintptr_t address;
  uint32_t segment;
  bool after_fence;  // a thread of its block has called __threadfence()
};
static std::vector<AtomicEvent> events;
static bool launch_has_fence, block_has_fence;

void BeginLaunch(unsigned threads) {
  block_threads = threads;
  current.launch_first = next_segment;
  blocks.clear();
  events.clear();
  launch_has_fence = false;
}

static void BeginSegments() {
  current.epoch_first = next_segment;
  next_segment += block_threads;
  current.other_order = !events.empty();
  if (!clocks_used) return;
  std::memset(clocks, 0, sizeof(clocks));
  std::memset(known, 0, sizeof(known));
  clocks_used = false;
}

void BeginBlock(uint64_t number) {
  if (next_segment > LAST_FIRST) {  // numbers have run out: races with the launch's other blocks go unseen
    ForgetAccesses();
    blocks.clear();
    next_segment = current.launch_first = 1;
  }
  BeginSegments();
  current.block_first = current.epoch_first;
  blocks.push_back({current.block_first, number});
  block_has_fence = false;
}

void BeginEpoch() {
  BeginSegments();
}

Segment SegmentOf(uint32_t id) {
  auto after = std::upper_bound(blocks.begin(), blocks.end(), id,
                                [](uint32_t id, const BlockRecord &block) { return id < block.first; });
  const BlockRecord &block = *std::prev(after);
  return {block.number, (id - block.first) % block_threads, (id - block.first) / block_threads};
}

void OrderLanes(unsigned first_thread, unsigned lanes) {
  uint32_t joined[WARP] = {};
  for (unsigned lane = 0; lane < WARP; ++lane)
    if (lanes >> lane & 1)
      for (unsigned other = 0; other < WARP; ++other)
        joined[other] = std::max(joined[other], known[first_thread + lane][other]);
  for (unsigned lane = 0; lane < WARP; ++lane)
    if (lanes >> lane & 1) joined[lane] = ++clocks[first_thread + lane];
  for (unsigned lane = 0; lane < WARP; ++lane)
    if (lanes >> lane & 1) std::copy(joined, joined + WARP, known[first_thread + lane]);
  clocks_used = current.other_order = true;
}

uint32_t ClockOf(unsigned thread) {
  return std::min(clocks[thread], LAST_CLOCK);
}

// A clock that was too large to be kept orders everything: no false alarm.
static bool OrderedInWarp(uint32_t id, uint32_t at) {
  const unsigned other = id - current.epoch_first, self = current.self - current.epoch_first;
  const uint32_t clock = at & LAST_CLOCK;
  return other / WARP == self / WARP && (clock == LAST_CLOCK || known[self][other % WARP] > clock);
}

void RecordFence() {
  launch_has_fence = block_has_fence = true;
}

void RecordAtomic(uintptr_t address) {
  if (!launch_has_fence || events.size() == MOST_EVENTS) return;
  events.push_back({address, current.self, block_has_fence});
  current.other_order = true;
}

// Say whether one segment, or a barrier after it, comes before another of the same block.
static bool ComesBefore(const Segment &first, const Segment &second) {
  return first.block == second.block && (first.thread == second.thread || first.epoch < second.epoch);
}

// Say whether atomics hand an access on: its thread, or its block after a barrier, made one after a fence,
// and then the thread that runs, or its block before a barrier, made another one at the same address.
static bool OrderedByAtomics(uint32_t id) {
  if (events.empty()) return false;
  const Segment access = SegmentOf(id), now = SegmentOf(current.self);
  for (size_t second = events.size(); second-- > 0;) {
    if (!ComesBefore(SegmentOf(events[second].segment), now)) continue;
    for (size_t first = 0; first < second; ++first)
      if (events[first].address == events[second].address && events[first].after_fence &&
          ComesBefore(access, SegmentOf(events[first].segment)))
        return true;
  }
  return false;
}

bool OrderedOtherwise(uint32_t id, uint32_t at) {
  return (id >= current.epoch_first && OrderedInWarp(id, at)) || OrderedByAtomics(id);
}

}  // namespace cudasim
