// threadIdx and the like: cuda_runtime.h has them.
#pragma once

#include "cuda_runtime.h"
