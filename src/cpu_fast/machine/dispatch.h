// Which of a kernel's variants this processor runs. A variant lives in functions that carry its target (see
// targets.h); the rest of the program is compiled for the baseline, so that one build runs everywhere.
#pragma once

namespace needle::fast {

/// kBaseline is SSE2 on x86-64 and NEON on aarch64; the others exist on x86-64 only, and each includes those
/// before.
enum class Isa { kBaseline, kAvx2, kAvx512 };

/// Return the best one that this processor has, or the one that NEEDLE_ISA (baseline, avx2, avx512) names.
///
/// Throws std::invalid_argument if NEEDLE_ISA names none, or one that this processor lacks. The answer never
/// changes.
Isa BestIsa();

/// Return its name as NEEDLE_ISA spells it.
const char *IsaName(Isa isa);

}  // namespace needle::fast
