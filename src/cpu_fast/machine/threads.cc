#include "threads.h"

#include <pthread.h>
#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace needle::fast {
namespace {

constexpr int kMostThreads = 1024;
constexpr int kSpins = 300000;      // some milliseconds: a thread that slept may wait as long for a processor
constexpr int kPausesAYield = 512;  // some microseconds
constexpr int64_t kPiecesAThread = 4;  // so that a thread that the system holds up delays little

thread_local bool inside_piece = false;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

// Another of our threads may wait for this very processor: the system wakes one where it likes.
void PauseOrYield(int spins) {
  if (spins % kPausesAYield == kPausesAYield - 1)
    std::this_thread::yield();
  else
    Pause();
}

int ThisProcessor() {
#if defined(__linux__)
  return sched_getcpu();
#else
  return -1;
#endif
}

// Moves the calling thread off a processor if it may run on others. Linux in a virtual machine takes a
// processor that sleeps for one that is busy, and so wakes a thread where the one that woke it goes on
// running.
void Leave(int processor) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getcpu() != processor || sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(processor, &others);
  if (sched_setaffinity(0, sizeof(others), &others) == 0) sched_setaffinity(0, sizeof(allowed), &allowed);
#else
  static_cast<void>(processor);
#endif
}

int Processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// One ParallelFor. Threads take the next piece until none is left.
struct Job {
  Piece piece;
  void *context;
  int64_t n, grain, pieces;
  std::atomic<int64_t> next{0};
  std::mutex failure_mutex;
  std::exception_ptr failure;

  Job(int64_t n, int64_t grain, int threads, Piece piece, void *context)
      : piece(piece),
        context(context),
        n(n),
        grain(grain),
        pieces(std::min(n / grain, threads * kPiecesAThread)) {}

  // The pieces share the n / grain whole grains; the last one also has what is left over.
  int64_t Begin(int64_t number) const {
    if (number == pieces) return n;
    const int64_t grains = n / grain;
    return (number * (grains / pieces) + std::min(number, grains % pieces)) * grain;
  }

  void Work() {
    inside_piece = true;
    for (int64_t number; (number = next.fetch_add(1, std::memory_order_relaxed)) < pieces;) {
      try {
        piece(context, Begin(number), Begin(number + 1));
      } catch (...) {
        std::lock_guard<std::mutex> lock(failure_mutex);
        if (!failure) failure = std::current_exception();
      }
    }
    inside_piece = false;
  }
};

// The threads besides the calling one. A thread enters a job only while it is open; the caller closes it when
// no piece is left, and so never waits for a thread that has not yet woken.
class Workers {
 public:
  explicit Workers(int count) {
    try {
      for (int i = 0; i < count; ++i) threads_.emplace_back([this] { Serve(); });
    } catch (const std::system_error &) {  // no more threads to be had: the calling one is enough
    }
  }

  ~Workers() {
    {
      std::lock_guard<std::mutex> lock(sleep_mutex_);
      stop_ = true;
      round_.fetch_add(1);
    }
    wake_.notify_all();
    for (std::thread &thread : threads_) thread.join();
  }

  void Run(Job *job) {
    job_ = job;
    job_processor_.store(ThisProcessor(), std::memory_order_relaxed);
    gate_.store(kOpen, std::memory_order_release);
    round_.fetch_add(1);
    if (sleepers_.load() > 0) {
      {
        std::lock_guard<std::mutex> lock(sleep_mutex_);
      }  // none is between its last look and its sleep
      wake_.notify_all();
      std::this_thread::yield();  // to one that was woken on this processor, which then leaves it
    }
    job->Work();
    gate_.fetch_and(~kOpen);
    for (int spins = 0; gate_.load(std::memory_order_acquire) != 0;) PauseOrYield(spins++);
  }

 private:
  static constexpr uint32_t kOpen = 1u << 31;  // gate_: this bit, and how many workers are inside

  void Serve() {
    for (uint64_t seen = 0; !stop_;) {
      seen = WaitForNewRound(seen);
      Leave(job_processor_.load(std::memory_order_relaxed));
      if (!Enter()) continue;
      job_->Work();
      gate_.fetch_sub(1, std::memory_order_release);
    }
  }

  bool Enter() {
    uint32_t gate = gate_.load(std::memory_order_relaxed);
    while (gate & kOpen)
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire)) return true;
    return false;
  }

  uint64_t WaitForNewRound(uint64_t seen) {
    for (int spins = 0; spins < kSpins; ++spins) {
      const uint64_t round = round_.load(std::memory_order_acquire);
      if (round != seen) return round;
      PauseOrYield(spins);
    }
    std::unique_lock<std::mutex> lock(sleep_mutex_);
    sleepers_.fetch_add(1);
    wake_.wait(lock, [&] { return round_.load() != seen; });
    sleepers_.fetch_sub(1);
    return round_.load();
  }

  Job *job_ = nullptr;
  std::atomic<int> job_processor_{-1};
  std::atomic<uint32_t> gate_{0};
  std::atomic<uint64_t> round_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<bool> stop_{false};
  std::mutex sleep_mutex_;
  std::condition_variable wake_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

// What a process has one of. A child of fork() makes another and leaves the parent's where it is, since the
// threads it speaks of are not in the child and its mutexes may be locked for good.
struct Pool {
  std::mutex in_use;  // held by whoever runs a job or changes the workers
  std::unique_ptr<Workers> workers;
};

std::atomic<int> num_threads{0};  // 0: not asked yet
std::atomic<Pool *> pool{nullptr};

void MakePool() {
  pool = new Pool;
}

// Makes the pool when the module is loaded and ends its threads when the process ends. A job that another
// thread still starts after that runs in that thread.
struct PoolOwner {
  PoolOwner() {
    MakePool();
    pthread_atfork(nullptr, nullptr, MakePool);
  }
  ~PoolOwner() {
    Pool *last = pool.load();
    std::unique_lock<std::mutex> lock(last->in_use);
    last->workers.reset();
    num_threads = 1;
  }
} pool_owner;

}  // namespace

void SetNumThreads(int n) {
  if (n < 1 || n > kMostThreads)
    throw std::invalid_argument("set_num_threads: " + std::to_string(n) + " threads. Expected 1 to " +
                                std::to_string(kMostThreads) + ". Pass the number of processors to use.");
  if (inside_piece)
    throw std::logic_error(
        "set_num_threads: called from within parallel work. Expected none. Call it before.");
  Pool *current = pool.load();
  std::lock_guard<std::mutex> lock(current->in_use);
  num_threads = n;
  current->workers.reset();  // the next job starts as many as it needs
}

int NumThreads() {
  if (const int n = num_threads.load(std::memory_order_relaxed)) return n;
  int unset = 0;
  num_threads.compare_exchange_strong(unset, Processors());
  return num_threads.load();
}

bool RunsInline() {
  return inside_piece || NumThreads() == 1;
}

void RunPieces(int64_t n, int64_t grain, Piece piece, void *context) {
  Pool *current = pool.load();
  std::unique_lock<std::mutex> lock(current->in_use, std::try_to_lock);
  const int threads = NumThreads();
  if (!lock || threads == 1) {
    piece(context, 0, n);
    return;
  }
  if (!current->workers) current->workers = std::make_unique<Workers>(threads - 1);
  Job job(n, std::max<int64_t>(grain, 1), threads, piece, context);
  current->workers->Run(&job);
  if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace needle::fast
