// The rows of sequences_kernels.h with AVX2.
#include "../machine/targets.h"
#include "sequences_kernels.h"

#if defined(__x86_64__)
NEEDLE_BEGIN_AVX2

namespace needle::fast {
namespace avx2 {

#define NEEDLE_WIDTH 8
#include "sequences_rows.inl"

}  // namespace avx2

const SequenceKernels kSequencesAvx2 = avx2::kSequences;

}  // namespace needle::fast

NEEDLE_END
#endif
