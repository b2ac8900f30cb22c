#include "allocator.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <mutex>

#include "../../ndarray_backend_cpu.h"
#include "../../ndarray_memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define NEEDLE_KEEPS_NOTHING  // so that AddressSanitizer sees what is used after it was freed
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NEEDLE_KEEPS_NOTHING
#endif
#endif

namespace needle::fast {

namespace {

constexpr size_t kSmallest = cpu::ALIGNMENT;
constexpr int kClasses = 4 * 56;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLargest = SIZE_MAX / 4;

int HighestBit(size_t x) {
  return 63 - __builtin_clzll(x);
}

// Sizes are 4, 5, 6 and 7 quarters of a power of two: class 4k + q is (4 + q) * 2^k quarters of kSmallest
// * 4.
int ClassOf(size_t bytes) {
  if (bytes <= 4 * kSmallest) return bytes == 0 ? 0 : static_cast<int>((bytes - 1) / kSmallest);
  const int bit = HighestBit(bytes - 1) - 2;  // the quarter's
  return 4 * (bit - HighestBit(kSmallest)) + static_cast<int>((bytes - 1) >> bit);
}

size_t SizeOfClass(int index) {
  if (index < 4) return kSmallest * (index + 1);
  return kSmallest * (index % 4 + 5) << (index / 4 - 1);
}

struct Block {
  Block *next;  // of its class, while it is kept
};

class Cache {
 public:
  // Never destroyed: arrays may outlive every static object.
  static Cache &Instance() {
    static Cache *const cache = new Cache;
    return *cache;
  }

  void *Allocate(size_t bytes) {
    const int index = ClassOf(bytes);
    const size_t size = SizeOfClass(index);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (Block *block = kept_[index]) {
        kept_[index] = block->next;
        kept_bytes_ -= size;
        allocated_bytes_ += size;
        return block;
      }
    }
    void *memory = FromSystem(size);
    if (memory == nullptr) {
      Empty();
      memory = FromSystem(size);
    }
    if (memory == nullptr) throw OutOfMemory("Array", bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    allocated_bytes_ += size;
    return memory;
  }

  void Free(void *memory, size_t bytes) {
    const int index = ClassOf(bytes);
    const size_t size = SizeOfClass(index);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      allocated_bytes_ -= size;
      if (kept_bytes_ + size <= limit_) {
        auto *block = static_cast<Block *>(memory);
        block->next = kept_[index];
        kept_[index] = block;
        kept_bytes_ += size;
        return;
      }
    }
    free(memory);
  }

  void Empty() {
    Block *kept[kClasses];
    {
      std::lock_guard<std::mutex> lock(mutex_);
      for (int index = 0; index < kClasses; ++index) {
        kept[index] = kept_[index];
        kept_[index] = nullptr;
      }
      kept_bytes_ = 0;
    }
    for (Block *block : kept)
      while (block != nullptr) {
        Block *next = block->next;
        free(block);
        block = next;
      }
  }

  size_t allocated() {
    std::lock_guard<std::mutex> lock(mutex_);
    return allocated_bytes_;
  }

  size_t kept() {
    std::lock_guard<std::mutex> lock(mutex_);
    return kept_bytes_;
  }

  size_t limit() const { return limit_; }

 private:
  Cache() {
#if !defined(NEEDLE_KEEPS_NOTHING)
    const auto memory = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    limit_ = memory / 8 < size_t{1} << 30 ? memory / 8 : size_t{1} << 30;
#endif
    // A child of fork() must not find the lock taken by a thread that it does not have.
    pthread_atfork([] { Instance().mutex_.lock(); }, [] { Instance().mutex_.unlock(); },
                   [] { Instance().mutex_.unlock(); });
  }

  static void *FromSystem(size_t size) {
    const bool large = size >= 2 * kHugePage;
    void *memory = nullptr;
    if (size > kLargest || posix_memalign(&memory, large ? kHugePage : cpu::ALIGNMENT, size) != 0)
      return nullptr;
#if defined(MADV_HUGEPAGE)
    if (large) madvise(memory, size, MADV_HUGEPAGE);  // advice: where it is not taken, nothing is lost
#endif
    return memory;
  }

  std::mutex mutex_;
  Block *kept_[kClasses] = {};
  size_t kept_bytes_ = 0, allocated_bytes_ = 0, limit_ = 0;
};

}  // namespace

size_t BlockSize(size_t bytes) {
  return SizeOfClass(ClassOf(bytes));
}

size_t AllocatedBytes() {
  return Cache::Instance().allocated();
}

size_t KeptBytes() {
  return Cache::Instance().kept();
}

size_t KeptLimit() {
  return Cache::Instance().limit();
}

void EmptyCache() {
  Cache::Instance().Empty();
}

}  // namespace needle::fast

namespace needle::cpu {

void *AllocateAligned(size_t bytes) {
  if (bytes > fast::kLargest) throw OutOfMemory("Array", bytes);
  return fast::Cache::Instance().Allocate(bytes);
}

void FreeAligned(void *memory, size_t bytes) {
  fast::Cache::Instance().Free(memory, bytes);
}

}  // namespace needle::cpu
