// CUDA's runtime header, for a .cu file that cudasim compiles for this machine's processor.
#pragma once

#ifndef CUDASIM
#define CUDASIM 1
#endif

#include "cudasim/atomics.h"
#include "cudasim/fault.h"
#include "cudasim/launch.h"
#include "cudasim/math.h"
#include "cudasim/qualifiers.h"
#include "cudasim/runtime_api.h"
#include "cudasim/threads.h"
#include "cudasim/vector_types.h"
