// The arguments of the fast CPU kernels.
#pragma once

#include "../fast_arguments.h"
#include "../ndarray_backend_cpu.h"

namespace needle::fast {

using Arguments = ArgumentsFor<cpu::AlignedArray>;

}  // namespace needle::fast
