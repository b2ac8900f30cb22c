// The rows of sequences_kernels.h for every processor: SSE2 on x86-64, NEON on aarch64. And which to take.
#include "../machine/dispatch.h"
#include "../machine/targets.h"
#include "sequences_kernels.h"

namespace needle::fast {
namespace baseline {

#define NEEDLE_WIDTH 4
#include "sequences_rows.inl"

}  // namespace baseline

const SequenceKernels kSequencesBaseline = baseline::kSequences;

const SequenceKernels &SequenceKernelsHere() {
#if defined(__x86_64__)
  if (BestIsa() == Isa::kAvx512) return kSequencesAvx512;
  if (BestIsa() == Isa::kAvx2) return kSequencesAvx2;
#endif
  return kSequencesBaseline;
}

}  // namespace needle::fast
