// The program machine_limits: how fast one core of this machine can multiply and add, and how fast it can
// reach its memory. A kernel is judged by these.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace needle {

#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif
typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));

constexpr int CHAINS = 12;  // multiply-adds of which none waits for another: more than a core can overlap

static double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Return how long `repeats` rounds of CHAINS multiply-adds take, in seconds.
static double TimeMultiplyAdds(int64_t repeats) {
  Vector chains[CHAINS];
  for (int i = 0; i < CHAINS; ++i) chains[i] = Vector{} + static_cast<float>(i);
  volatile float hidden[] = {0.999f, 0.001f};  // the compiler shall not know them
  const Vector factor = Vector{} + hidden[0], summand = Vector{} + hidden[1];
  const double start = Seconds();
  for (int64_t k = 0; k < repeats; ++k)
    for (int i = 0; i < CHAINS; ++i) chains[i] = chains[i] * factor + summand;
  const double taken = Seconds() - start;
  Vector sum = {};
  for (const Vector &chain : chains) sum += chain;
  volatile float used = sum[0];  // nor leave them out
  (void)used;
  return taken;
}

// The largest rate of several short runs: an interrupted one is slower.
static double FmaPeak() {
  constexpr int64_t repeats = 2'000'000;
  double best = 1e9;
  for (int run = 0; run < 12; ++run) best = std::min(best, TimeMultiplyAdds(repeats));
  return 2.0 * LANES * CHAINS * repeats / best / 1e9;
}

// a[i] = b[i] + s * c[i], the triad of the STREAM benchmark, on arrays of `bytes` bytes together.
static double Bandwidth(size_t bytes) {
  const size_t count = std::max<size_t>(bytes / (3 * sizeof(float)), 1024);
  std::vector<float> a(count, 0.0f), b(count, 1.0f), c(count, 2.0f);
  const int inner = static_cast<int>(std::max<size_t>(1, 20'000'000 / count));
  double best = 1e9;
  for (int run = 0; run < 8; ++run) {
    const double start = Seconds();
    for (int k = 0; k < inner; ++k) {
      for (size_t i = 0; i < count; ++i) a[i] = b[i] + 3.0f * c[i];
      asm volatile("" : : "r"(a.data()) : "memory");  // a round shall not be left out for the next one
    }
    best = std::min(best, Seconds() - start);
  }
  return 3.0 * sizeof(float) * count * inner / best / 1e9;
}

}  // namespace needle

// Print the limits as JSON: GFLOP/s, where a multiply-add is two operations, and GB/s of arrays that the
// first cache holds, and of such as no cache holds.
int main() {
  std::printf("{\"fma_peak\": %.1f, \"cached\": %.1f, \"uncached\": %.1f}\n", needle::FmaPeak(),
              needle::Bandwidth(16 << 10), needle::Bandwidth(256 << 20));
}
