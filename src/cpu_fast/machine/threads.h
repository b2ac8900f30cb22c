// Threads for the fast CPU kernels: one pool a process, which sleeps while nothing is asked of it.
//
// ParallelFor(n, grain, body) calls body(begin, end) on pieces that cover [0, n) once, and returns when all
// are done. A piece starts at a multiple of `grain` and holds at least that many, the whole of [0, n)
// excepted. Which thread takes which piece is left open: a result must not depend on it. An exception of a
// piece is thrown again by ParallelFor, after the others. A call from within a piece, or while another thread
// of the process uses the pool, runs in the calling thread. After fork() the child starts threads of its own
// when it first needs them.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace needle::fast {

/// Use n threads from now on, the calling one among them. Throws std::invalid_argument unless 1 <= n <= 1024.
void SetNumThreads(int n);

/// Return how many threads a ParallelFor may use: what SetNumThreads said, else the processors of this
/// process.
int NumThreads();

/// Tell whether a ParallelFor here and now would stay in this thread.
bool RunsInline();

using Piece = void (*)(void *context, int64_t begin, int64_t end);

/// Do ParallelFor's work for a body behind a pointer.
void RunPieces(int64_t n, int64_t grain, Piece piece, void *context);

template <class F>
void ParallelFor(int64_t n, int64_t grain, F &&body) {
  if (n <= 0) return;
  if (n < 2 * grain || RunsInline()) {
    body(int64_t{0}, n);
    return;
  }
  using Body = std::remove_reference_t<F>;
  RunPieces(
      n, grain,
      [](void *context, int64_t begin, int64_t end) { (*static_cast<Body *>(context))(begin, end); },
      const_cast<void *>(static_cast<const void *>(std::addressof(body))));
}

}  // namespace needle::fast
