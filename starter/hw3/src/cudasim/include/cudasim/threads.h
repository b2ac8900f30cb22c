// What a thread of a kernel knows of itself, and how it meets the others: barriers, shuffles, votes.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "qualifiers.h"
#include "vector_types.h"

// For the thread that reads them they are constants; the simulator writes them when it changes threads. They
// are all uint3, which has no constructor: of a dim3 the compiler would not believe that it is constant, and
// would put a check before each read.
extern const uint3 threadIdx CUDASIM_HIDDEN, blockIdx CUDASIM_HIDDEN, blockDim CUDASIM_HIDDEN,
    gridDim CUDASIM_HIDDEN;
constexpr int warpSize = 32;

namespace cudasim {

enum class Meeting : uint8_t { kSyncWarp, kShuffle, kBallot, kActiveMask };

// Where in the source a thread waits.
struct Place {
  const char *what;
  const char *file;
  int line;
};

enum class Vote : uint8_t { kNone, kCount, kAnd, kOr };

// Wait for all threads of the block; return the vote's outcome over their predicates.
int WaitForBlock(const Place &place, Vote vote, bool predicate);

// Wait for the lanes of `mask`. Return, for a shuffle, the value that the lane `source` brought; for a
// ballot, the mask of the lanes that brought a value other than 0; for an active mask, the lanes that are
// here.
uint64_t MeetLanes(const Place &place, Meeting meeting, unsigned mask, uint64_t value, int source);

// Return the place in its warp of the thread that asks.
int Lane();

void Fence();

[[noreturn]] void Trap(const char *file, int line);

// Return the lane that a shuffle within groups of `width` lanes reads; its own where that lies outside.
inline int ShuffleSource(int lane, int target, int width) {
  const int first = lane & ~(width - 1);
  return target < first || target >= first + width ? lane : target;
}

template <class T>
T Shuffle(const Place &place, unsigned mask, T value, int source) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8,
                "a shuffle moves numbers of up to 8 bytes");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = MeetLanes(place, Meeting::kShuffle, mask, bits, source);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace cudasim

#define CUDASIM_PLACE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncthreads(CUDASIM_PLACE) {
  cudasim::WaitForBlock({"__syncthreads()", file, line}, cudasim::Vote::kNone, false);
}

inline int __syncthreads_count(int predicate, CUDASIM_PLACE) {
  return cudasim::WaitForBlock({"__syncthreads_count()", file, line}, cudasim::Vote::kCount, predicate);
}

inline int __syncthreads_and(int predicate, CUDASIM_PLACE) {
  return cudasim::WaitForBlock({"__syncthreads_and()", file, line}, cudasim::Vote::kAnd, predicate);
}

inline int __syncthreads_or(int predicate, CUDASIM_PLACE) {
  return cudasim::WaitForBlock({"__syncthreads_or()", file, line}, cudasim::Vote::kOr, predicate);
}

inline void __syncwarp(unsigned mask = 0xffffffff, CUDASIM_PLACE) {
  cudasim::MeetLanes({"__syncwarp()", file, line}, cudasim::Meeting::kSyncWarp, mask, 0, 0);
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = warpSize, CUDASIM_PLACE) {
  const int from = (cudasim::Lane() & ~(width - 1)) | (source & (width - 1));
  return cudasim::Shuffle({"__shfl_sync()", file, line}, mask, value, from);
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize, CUDASIM_PLACE) {
  const int lane = cudasim::Lane();
  const int from = cudasim::ShuffleSource(lane, lane - static_cast<int>(delta), width);
  return cudasim::Shuffle({"__shfl_up_sync()", file, line}, mask, value, from);
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize, CUDASIM_PLACE) {
  const int lane = cudasim::Lane();
  const int from = cudasim::ShuffleSource(lane, lane + static_cast<int>(delta), width);
  return cudasim::Shuffle({"__shfl_down_sync()", file, line}, mask, value, from);
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize, CUDASIM_PLACE) {
  const int lane = cudasim::Lane(), target = lane ^ lane_mask;
  const int from = target >= (lane & ~(width - 1)) + width ? lane : target;  // lower groups can be read
  return cudasim::Shuffle({"__shfl_xor_sync()", file, line}, mask, value, from);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, CUDASIM_PLACE) {
  return static_cast<unsigned>(cudasim::MeetLanes({"__ballot_sync()", file, line}, cudasim::Meeting::kBallot,
                                                  mask, predicate != 0, 0));
}

inline int __any_sync(unsigned mask, int predicate, CUDASIM_PLACE) {
  return cudasim::MeetLanes({"__any_sync()", file, line}, cudasim::Meeting::kBallot, mask, predicate != 0,
                            0) != 0;
}

inline int __all_sync(unsigned mask, int predicate, CUDASIM_PLACE) {
  return cudasim::MeetLanes({"__all_sync()", file, line}, cudasim::Meeting::kBallot, mask, predicate == 0,
                            0) == 0;
}

inline unsigned __activemask(CUDASIM_PLACE) {
  return static_cast<unsigned>(
      cudasim::MeetLanes({"__activemask()", file, line}, cudasim::Meeting::kActiveMask, 0, 0, 0));
}

inline void __threadfence() {
  cudasim::Fence();
}
inline void __threadfence_block() {
  cudasim::Fence();
}
inline void __threadfence_system() {
  cudasim::Fence();
}

inline void __trap(CUDASIM_PLACE) {
  cudasim::Trap(file, line);
}

#undef CUDASIM_PLACE
