#include "dispatch.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace needle::fast {
namespace {

Isa Detect() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Isa::kBaseline;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    return Isa::kAvx512;
  return Isa::kAvx2;
#else
  return Isa::kBaseline;
#endif
}

Isa Choose() {
  const Isa best = Detect();
  const char *wanted = std::getenv("NEEDLE_ISA");
  if (wanted == nullptr || *wanted == '\0') return best;
  for (const Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    if (wanted != std::string(IsaName(isa))) continue;
    if (isa <= best) return isa;
    throw std::invalid_argument(std::string("NEEDLE_ISA: ") + wanted + " is more than this processor has. " +
                                "Expected at most " + IsaName(best) + ". Unset it to use the best there is.");
  }
  throw std::invalid_argument(std::string("NEEDLE_ISA: \"") + wanted +
                              "\" is no instruction set known here. Expected baseline, avx2 or avx512. "
                              "Unset it to use the best there is.");
}

}  // namespace

Isa BestIsa() {
  static const Isa isa = Choose();
  return isa;
}

const char *IsaName(Isa isa) {
  switch (isa) {
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx2:
      return "avx2";
    default:
      return "baseline";
  }
}

}  // namespace needle::fast
