// The checks of every access.
#pragma once

#include <cstddef>
#include <cstdint>

#include "report.h"

namespace cudasim {

// Check an access of a kernel, or of the host, before it is made.
void CheckRange(uintptr_t address, size_t bytes, AccessKind kind, uintptr_t pc);

}  // namespace cudasim
