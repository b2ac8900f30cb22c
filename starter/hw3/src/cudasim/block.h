// The block that runs: its threads, and what they wait for.
#pragma once

#include <cstdint>
#include <vector>

#include "fibers.h"
#include "include/cudasim/fault.h"
#include "include/cudasim/threads.h"
#include "segments.h"

namespace cudasim {

constexpr unsigned MAX_THREADS = 1024;
constexpr size_t SHARED_LIMIT = 48 << 10;

enum class Status : uint8_t { kUnstarted, kReady, kRunning, kAtBarrier, kWithLanes, kDone };

struct Thread {
  uint3 index;
  Status status;
  Fiber *fiber;
  int64_t steps_left;
  Place place;      // where it waits
  Vote vote;        // at a barrier: what its predicates are for
  Meeting meeting;  // with lanes of its warp: what for
  unsigned mask;    // ... and with which
  uint64_t value;   // what it brings
  int source;       // the lane whose value it wants
  uint64_t result;  // what it gets
};

struct Block {
  unsigned size = 0;  // threads
  unsigned next = 0;  // the first thread that has not begun
  unsigned done = 0;  // how many have ended
  unsigned at_barrier = 0;
  unsigned running = 0;  // the thread that runs
  Thread threads[MAX_THREADS];
  std::vector<unsigned> ready;  // threads that can go on, in the order in which they will
  size_t ready_begin = 0;
};
extern Block block;

inline unsigned WarpFirst(unsigned thread) {
  return thread / WARP * WARP;
}

void MakeReady(unsigned thread);

// Let the thread that runs wait with this status until it is made ready.
void Wait(Status status, const Place &place);

// Let those go on that wait for lanes of a warp, if all of them are here. A thread of it came or ended.
void CompleteMeetings(unsigned first_thread);

// Nothing can go on: let those go that only want to know who is here. Say whether there were any.
bool CompleteActiveMasks();

// Say whether every thread of the block waits at the same barrier; let all go on.
bool AllAtOneBarrier();
void ReleaseBarrier();

// Nothing can go on, and never will: say who waits where.
Fault MeetingFault();

// Take steps from those of the thread that runs.
void CountSteps(int64_t steps, const Place &place);

}  // namespace cudasim
