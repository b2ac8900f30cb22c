// Barriers, shuffles and votes: who waits for whom, and what is said when they wait for ever.
#include <cstdlib>
#include <cstring>

#include "block.h"
#include "report.h"
#include "scheduler.h"

namespace cudasim {

static bool SamePlace(const Place &a, const Place &b) {
  return a.line == b.line && std::strcmp(a.what, b.what) == 0 && std::strcmp(a.file, b.file) == 0;
}

static std::string GroupText(const Thread &first, unsigned number, unsigned count) {
  std::string text = std::to_string(count) + (count == 1 ? " thread " : " threads ");
  if (first.status == Status::kDone)
    text += count == 1 ? "has ended" : "have ended";
  else
    text += (count == 1 ? "waits in " : "wait in ") + std::string(first.place.what) + " at " +
            ShortPath(first.place.file) + ":" + std::to_string(first.place.line);
  return text + (count == 1 ? " (" : " (the first is ") + ThreadText(number) + ")";
}

static bool SameGroup(const Thread &a, const Thread &b) {
  return a.status == b.status && (a.status == Status::kDone || SamePlace(a.place, b.place));
}

// "32 threads wait in ... (the first is ...); 32 threads have ended (...)"
static std::string WhoWaitsWhere() {
  std::string text;
  std::vector<bool> told(block.size);
  for (unsigned i = 0; i < block.size; ++i) {
    if (told[i]) continue;
    unsigned count = 0;
    for (unsigned j = i; j < block.size; ++j)
      if (SameGroup(block.threads[i], block.threads[j])) {
        told[j] = true;
        ++count;
      }
    text += (text.empty() ? "" : "; ") + GroupText(block.threads[i], i, count);
  }
  return text;
}

// Nobody can go on. The thread to name is the first that waits: in a warp if there is one, as such a meeting
// may be what keeps others from the barrier.
Fault MeetingFault() {
  unsigned first = block.size;
  for (unsigned i = 0; i < block.size; ++i) {
    const Status status = block.threads[i].status;
    if (status == Status::kWithLanes || (status == Status::kAtBarrier && first == block.size)) first = i;
    if (status == Status::kWithLanes) break;
  }
  const Thread &thread = block.threads[first];
  const bool lanes = thread.status == Status::kWithLanes;
  const std::string cause = lanes ? "Every lane that the mask names must make the same call: take it out of "
                                    "the `if`, or name only the "
                                    "lanes that get there."
                                  : "Every thread of a block must reach the same __syncthreads(): take it "
                                    "out of the `if`, and let no "
                                    "thread return before it.";
  return MakeFault(FaultKind::kBarrier, first,
                   "waits for ever in " + std::string(thread.place.what) + ", which not all " +
                       (lanes ? "lanes of its mask" : "threads of the block") + " reach, at " +
                       ShortPath(thread.place.file) + ":" + std::to_string(thread.place.line) + ": " +
                       WhoWaitsWhere() + ". " + cause,
                   thread.place.file, thread.place.line);
}

void ReleaseBarrier() {
  unsigned votes = 0;
  for (unsigned i = 0; i < block.size; ++i) votes += block.threads[i].value != 0;
  block.at_barrier = 0;
  BeginEpoch();
  for (unsigned i = 0; i < block.size; ++i) {
    Thread &thread = block.threads[i];
    thread.result = thread.vote == Vote::kAnd  ? votes == block.size
                    : thread.vote == Vote::kOr ? votes > 0
                                               : votes;
    MakeReady(i);
  }
}

bool AllAtOneBarrier() {
  if (block.at_barrier < block.size) return false;
  for (unsigned i = 1; i < block.size; ++i)
    if (!SamePlace(block.threads[i].place, block.threads[0].place)) return false;
  return true;
}

int WaitForBlock(const Place &place, Vote vote, bool predicate) {
  if (!OnFiber()) return 0;
  CountSteps(BARRIER_STEPS, place);
  Thread &thread = block.threads[block.running];
  thread.vote = vote;
  thread.value = predicate;
  ++block.at_barrier;
  Wait(Status::kAtBarrier, place);
  return static_cast<int>(thread.result);
}

static bool WaitsLike(const Thread &thread, const Thread &other) {
  return thread.status == Status::kWithLanes && thread.meeting == other.meeting &&
         thread.mask == other.mask && SamePlace(thread.place, other.place);
}

// Return the lanes of a warp that have not ended.
static unsigned LanesAlive(unsigned first) {
  unsigned alive = 0;
  for (unsigned lane = 0; lane < WARP && first + lane < block.size; ++lane)
    if (block.threads[first + lane].status != Status::kDone) alive |= 1u << lane;
  return alive;
}

static unsigned LanesLike(unsigned first, const Thread &thread) {
  unsigned lanes = 0;
  for (unsigned lane = 0; lane < WARP && first + lane < block.size; ++lane)
    if (WaitsLike(block.threads[first + lane], thread)) lanes |= 1u << lane;
  return lanes;
}

constexpr uint64_t UNDEFINED =
    UINT64_MAX;  // what a shuffle gives that reads a lane which takes no part: a NaN

static uint64_t Result(unsigned first, unsigned lanes, const Thread &thread) {
  if (thread.meeting == Meeting::kActiveMask) return lanes;
  if (thread.meeting == Meeting::kShuffle)
    return lanes >> thread.source & 1 ? block.threads[first + thread.source].value : UNDEFINED;
  uint64_t ballot = 0;
  for (unsigned lane = 0; lane < WARP; ++lane)
    if (lanes >> lane & 1 && block.threads[first + lane].value) ballot |= uint64_t{1} << lane;
  return ballot;
}

static void Complete(unsigned first, unsigned lanes) {
  for (unsigned lane = 0; lane < WARP; ++lane) {
    if (!(lanes >> lane & 1)) continue;
    Thread &thread = block.threads[first + lane];
    thread.result = Result(first, lanes, thread);
  }
  if (block.threads[first + __builtin_ctz(lanes)].meeting == Meeting::kSyncWarp) OrderLanes(first, lanes);
  for (unsigned lane = 0; lane < WARP; ++lane)
    if (lanes >> lane & 1) MakeReady(first + lane);
}

void CompleteMeetings(unsigned first) {
  const unsigned alive = LanesAlive(first);
  for (unsigned lane = 0; lane < WARP; ++lane) {
    if (!(alive >> lane & 1)) continue;
    const Thread &thread = block.threads[first + lane];
    if (thread.status != Status::kWithLanes || thread.meeting == Meeting::kActiveMask) continue;
    const unsigned lanes = LanesLike(first, thread);
    if (lanes == (thread.mask & alive)) Complete(first, lanes);
  }
}

bool CompleteActiveMasks() {
  for (unsigned i = 0; i < block.size; ++i) {
    const Thread &thread = block.threads[i];
    if (thread.status != Status::kWithLanes || thread.meeting != Meeting::kActiveMask) continue;
    Complete(WarpFirst(i), LanesLike(WarpFirst(i), thread));
    return true;
  }
  return false;
}

// A lane that is not in its own mask.
[[noreturn]] static void StopOutsideMask(const Place &place) {
  Mistake outside = {};
  outside.kind = FaultKind::kBarrier;
  outside.file = place.file;
  outside.line = place.line;
  outside.text = place.what;
  Stop(outside);
}

int Lane() {
  return static_cast<int>(block.running % WARP);
}

uint64_t MeetLanes(const Place &place, Meeting meeting, unsigned mask, uint64_t value, int source) {
  if (!OnFiber()) return 0;
  CountSteps(BARRIER_STEPS / WARP, place);
  if (meeting != Meeting::kActiveMask && !(mask >> Lane() & 1)) StopOutsideMask(place);
  Thread &thread = block.threads[block.running];
  thread.meeting = meeting;
  thread.mask = mask;
  thread.value = value;
  thread.source = source;
  thread.status = Status::kWithLanes;
  thread.place = place;
  CompleteMeetings(WarpFirst(block.running));
  Wait(thread.status, place);
  return thread.result;
}

void Fence() {
  if (OnFiber()) RecordFence();
}

[[noreturn]] void Trap(const char *file, int line) {
  if (!OnFiber()) abort();
  Mistake trap = {};
  trap.kind = FaultKind::kAssertion;
  trap.file = file;
  trap.line = line;
  trap.text = "calls __trap()";
  Stop(trap);
}

}  // namespace cudasim
