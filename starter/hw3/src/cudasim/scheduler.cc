#include "scheduler.h"

#include <cstdio>
#include <cstring>
#include <iterator>
#include <mutex>

#include "api_state.h"
#include "block.h"
#include "memory.h"

namespace cudasim {

// The built-in variables, under names of our own: kernels, whose threads never see them change, know them as
// constants, so that the compiler puts no check before a read of them.
#define CUDASIM_TEXT(word) #word
#define CUDASIM_PREFIX(word) CUDASIM_TEXT(word)
#define CUDASIM_NAME(name) \
  __asm__(CUDASIM_PREFIX(__USER_LABEL_PREFIX__) name) __attribute__((visibility("hidden"), used))
uint3 thread_index CUDASIM_NAME("threadIdx");
uint3 block_index CUDASIM_NAME("blockIdx");
uint3 block_size CUDASIM_NAME("blockDim");
uint3 grid_size CUDASIM_NAME("gridDim");

const Launching *launching;
Block block;

static Fiber fibers[MAX_FIBERS];
static std::vector<Fiber *> idle_fibers;
static Fiber *running_fiber;
static void *scheduler_stack;

static bool stopped, stops_later;
static Mistake mistake, later_mistake;

static std::vector<SharedUse> shared_arrays;

void MakeReady(unsigned thread) {
  block.threads[thread].status = Status::kReady;
  block.ready.push_back(thread);
}

static void EnterThread(unsigned number) {
  Thread &thread = block.threads[number];
  thread.status = Status::kRunning;
  block.running = number;
  thread_index = thread.index;
  current.self = current.epoch_first + number;
  current.clock = ClockOf(number);
  current.steps_left = thread.steps_left;
}

static void BackToScheduler() {
  Switch(&running_fiber->stack_pointer, scheduler_stack);
}

void Wait(Status status, const Place &place) {
  Thread &thread = block.threads[block.running];
  thread.status = status;
  thread.place = place;
  thread.fiber = running_fiber;
  thread.steps_left = current.steps_left;
  BackToScheduler();
}

static void EndThread() {
  block.threads[block.running].status = Status::kDone;
  ++block.done;
  CompleteMeetings(WarpFirst(block.running));
}

// What a fiber does: run threads that have not begun, one after the other, as long as none can go on that
// did.
static void FiberEntry() {
  for (;;) {
    while (block.ready_begin == block.ready.size() && block.next < block.size) {
      EnterThread(block.next++);
      launching->run(launching->closure);
      EndThread();
    }
    idle_fibers.push_back(running_fiber);
    BackToScheduler();
  }
}

static void RunFiber(Fiber *fiber) {
  running_fiber = fiber;
  current.stack_low = fiber->stack_low;
  Switch(&scheduler_stack, fiber->stack_pointer);
  current.stack_low = 0;
}

static void Continue() {
  const unsigned thread = block.ready[block.ready_begin++];
  if (block.ready_begin == block.ready.size()) {
    block.ready.clear();
    block.ready_begin = 0;
  }
  EnterThread(thread);
  RunFiber(block.threads[thread].fiber);
}

static void StartFiber() {
  Fiber *fiber = idle_fibers.back();
  idle_fibers.pop_back();
  RunFiber(fiber);
}

// Note who called the function that makes an access: the frames behind the one that returns to its place.
static void FindCallers(Mistake *found) {
  auto frame = static_cast<const uintptr_t *>(__builtin_frame_address(0));
  const uintptr_t last = current.stack_low + STACK_BYTES - 2 * sizeof(uintptr_t);
  size_t count = 0;
  for (bool reached = false; count < std::size(found->callers);) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(frame);
    if (address < current.stack_low || address > last || address % sizeof(uintptr_t)) return;
    if (reached) found->callers[count++] = frame[1];
    reached |= frame[1] == found->pc;
    frame = reinterpret_cast<const uintptr_t *>(frame[0]);
  }
}

void StopLater(const Mistake &found) {
  if (stops_later) return;
  stops_later = true;
  later_mistake = found;
  FindCallers(&later_mistake);
}

[[noreturn]] void Stop(const Mistake &found) {
  mistake = found;
  mistake.segment = current.self;
  FindCallers(&mistake);
  if (stops_later && found.kind != FaultKind::kRace) mistake = later_mistake;
  stopped = true;
  BackToScheduler();
  __builtin_unreachable();
}

void CountSteps(int64_t steps, const Place &place) {
  current.steps_left -= steps;
  if (current.steps_left >= 0) return;
  Mistake endless = {};
  endless.kind = FaultKind::kEndless;
  endless.file = place.file;
  endless.line = place.line;
  Stop(endless);
}

// Shared memory is undefined when a block begins.
static void BeginShared(const SharedUse &use) {
  ClearCells(use.begin, use.array.bytes);
  SetFlags(use.begin, use.array.bytes, ALLOCATED);
}

const SharedUse *FindShared(uintptr_t address) {
  for (const SharedUse &use : shared_arrays)
    if (address - (use.begin - GUARD) < SHARED_SLOT) return &use;
  return nullptr;
}

static const SharedUse &UseShared(const SharedArray &array, size_t slot) {
  shared_arrays.push_back({array, SharedSlot(slot) + GUARD});
  BeginShared(shared_arrays.back());
  return shared_arrays.back();
}

static void RequireSharedRoom(size_t bytes, uintptr_t pc) {
  for (const SharedUse &use : shared_arrays) bytes += use.array.bytes;
  if (bytes <= SHARED_LIMIT && shared_arrays.size() < SHARED_SLOTS - 1) return;
  Mistake too_much = {};
  too_much.kind = FaultKind::kSharedMemory;
  too_much.bytes = bytes;
  too_much.pc = pc;
  Stop(too_much);
}

