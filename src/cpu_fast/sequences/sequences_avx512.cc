// The rows of sequences_kernels.h with AVX-512.
#include "../machine/targets.h"
#include "sequences_kernels.h"

#if defined(__x86_64__)
NEEDLE_BEGIN_AVX512

namespace needle::fast {
namespace avx512 {

#define NEEDLE_WIDTH 16
#include "sequences_rows.inl"

}  // namespace avx512

const SequenceKernels kSequencesAvx512 = avx512::kSequences;

}  // namespace needle::fast

NEEDLE_END
#endif
