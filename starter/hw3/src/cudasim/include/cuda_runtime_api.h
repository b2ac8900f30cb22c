// The calls of CUDA's runtime alone, for files without kernels.
#pragma once

#include "cudasim/fault.h"
#include "cudasim/runtime_api.h"
#include "cudasim/vector_types.h"
