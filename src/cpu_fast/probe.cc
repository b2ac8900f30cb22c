#include "probe.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "dispatch.h"
#include "threads.h"

namespace needle::fast {
namespace {

constexpr double kSeconds = 0.05;
constexpr int64_t kRounds = 20000;  // of a chain: under a millisecond
constexpr int64_t kGrain = 1 << 14;

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Call work() again and again; return its shortest time. The others were disturbed.
template <class F>
double ShortestTime(F &&work) {
  double shortest = 1e9;
  for (const double end = Now() + kSeconds; Now() < end;) {
    const double began = Now();
    work();
    shortest = std::min(shortest, Now() - began);
  }
  return shortest;
}

#if defined(__aarch64__)
constexpr int kChains = 24;  // of its 32 registers
#else
constexpr int kChains = 12;  // of at least 16
#endif

// Independent sums, enough of them to keep the multipliers busy while each waits for its last step.
#define NEEDLE_FMA_CHAINS(Name, TARGET, LANES)                                             \
  TARGET __attribute__((noinline)) float Name(float start) {                               \
    typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));              \
    Vector sum[kChains];                                                                   \
    for (int i = 0; i < kChains; ++i) sum[i] = Vector{} + (start + static_cast<float>(i)); \
    const Vector factor = Vector{} + 0.5f * start, term = Vector{} + start;                \
    for (int64_t round = 0; round < kRounds; ++round)                                      \
      for (int i = 0; i < kChains; ++i) sum[i] = sum[i] * factor + term;                   \
    for (int i = 1; i < kChains; ++i) sum[0] += sum[i];                                    \
    return sum[0][0];                                                                      \
  }

NEEDLE_FMA_CHAINS(ChainsOfFour, , 4)
#if defined(__x86_64__)
NEEDLE_FMA_CHAINS(ChainsOfEight, NEEDLE_TARGET_AVX2, 8)
NEEDLE_FMA_CHAINS(ChainsOfSixteen, NEEDLE_TARGET_AVX512, 16)
#endif

struct Chains {
  float (*run)(float);
  int lanes;
};

Chains BestChains() {
  switch (BestIsa()) {
#if defined(__x86_64__)
    case Isa::kAvx512:
      return {ChainsOfSixteen, 16};
    case Isa::kAvx2:
      return {ChainsOfEight, 8};
#endif
    default:
      return {ChainsOfFour, 4};
  }
}

// Return GB/s of work(begin, end) on the floats of arrays of `bytes`, of which it touches so many.
template <class F>
double Bandwidth(int64_t bytes, int arrays, F &&work) {
  const int64_t count = bytes / static_cast<int64_t>(sizeof(float));
  const double seconds = ShortestTime([&] { ParallelFor(count, kGrain, work); });
  return static_cast<double>(arrays) * count * sizeof(float) / seconds * 1e-9;
}

std::unique_ptr<float[]> Touched(const char *where, int64_t bytes) {
  if (bytes < 64)
    throw std::invalid_argument(
        std::string(where) + ": arrays of " + std::to_string(bytes) +
        " bytes. Expected at least 64. Pass some times the size of the cache in question.");
  return std::make_unique<float[]>(bytes / sizeof(float));
}

}  // namespace

double FmaPeak() {
  const Chains chains = BestChains();
  volatile float start = 1.0f,
                 kept = 0.0f;  // unknown to the compiler, so that it computes nothing beforehand
  const double seconds = ShortestTime([&] { kept = chains.run(start); });
  return 2.0 * kChains * chains.lanes * kRounds / seconds * 1e-9;
}

double CopyBandwidth(int64_t bytes) {
  const auto from = Touched("copy_bandwidth", bytes), to = Touched("copy_bandwidth", bytes);
  return Bandwidth(bytes, 2, [&](int64_t begin, int64_t end) {
    memcpy(to.get() + begin, from.get() + begin, (end - begin) * sizeof(float));
  });
}

double TriadBandwidth(int64_t bytes) {
  const auto a = Touched("triad_bandwidth", bytes), b = Touched("triad_bandwidth", bytes),
             out = Touched("triad_bandwidth", bytes);
  return Bandwidth(bytes, 3, [&](int64_t begin, int64_t end) {
    float *__restrict to = out.get();
    for (int64_t i = begin; i < end; ++i) to[i] = a[i] + 0.5f * b[i];
  });
}

}  // namespace needle::fast
