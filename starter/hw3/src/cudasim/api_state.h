// What the runtime's calls and launches have in common.
#pragma once

#include <mutex>

#include "include/cudasim/runtime_api.h"
#include "report.h"

namespace cudasim {

// There is one device, and whoever uses it holds this.
std::recursive_mutex &DeviceMutex();

void SetLastError(cudaError_t error);

// The host touched device memory, at a place where nothing can be thrown: the next call throws.
void Pend(const Mistake &mistake);
void ThrowPending();

}  // namespace cudasim
