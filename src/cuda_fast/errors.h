// What the driver says becomes an exception that names the call or the kernel.
#pragma once

#include "../ndarray_backend_cuda.h"

namespace needle::fast {

using cuda::Require;

}  // namespace needle::fast
