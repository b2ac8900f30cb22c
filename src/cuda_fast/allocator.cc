#include "allocator.h"

#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../ndarray_memory.h"
#include "errors.h"
#include "streams.h"

namespace needle::fast {

namespace {

#ifdef CUDASIM
constexpr bool kOneEach = true;  // the simulator tells where an array ends, and what of it was never written
#else
constexpr bool kOneEach = false;
#endif

struct Block {
  size_t bytes;                       // rounded
  cudaStream_t stream;                // the one it was allocated for
  std::vector<cudaStream_t> used_on;  // others whose kernels may use it
};

// A block that was freed while other streams may still use it.
struct WaitingBlock {
  void *memory;
  Block block;
  std::vector<cudaEvent_t> events;
};

// Round up so that few sizes differ: eight to each power of two, and multiples of 16 MiB for large ones.
size_t RoundBytes(size_t bytes) {
  if (kOneEach) return bytes;
  size_t step = 512;
  while (step < (size_t{16} << 20) && step * 16 <= bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

class Allocator {
 public:
  void *Allocate(size_t bytes) {
    const size_t rounded = RoundBytes(bytes);
    const cudaStream_t stream = CurrentStream();
    std::lock_guard<std::mutex> lock(mutex_);
    if (!waiting_.empty()) CollectWaiting();
    void *memory = TakeCached(stream, rounded);
    if (!memory) memory = TakeNew(bytes, rounded);
    live_.emplace(memory, Block{rounded, stream, {}});
    use_.allocated_bytes += rounded;
    return memory;
  }

  void Free(void *memory) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = live_.find(memory);
    Block block = std::move(found->second);
    live_.erase(found);
    use_.allocated_bytes -= block.bytes;
    use_.kept_bytes += block.bytes;
    if (block.used_on.empty())
      cached_[{block.stream, block.bytes}].push_back(memory);
    else
      Wait(memory, std::move(block));
    if (kOneEach) GiveBack();
  }

  void RecordUse(const void *memory) {
    const cudaStream_t stream = CurrentStream();
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = live_.find(const_cast<void *>(memory));
    if (found == live_.end() || found->second.stream == stream) return;
    std::vector<cudaStream_t> &used_on = found->second.used_on;
    for (cudaStream_t other : used_on)
      if (other == stream) return;
    used_on.push_back(stream);
  }

  MemoryUse Use() {
    std::lock_guard<std::mutex> lock(mutex_);
    return use_;
  }

  void EmptyCache() {
    std::lock_guard<std::mutex> lock(mutex_);
    GiveBack();
  }

 private:
  void *TakeCached(cudaStream_t stream, size_t rounded) {
    const auto found = cached_.find({stream, rounded});
    if (found == cached_.end() || found->second.empty()) return nullptr;
    void *memory = found->second.back();
    found->second.pop_back();
    use_.kept_bytes -= rounded;
    return memory;
  }

  void *TakeNew(size_t bytes, size_t rounded) {
    void *memory = nullptr;
    cudaError_t error = cudaMalloc(&memory, rounded);
    if (error == cudaErrorMemoryAllocation && use_.kept_bytes > 0) {
      cudaGetLastError();
      GiveBack();
      error = cudaMalloc(&memory, rounded);
    }
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      throw OutOfMemory("Array", bytes);
    }
    Require(error, "Array");
    return memory;
  }

  // Put an event behind everything that the other streams hold now: after it, the block is free.
  void Wait(void *memory, Block block) {
    std::vector<cudaEvent_t> events;
    for (cudaStream_t stream : block.used_on) {
      cudaEvent_t event = nullptr;
      if (cudaEventCreateWithFlags(&event, cudaEventDisableTiming) != cudaSuccess ||
          cudaEventRecord(event, stream) != cudaSuccess)
        cudaDeviceSynchronize();  // no event to be had: wait here and now
      if (event) events.push_back(event);
    }
    waiting_.push_back({memory, std::move(block), std::move(events)});
  }

  void CollectWaiting() {
    std::vector<WaitingBlock> still_waiting;
    for (WaitingBlock &waiting : waiting_) {
      bool done = true;
      for (cudaEvent_t event : waiting.events) done &= cudaEventQuery(event) != cudaErrorNotReady;
      if (done)
        Release(waiting);
      else
        still_waiting.push_back(std::move(waiting));
    }
    waiting_ = std::move(still_waiting);
  }

  void Release(const WaitingBlock &waiting) {
    for (cudaEvent_t event : waiting.events) cudaEventDestroy(event);
    cached_[{waiting.block.stream, waiting.block.bytes}].push_back(waiting.memory);
  }

  void GiveBack() {
    cudaDeviceSynchronize();
    for (const WaitingBlock &waiting : waiting_) Release(waiting);
    waiting_.clear();
    for (auto &entry : cached_)
      for (void *memory : entry.second) cudaFree(memory);
    cached_.clear();
    use_.kept_bytes = 0;
  }

  std::mutex mutex_;
  std::unordered_map<void *, Block> live_;
  std::map<std::pair<cudaStream_t, size_t>, std::vector<void *>> cached_;
  std::vector<WaitingBlock> waiting_;
  MemoryUse use_ = {0, 0};
};

Allocator &TheAllocator() {
  static auto *allocator = new Allocator;  // outlives every array; the driver frees all when the process ends
  return *allocator;
}

}  // namespace

void *Allocate(size_t bytes) {
  return bytes == 0 ? nullptr : TheAllocator().Allocate(bytes);
}

void Free(void *memory, size_t) noexcept {
  if (memory) TheAllocator().Free(memory);
}

void RecordUse(const void *memory) {
  if (memory && ManyStreams()) TheAllocator().RecordUse(memory);
}

MemoryUse CurrentMemoryUse() {
  return TheAllocator().Use();
}

void EmptyCache() {
  TheAllocator().EmptyCache();
}

}  // namespace needle::fast