// The first thread to ask makes the array.
void *SharedMemory(const SharedArray &array) {
  if (!launching) return nullptr;  // in a function that the host calls too
  for (const SharedUse &use : shared_arrays)
    if (use.array.function == array.function && use.array.line == array.line &&
        std::strcmp(use.array.name, array.name) == 0)
      return reinterpret_cast<void *>(use.begin);
  RequireSharedRoom(array.bytes, reinterpret_cast<uintptr_t>(__builtin_return_address(0)));
  return reinterpret_cast<void *>(UseShared(array, shared_arrays.size() + 1).begin);
}

static SharedArray DynamicArray(const char *name, size_t element_bytes) {
  const size_t bytes = launching->configuration.shared_bytes;
  return {&block, name, 0, bytes, element_bytes, {}};
}

// All `extern __shared__` arrays are the same memory. It is called by the name that was used first.
void *DynamicSharedMemory(const char *name, size_t element_bytes) {
  if (!launching) return nullptr;
  for (SharedUse &use : shared_arrays)
    if (use.array.function == &block) return reinterpret_cast<void *>(use.begin);
  return reinterpret_cast<void *>(UseShared(DynamicArray(name, element_bytes), 0).begin);
}

uint3 BlockIndex(uint64_t number) {
  const dim3 &grid = launching->configuration.grid;
  return {static_cast<unsigned>(number % grid.x), static_cast<unsigned>(number / grid.x % grid.y),
          static_cast<unsigned>(number / grid.x / grid.y)};
}

uint3 ThreadIndex(unsigned thread) {
  const dim3 &size = launching->configuration.block;
  return {thread % size.x, thread / size.x % size.y, thread / size.x / size.y};
}

static void PrepareBlock(uint64_t number) {
  block.next = block.done = block.at_barrier = 0;
  block.ready.clear();
  block.ready_begin = 0;
  for (unsigned i = 0; i < block.size; ++i) block.threads[i].status = Status::kUnstarted;
  block_index = BlockIndex(number);
  BeginBlock(number);
  for (const SharedUse &use : shared_arrays) BeginShared(use);
}

static void RunBlock(uint64_t number) {
  PrepareBlock(number);
  while (block.done < block.size && !stopped) {
    if (block.ready_begin < block.ready.size())
      Continue();
    else if (block.next < block.size)
      StartFiber();
    else if (stops_later)
      break;
    else if (AllAtOneBarrier())
      ReleaseBarrier();
    else if (!CompleteActiveMasks())
      throw MeetingFault();
  }
  if (stopped) throw Describe(mistake);
  if (stops_later) throw Describe(later_mistake);
}

static void PrepareFibers() {
  ReserveStacks();
  idle_fibers.clear();
  for (size_t i = MAX_FIBERS; i-- > 0;) {
    Prepare(&fibers[i], i, &FiberEntry);
    idle_fibers.push_back(&fibers[i]);
  }
}

// Whatever ends a launch, what it used is as it was before. Fibers of a stopped one are abandoned.
class RunningLaunch {
 public:
  explicit RunningLaunch(const Launching &launch) {
    if (idle_fibers.size() < MAX_FIBERS) PrepareFibers();
    ReserveArena();
    launching = &launch;
    stopped = stops_later = false;
    block_size = launch.configuration.block;
    grid_size = launch.configuration.grid;
    block.size = block_size.x * block_size.y * block_size.z;
    for (unsigned i = 0; i < block.size; ++i) {
      block.threads[i].index = ThreadIndex(i);
      block.threads[i].steps_left = STEPS;
    }
    BeginLaunch(block.size);
  }

  ~RunningLaunch() {
    for (const SharedUse &use : shared_arrays) ClearCells(use.begin, use.array.bytes);
    shared_arrays.clear();
    launching = nullptr;
    fflush(stdout);
  }
};

static void RunBlocks(const Launching &launch) {
  RunningLaunch running(launch);
  const dim3 &grid = launch.configuration.grid;
  const uint64_t blocks = uint64_t{grid.x} * grid.y * grid.z;
  for (uint64_t number = 0; number < blocks; ++number) RunBlock(number);
}

// What a device would refuse to start.
static cudaError_t Refusal(const Configuration &configuration) {
  const dim3 &grid = configuration.grid, &size = configuration.block;
  const uint64_t threads = uint64_t{size.x} * size.y * size.z;
  const bool sides_fit = size.x <= 1024 && size.y <= 1024 && size.z <= 64 && threads <= MAX_THREADS;
  if (threads == 0 || !sides_fit) return cudaErrorInvalidConfiguration;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return cudaErrorInvalidConfiguration;
  if (grid.x > INT32_MAX || grid.y > 65535 || grid.z > 65535) return cudaErrorInvalidConfiguration;
  return configuration.shared_bytes > SHARED_LIMIT ? cudaErrorInvalidValue : cudaSuccess;
}

void Run(const Launching &launch) {
  std::lock_guard<std::recursive_mutex> lock(DeviceMutex());
  if (OnFiber()) {
    Mistake nested = {};
    nested.kind = FaultKind::kNotSupported;
    nested.text = "launches a kernel";
    Stop(nested);
  }
  ThrowPending();
  const cudaError_t refusal = Refusal(launch.configuration);
  if (refusal != cudaSuccess)
    SetLastError(refusal);
  else
    RunBlocks(launch);
}

}  // namespace cudasim
